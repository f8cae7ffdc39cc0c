"""The formats a sound can be written in, each with the same methods: write, finish, close."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import AudioFileError
from ..files import disk_error
from .ogg import fix_serial
from .wav import FloatWavWriter

_FULL_SCALE_24_BIT = 2**23


class Encoder(Protocol):
    """A sound file being written."""

    def write(self, interleaved: Float) -> None:
        """Append `interleaved`, float32 (samples, channels)."""

    def finish(self) -> None:
        """Write what is still held back, close the file and make sure that it is whole."""

    def close(self) -> None:
        """Close the file, finished or not; raise nothing."""


def open_encoder(temporary: Path, path: Path, sample_rate: int, channels: int) -> Encoder:
    """Start a sound file.

    Args:
        temporary: the file to write.
        path: the name that the user knows it by; its suffix is the format.
        sample_rate: in hertz.
        channels: how many every block will have.

    Returns:
        The encoder, whose errors name `path`.

    Raises:
        AudioFileError: the file cannot be made.
    """
    kinds: dict[str, type[_Wav | _Libsndfile]] = {".wav": _Wav, ".flac": _Flac, ".ogg": _Vorbis}
    return kinds[path.suffix.lower()](temporary, path, sample_rate, channels)


def to_24_bit(sound: Float) -> NDArray[np.int32]:
    """Return samples as 24-bit steps in the upper bits, as libsndfile wants them; clipped."""
    # libsndfile's own conversion scales by one less than it divides by when it reads, so a
    # loud sound would not survive the round trip.
    steps = np.rint(sound.astype(np.float64) * _FULL_SCALE_24_BIT)
    limited = np.clip(steps, -_FULL_SCALE_24_BIT, _FULL_SCALE_24_BIT - 1)
    return limited.astype(np.int32) << 8


class _Wav:
    """32-bit floats, exactly as they are written."""

    def __init__(self, temporary: Path, path: Path, sample_rate: int, channels: int) -> None:
        self._path = path
        try:
            self._file = FloatWavWriter(temporary, sample_rate, channels)
        except OSError as problem:
            raise disk_error(path, problem, AudioFileError) from problem

    def write(self, interleaved: Float) -> None:
        try:
            self._file.write(interleaved)
        except OSError as problem:
            raise disk_error(self._path, problem, AudioFileError) from problem

    def finish(self) -> None:
        try:
            self._file.finish()
        except OSError as problem:
            raise disk_error(self._path, problem, AudioFileError) from problem

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()


class _Libsndfile:
    """A format that libsndfile writes."""

    format: str
    subtype: str

    def __init__(self, temporary: Path, path: Path, sample_rate: int, channels: int) -> None:
        self._temporary = temporary
        self._path = path
        self._samples = 0
        try:
            self._file = soundfile.SoundFile(
                temporary, "w", sample_rate, channels, self.subtype, format=self.format
            )
        except soundfile.LibsndfileError as problem:
            raise AudioFileError(
                f"{path}: {self.format} cannot hold {channels} channels at {sample_rate} Hz "
                f"({problem.error_string}); write .wav"
            ) from problem

    def write(self, interleaved: Float) -> None:
        self._samples += len(interleaved)
        try:
            self._file.write(self._convert(interleaved))
        except soundfile.LibsndfileError as problem:
            raise self._unfinished() from problem

    def finish(self) -> None:
        try:
            self._file.close()
            complete = soundfile.info(self._temporary).frames == self._samples
        except soundfile.LibsndfileError as problem:
            raise self._unfinished() from problem
        # The encoder holds the last samples back until now, and says nothing of a disk that is
        # full by then.
        if not complete:
            raise self._unfinished()

    def close(self) -> None:
        with suppress(soundfile.LibsndfileError):
            self._file.close()

    def _convert(self, interleaved: Float) -> NDArray[np.float32 | np.int32]:
        return interleaved

    def _unfinished(self) -> AudioFileError:
        return AudioFileError(
            f"{self._path}: cannot be written to its end; free some space on the disk or name "
            "another output"
        )


class _Flac(_Libsndfile):
    """24-bit integers: exactly what a 16 or 24 bit file held; clipped at full scale."""

    format = "FLAC"
    subtype = "PCM_24"

    def _convert(self, interleaved: Float) -> NDArray[np.int32]:
        return to_24_bit(interleaved)


class _Vorbis(_Libsndfile):
    """Lossy."""

    format = "OGG"
    subtype = "VORBIS"

    def finish(self) -> None:
        super().finish()
        try:
            fix_serial(self._temporary)
        except ValueError as problem:  # libsndfile says nothing of pages that found no room
            raise self._unfinished() from problem
