"""Sound files that stay readable while they grow, also when the process is killed."""

import struct
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

import numpy as np
import soundfile

from ..arrays import Float
from ..errors import AudioFileError
from ..files import check_output, disk_error
from .encoders import to_24_bit
from .forward_file import native_name
from .wav import FloatWavWriter

SUFFIXES = (".flac", ".wav")
MOST_FLAC_CHANNELS = 8


class GrowingSound(Protocol):
    """A sound file that others may read at any time, as far as it is written."""

    def write(self, sound: Float) -> None:
        """Append float32 (channels, samples), and let the file's header count them.

        Raises:
            AudioFileError: the disk is full or gone; what was written before stays readable.
        """

    def close(self) -> None:
        """Close the file; it stays whole even where the disk has no room for its end."""


def open_growing(path: Path, sample_rate: int, channels: int) -> GrowingSound:
    """Make a sound file; the suffix chooses 24-bit FLAC or 32-bit float WAV.

    Args:
        path: ends in .flac or .wav; nothing may be there yet.
        sample_rate: in hertz.
        channels: how many each block will have.

    Raises:
        AudioFileError: a file is there already, or none can be made.
    """
    check_growing(path)
    try:
        path.open("xb").close()
    except FileExistsError:
        raise AudioFileError(f"{path} is there already; name another file") from None
    except OSError as problem:
        raise disk_error(path, problem, AudioFileError) from problem
    kind = _Flac if path.suffix.lower() == ".flac" else _Wav
    try:
        return kind(path, sample_rate, channels)
    except AudioFileError:
        path.unlink(missing_ok=True)
        raise


def check_growing(path: Path) -> None:
    """Raise where no growing sound file can be made.

    Raises:
        AudioFileError: another suffix, a file that is there already, or a folder that is missing.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise AudioFileError(f"{path}: a recording ends in .flac or .wav; name it so")
    check_output(path, AudioFileError)
    if path.exists():
        raise AudioFileError(f"{path} is there already; name another file")


class _Wav:
    """32-bit floats; the header is written anew after each piece."""

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        self._path = path
        try:
            self._file = FloatWavWriter(path, sample_rate, channels)
            self._whole = self._file.update()
        except OSError as problem:
            raise disk_error(path, problem, AudioFileError) from problem

    def write(self, sound: Float) -> None:
        try:
            self._file.write(sound.T)
            self._whole = self._file.update()
        except OSError as problem:
            raise disk_error(self._path, problem, AudioFileError) from problem

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()
        _cut(self._path, self._whole)


class _Flac:
    """24-bit integers; the count in the header follows the frames that are in the file."""

    _BLOCK_SIZE_AT, _BLOCK_SIZE = 10, struct.Struct(">H")
    _COUNT_AT, _COUNT = 18, struct.Struct(">Q16s")
    """In STREAMINFO, see the format's RFC 9639: rate, channels, bits and count in 64 bits, the
    count in the last 36; then the MD5 of all samples, where zeros say that it is not known."""
    _COUNT_BITS = 36

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        self._path = path
        self._header: IO[bytes] | None = None
        self._given = self._counted = 0
        if channels > MOST_FLAC_CHANNELS:
            raise AudioFileError(f"{path}: .flac holds at most {MOST_FLAC_CHANNELS} channels")
        try:
            self._file = soundfile.SoundFile(
                native_name(path), "w", sample_rate, channels, "PCM_24", format="FLAC"
            )
            self._file.write(np.zeros((0, channels), np.int32))
        except soundfile.LibsndfileError as problem:
            raise AudioFileError(
                f"{path}: FLAC cannot hold {channels} channels at {sample_rate} Hz; write .wav"
            ) from problem
        self._whole = path.stat().st_size

    def write(self, sound: Float) -> None:
        try:
            self._file.write(to_24_bit(sound.T))
            self._given += sound.shape[1]
            self._whole = self._path.stat().st_size
            self._count()
        except soundfile.LibsndfileError as problem:
            raise AudioFileError(
                f"{self._path}: the disk is full or gone ({problem.error_string})"
            ) from problem
        except OSError as problem:
            raise disk_error(self._path, problem, AudioFileError) from problem

    def close(self) -> None:
        try:
            self._file.close()
            if soundfile.info(native_name(self._path)).frames == self._given:
                return
        except soundfile.LibsndfileError:
            pass
        finally:
            if self._header is not None:
                self._header.close()
        _cut(self._path, self._whole)  # no room for its end: it ends with the last frame before
        with suppress(OSError), self._path.open("r+b", buffering=0) as file:
            self._set_count(file)

    def _count(self) -> None:
        """Let the header count the frames that the encoder has handed out."""
        if self._header is None:
            self._header = self._path.open("r+b", buffering=0)
        self._header.seek(self._BLOCK_SIZE_AT)
        read = self._header.read(self._BLOCK_SIZE.size)
        if len(read) == self._BLOCK_SIZE.size:
            size = self._BLOCK_SIZE.unpack(read)[0]
            # libFLAC hands a frame out when the first sample of the next one comes.
            self._counted = max(0, self._given - 1) // size * size
            self._set_count(self._header)

    def _set_count(self, file: IO[bytes]) -> None:
        file.seek(self._COUNT_AT)
        read = file.read(self._COUNT.size)
        if len(read) == self._COUNT.size:
            before = self._COUNT.unpack(read)[0] >> self._COUNT_BITS << self._COUNT_BITS
            file.seek(self._COUNT_AT)
            file.write(self._COUNT.pack(before | self._counted, bytes(16)))


def _cut(path: Path, size: int) -> None:
    """Cut off what stands after the last whole piece."""
    with suppress(OSError):
        if path.stat().st_size > size:
            with path.open("r+b") as file:
                file.truncate(size)
