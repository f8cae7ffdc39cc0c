"""Sound files that are read once, front to back, to where they really end."""

import io
import os
from pathlib import Path
from typing import Any

import soundfile

from ..errors import AudioFileError
from .mpeg_tags import find_count, find_sound

_LONGER = 64
"""No MPEG stream has a frame so many times as long as another, so no guess is below the truth."""
_OLD_TAG = 128
"""Bytes at the end of an MP3 file in which its decoder looks for a tag."""
_UNKNOWN = 2**62
"""What libsndfile calls a length that no header states is above this."""
_CHUNK = 65_536


class ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file of libsndfile that is read in one direction; see `open_forward`.

    Otherwise libsndfile looks up its place after each block, which fails at the end of a FLAC file
    of unknown length.

    Attributes:
        states_length: whether a header counts the samples; otherwise `frames` means nothing.
        is_cut_off: whether a count of bytes says that the end is missing.
    """

    def __init__(
        self,
        path: Path,
        part: "_Bytes | None" = None,
        states_length: bool = True,
        is_cut_off: bool = False,
    ) -> None:
        """Open `path`, or what stands for it; see `open_forward`."""
        self._part = part
        super().__init__(part or native_name(path))
        self.states_length = states_length and self.frames < _UNKNOWN
        self.is_cut_off = is_cut_off

    def seekable(self) -> bool:
        """Return False: it is read forward only."""
        return False

    def read(self, *arguments: Any, **options: Any) -> Any:
        """Read the next samples; see `soundfile.SoundFile.read`.

        Raises:
            OSError: the disk failed.
        """
        found = super().read(*arguments, **options)
        if self._part is not None and self._part.failure is not None:
            raise self._part.failure
        return found

    def close(self) -> None:
        """Close the file."""
        try:
            super().close()
        finally:
            if self._part is not None:
                self._part.close()


def open_forward(path: Path) -> ForwardFile:
    """Open a sound file to read it to its real end.

    Tags around the sound, such as a cover picture, are skipped. Where nothing counts the frames of
    an MP3 file, or not all of them, libsndfile guesses how many samples there are and stops after
    those; here it is led to guess too many.

    Args:
        path: of a file.

    Raises:
        OSError: it cannot be read.
        soundfile.LibsndfileError: it is no sound that libsndfile knows.
        TypeError: its name ends in .raw.
    """
    with path.open("rb") as file:
        start, end = find_sound(file)
        count = find_count(file, start, end)
    if count is None or count.is_whole:
        opened = ForwardFile(path, _Bytes(path, start, end) if start else None)
        if opened.format != "MP3" or count is not None:
            return opened
        opened.close()
    hidden = -1 if count is None else count.at
    part = _Bytes(path, start, end, _LONGER, hidden)
    is_cut_off = count is not None and count.is_cut_off
    return ForwardFile(path, part, states_length=False, is_cut_off=is_cut_off)


def count_samples(path: Path) -> int:
    """Return how many samples per channel a file has, by decoding it once.

    Raises:
        AudioFileError: it is damaged.
        OSError: it cannot be read.
    """
    count = 0
    with open_forward(path) as file:
        try:
            while found := len(file.read(_CHUNK, dtype="float32", always_2d=True)):
                count += found
        except soundfile.LibsndfileError as problem:
            raise AudioFileError(
                f"{path}: the file is damaged: about {count} samples of it can be read; copy or"
                " download it again"
            ) from problem
    return count


def native_name(path: Path) -> str | bytes:
    """Return a file's name as libsndfile takes it: as bytes where names need not be UTF-8."""
    return os.fsencode(path) if os.name == "posix" else str(path)


class _Bytes(io.RawIOBase):
    """A part of a file, which may pretend to be longer than it is."""

    def __init__(self, path: Path, start: int, end: int, longer: int = 1, hidden: int = -1) -> None:
        """Open a file.

        Args:
            path: of the file.
            start, end: the part of it, in bytes.
            longer: the length is said to be so many times what it is.
            hidden: where in the file four bytes are read as zeros, if not negative.
        """
        self._file = path.open("rb", buffering=0)
        self._start, self._end, self._hidden = start, end, hidden
        self._length = (end - start) * longer
        self._pretends = longer > 1
        self._at = 0
        self.failure: OSError | None = None

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read; zeros complete what the end cuts in two, and stand for a tag at the end."""
        view = memoryview(buffer).cast("B")
        count = self._read(view)
        if self._pretends and (count or self._at >= self._length - _OLD_TAG):
            view[count:] = bytes(len(view) - count)
            count = len(view)
        self._at += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _read(self, view: memoryview) -> int:
        """Read as much as there is into `view`; return how much."""
        place, count = self._start + self._at, 0
        wanted = view[: max(0, self._end - place)]
        try:
            self._file.seek(place)
            while count < len(wanted) and (found := self._file.readinto(wanted[count:])):
                count += found
        except OSError as problem:  # libsndfile's callback could not pass it on
            self.failure = problem
        if self._hidden >= 0:
            first, last = (min(max(0, self._hidden + n - place), count) for n in (0, 4))
            view[first:last] = bytes(last - first)
        return count
