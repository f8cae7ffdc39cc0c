"""The formats a sound can be written in, each with the same methods: write, finish, close."""

from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import AudioFileError
from ..files import disk_error
from .forward_file import native_name
from .ogg import fix_serial
from .wav import FloatWavWriter

_FULL_SCALE_24_BIT = 2**23
MOST_AIFF_BYTES = 2**32 - 65_536
"""Of samples; the format counts its bytes in 32 bits."""
MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""In hertz."""


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
    return FORMATS[path.suffix.lower()](temporary, path, sample_rate, channels)


def to_24_bit(sound: Float) -> NDArray[np.int32]:
    """Return samples as 24-bit steps in the upper bits, as libsndfile wants them; clipped.

    What is no number is silence: an input is recorded as it came, and may hold anything.
    """
    # libsndfile's own conversion scales by one less than it divides by when it reads, so a
    # loud sound would not survive the round trip.
    steps = np.nan_to_num(np.rint(sound.astype(np.float64) * _FULL_SCALE_24_BIT), nan=0.0)
    limited = np.clip(steps, -_FULL_SCALE_24_BIT, _FULL_SCALE_24_BIT - 1)
    found: NDArray[np.int32] = limited.astype(np.int32) << 8
    return found


class _Format:
    """What a format can hold."""

    most_channels: ClassVar[int]

    @classmethod
    def check(cls, path: Path, sample_rate: int, channels: int) -> None:
        """Raise where a file of this format cannot be.

        Raises:
            AudioFileError: says what it holds instead.
        """
        suffix = path.suffix.lower()
        if channels > cls.most_channels:
            raise AudioFileError(
                f"{path}: {suffix} holds at most {cls.most_channels} channels, not {channels}; "
                "write .wav"
            )
        if not cls._holds_rate(sample_rate):
            raise AudioFileError(
                f"{path}: {suffix} cannot hold a sample rate of {sample_rate} Hz; write .wav"
            )

    @classmethod
    def _holds_rate(cls, sample_rate: int) -> bool:
        return True


class _Wav(_Format):
    """32-bit floats, exactly as they are written."""

    most_channels = 65_535

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


class _Libsndfile(_Format):
    """A format that libsndfile writes."""

    format: ClassVar[str]
    subtype: ClassVar[str]
    options: ClassVar[dict[str, str | float]] = {}

    def __init__(self, temporary: Path, path: Path, sample_rate: int, channels: int) -> None:
        self._temporary = temporary
        self._path = path
        self._samples = 0
        try:
            self._file = soundfile.SoundFile(
                native_name(temporary),
                "w",
                sample_rate,
                channels,
                self.subtype,
                format=self.format,
                **self.options,
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
            complete = soundfile.info(native_name(self._temporary)).frames == self._samples
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


class _Integers(_Libsndfile):
    """24-bit integers: exactly what a 16 or 24 bit file held; clipped at full scale."""

    subtype = "PCM_24"

    def _convert(self, interleaved: Float) -> NDArray[np.int32]:
        return to_24_bit(interleaved)


class _Flac(_Integers):
    """Lossless, packed."""

    format = "FLAC"
    most_channels = 8

    @classmethod
    def _holds_rate(cls, sample_rate: int) -> bool:
        return sample_rate <= 65_535 or sample_rate % 10 == 0


class _Aiff(_Integers):
    """Lossless, as it is."""

    format = "AIFF"
    most_channels = 1024  # as many as libsndfile reads

    def write(self, interleaved: Float) -> None:
        samples = self._samples + len(interleaved)
        if samples * interleaved.shape[1] * 3 > MOST_AIFF_BYTES:
            raise AudioFileError(
                f"{self._path}: .aiff holds at most 4 gigabytes, and the sound is longer; write"
                " .wav or .flac"
            )
        super().write(interleaved)


class _Vorbis(_Libsndfile):
    """Lossy."""

    format = "OGG"
    subtype = "VORBIS"
    most_channels = 255

    def finish(self) -> None:
        super().finish()
        try:
            fix_serial(self._temporary)
        except ValueError as problem:  # libsndfile says nothing of pages that found no room
            raise self._unfinished() from problem


class _Mpeg(_Libsndfile):
    """Lossy; its header says what the encoder added at both ends, so that length and place stay."""

    format = "MP3"
    subtype = "MPEG_LAYER_III"
    options: ClassVar[dict[str, str | float]] = {
        "bitrate_mode": "VARIABLE",
        "compression_level": 0.0,
    }
    most_channels = 2

    @classmethod
    def _holds_rate(cls, sample_rate: int) -> bool:
        return sample_rate in MPEG_RATES


FORMATS: dict[str, type[_Wav | _Libsndfile]] = {
    ".wav": _Wav,
    ".flac": _Flac,
    ".ogg": _Vorbis,
    ".mp3": _Mpeg,
    ".aiff": _Aiff,
    ".aif": _Aiff,
}
"""How a name ends -> what writes that format."""
