"""Reads and writes sound files block by block, however long they are."""

import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile

from ..arrays import Float
from ..errors import AudioFileError
from ..files import check_output, write_beside
from .encoders import FORMATS, open_encoder
from .forward_file import ForwardFile, count_samples, open_forward

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
SUFFIXES = tuple(FORMATS)
"""Of the files that can be written."""

_CHUNK = 65_536
_MOST_SAMPLE = 1e9
"""Times full scale: beyond it are floats that were read from something else than floats."""
_MOST_NUMBERS = 1 << 29
"""Of all channels, held at once: 2 GB. A short FLAC file can be that much silence."""
_DECLARED_SIZE = re.compile(r"(\w+)\s*: (\d{1,20}|0x[0-9A-Fa-f]{1,16}) \(should be (\d{1,20})\)")


class SoundReader:
    """A sound file, read as float32 (channels, samples) in blocks.

    16 and 24 bit samples become floats without rounding, so they can come out again unchanged.
    What is wrong with the file as a whole (missing, not sound, cut off) is found when it is
    opened; what is wrong inside (not a number, a damaged frame) when a block reaches it.

    Attributes:
        path: the file.
        sample_rate: in hertz, 8,000 to 192,000.
        channels: how many.
        samples: per channel; `blocks` yields exactly as many. Where no header states it, as in
            FLAC files that were written into a pipe and in MP3 files of variable rate without a
            count, the file is decoded once to count them.
        format: of the file: "WAV", "FLAC", "OGG", ...
        subtype: of its samples: "PCM_16", "PCM_24", "FLOAT", "VORBIS", ...
    """

    def __init__(self, path: Path | str, finite: bool = True) -> None:
        """Open `path` and check it.

        Args:
            path: a WAV, FLAC, OGG, MP3 or AIFF file, or another that libsndfile reads.
            finite: whether a sample that is not a number is an error.

        Raises:
            AudioFileError: there is no such file, it is no sound, is cut off or empty, or has a
                sample rate outside 8 to 192 kHz.
        """
        self.path = Path(path)
        self._finite = finite
        self._file = _open(self.path)
        self._is_at_start = True
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.format: str = self._file.format
        self.subtype: str = self._file.subtype
        try:
            self._check()
            self.samples: int = (
                self._file.frames if self._file.states_length else count_samples(self.path)
            )
            self._check_length()
        except OSError as problem:
            self.close()
            raise _unreadable(self.path, problem) from problem
        except AudioFileError:
            self.close()
            raise

    def blocks(self, size: int) -> Iterator[Float]:
        """Read from the start to the end.

        Args:
            size: samples per block; the last block may be shorter.

        Yields:
            float32 (channels, at most `size`).

        Raises:
            AudioFileError: the file is damaged or cut off, or a sample is not a number.
        """
        # Reading pieces that short one by one would take longer than decoding them.
        chunk = size * max(1, _CHUNK // (size * self.channels))
        if not self._is_at_start:
            self.close()
            self._file = _open(self.path)
        self._is_at_start = False
        read = 0
        while read < self.samples:
            try:
                interleaved = self._file.read(chunk, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as problem:
                raise self._damaged(read) from problem
            except OSError as problem:
                raise _unreadable(self.path, problem) from problem
            if len(interleaved) == 0:
                raise self._damaged(read)
            sound = np.ascontiguousarray(interleaved.T)
            self._check_finite(sound, read)
            for start in range(0, sound.shape[1], size):
                yield sound[:, start : start + size]
            read += sound.shape[1]

    def close(self) -> None:
        """Close the file."""
        with suppress(soundfile.LibsndfileError):  # a damaged file has been complained about
            self._file.close()

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def _check(self) -> None:
        if self._file.is_cut_off or _cut_off(self.format, self._file.extra_info):
            raise AudioFileError(
                f"{self.path}: the file is cut off before the end that its header promises; "
                "copy or download it again"
            )
        if not LOWEST_RATE <= self.sample_rate <= HIGHEST_RATE:
            raise AudioFileError(
                f"{self.path}: a sample rate of {self.sample_rate} Hz is outside 8 to 192 kHz; "
                "resample it first"
            )

    def _check_length(self) -> None:
        if self.samples == 0:
            raise AudioFileError(
                f"{self.path}: there is no sound in it (0 samples); name another file"
            )

    def _check_finite(self, sound: Float, start: int) -> None:
        if not self._finite or self.subtype not in ("FLOAT", "DOUBLE"):
            return
        fine = np.abs(sound) <= _MOST_SAMPLE  # not where it is not a number
        if not fine.all():
            at = int(np.argmin(fine.all(axis=0)))
            sample, worst = start + at, float(sound[np.argmin(fine[:, at]), at])
            what = f"{abs(worst):.0e} times full scale" if np.isfinite(worst) else "not a number"
            raise AudioFileError(
                f"{self.path}: sample {sample} ({sample / self.sample_rate:.3f} s) is {what}; "
                "repair the file or export it again"
            )

    def _damaged(self, read: int) -> AudioFileError:
        return AudioFileError(
            f"{self.path}: the file is damaged or cut off: its header promises {self.samples} "
            f"samples, about {read} can be read; copy or download it again"
        )


class SoundWriter:
    """A sound file being written, which appears under its name only once it is whole.

    The suffix chooses the format: `.wav` holds 32-bit floats, exactly what is written; `.flac`
    and `.aiff` (or `.aif`) hold 24 bits, so exactly what a 16 or 24 bit file held, and clip at full
    scale; `.ogg` is Vorbis; `.mp3` is MPEG layer III in its best variable rate. The same sound
    gives the same bytes.

    Use it as a context manager: leaving it by an exception leaves no file behind.
    """

    def __init__(self, path: Path | str, sample_rate: int, channels: int) -> None:
        """Check that `path` can be written; the file is made on entering the context.

        Args:
            path: ends in one of `SUFFIXES`.
            sample_rate: in hertz.
            channels: how many every block will have.

        Raises:
            AudioFileError: an unknown suffix, a folder that is missing or not writable, or more
                than the format can hold.
        """
        self.path = Path(path)
        self.sample_rate = sample_rate
        self.channels = channels
        self.samples = 0
        self._pending: list[Float] = []
        self._pending_samples = 0
        check_sound_output(self.path)
        FORMATS[self.path.suffix.lower()].check(self.path, sample_rate, channels)

    def write(self, block: Float) -> None:
        """Append `block`, float32 (channels, samples).

        Raises:
            AudioFileError: the disk is full, or the file would be longer than its format holds.
        """
        self._pending.append(block.T)
        self._pending_samples += block.shape[1]
        if self._pending_samples >= _CHUNK:
            self._flush()

    def __enter__(self) -> Self:
        """Open a temporary file beside the path."""
        with ExitStack() as stack:
            temporary = stack.enter_context(write_beside(self.path, AudioFileError))
            self._encoder = open_encoder(temporary, self.path, self.sample_rate, self.channels)
            stack.callback(self._encoder.close)
            stack.push(self._finish_unless_failed)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file and give it its name; on an exception, delete it."""
        self._stack.__exit__(kind, value, trace)

    def _finish_unless_failed(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
            self._encoder.finish()

    def _flush(self) -> None:
        if self._pending:
            self._encoder.write(np.concatenate(self._pending))
            self._pending.clear()
            self._pending_samples = 0


def read_sound(path: Path | str) -> tuple[Float, int]:
    """Read a whole sound file, for short ones.

    Args:
        path: as `SoundReader`.

    Returns:
        float32 (channels, samples), and the sample rate in hertz.

    Raises:
        AudioFileError: as `SoundReader`.
    """
    with SoundReader(path) as reader:
        if reader.samples * reader.channels > _MOST_NUMBERS:
            raise AudioFileError(
                f"{path}: {reader.samples} samples of {reader.channels} channels are too many to be"
                " read at once; cut out the part that matters"
            )
        return np.concatenate(list(reader.blocks(_CHUNK)), axis=1), reader.sample_rate


def check_sound_output(path: Path) -> None:
    """Raise where no sound could be written at `path`, before any work is done.

    Raises:
        AudioFileError: an unknown suffix, or a folder that is missing or not writable.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise AudioFileError(
            f"{path}: a name that ends in {path.suffix or 'no suffix'} says no format that can be "
            f"written; end it in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        )
    check_output(path, AudioFileError)


def _open(path: Path) -> ForwardFile:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # of a name with a zero in it
        raise AudioFileError(f"{path}: there is no such file; check the name") from None
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if stat.S_ISDIR(found.st_mode):
        raise AudioFileError(f"{path} is a folder; name a sound file in it")
    if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, and cannot be read twice
        raise AudioFileError(f"{path} is no file; name a sound file")
    if found.st_size == 0:
        raise AudioFileError(f"{path}: the file is empty (0 bytes); name another file")
    try:
        return open_forward(path)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    # soundfile takes .raw for headerless sound, whose rate and channels it does not know.
    except (soundfile.LibsndfileError, TypeError) as problem:
        raise AudioFileError(
            f"{path}: not a sound file, or damaged; convert it to WAV, FLAC, OGG or MP3"
        ) from problem


def _unreadable(path: Path, problem: OSError) -> AudioFileError:
    return AudioFileError(f"{path}: cannot be read ({problem.strerror})")


def _cut_off(kind: str, log: str) -> bool:
    """Whether a file ends before its header says, by what libsndfile noted on opening it.

    libsndfile plays the rest of a file that was cut off without an error; only its log says so.
    """
    if "Last page lacks an end-of-stream bit" in log or "Junk after the last page" in log:
        return True
    for chunk, declared_text, actual in _DECLARED_SIZE.findall(log):
        # Some programs count the outermost chunk's size wrongly by a few bytes.
        if kind in ("WAV", "WAVEX", "AIFF") and chunk not in ("data", "SSND"):
            continue
        declared = int(declared_text, 16 if declared_text.startswith("0x") else 10)
        # Sizes close to the highest are placeholders of programs that wrote into a pipe.
        placeholder = any(0 <= 2**bits - declared <= 65_536 for bits in (31, 32))
        if declared > int(actual) and not placeholder:
            return True
    return False
