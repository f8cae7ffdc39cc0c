"""Writes 32-bit float WAV files front to back, as RF64 once they outgrow WAV's four gigabytes."""

import struct
from pathlib import Path

import numpy as np

from ..arrays import Float

_FLOAT_FORMAT = 3
_UNSIZED = 0xFFFFFFFF
_LARGEST_RIFF = _UNSIZED - 1
_HEADER = struct.Struct("<4sI4s 4sIQQQI 4sIHHIIHHH 4sII 4sI")


class FloatWavWriter:
    """One WAV file being written.

    libsndfile could do this, but stamps each float file with the time of day (its PEAK chunk),
    and then the same sound would not give the same bytes.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        """Open `path` for writing.

        Args:
            path: the file to make.
            sample_rate: in hertz.
            channels: how many every block will have.
        """
        self.sample_rate = sample_rate
        self.channels = channels
        self._samples = 0
        self._file = path.open("wb")
        self._file.write(self._header())

    def write(self, interleaved: Float) -> None:
        """Append `interleaved`, float32 (samples, channels)."""
        self._file.write(np.ascontiguousarray(interleaved, dtype="<f4").data)
        self._samples += len(interleaved)

    def update(self) -> int:
        """Hand all to the system, then let the header count it; return the file's size in bytes."""
        self._file.flush()
        end = self._file.tell()
        self._file.seek(0)
        self._file.write(self._header())
        self._file.flush()
        return self._file.seek(end)

    def finish(self) -> None:
        """Write the sizes into the header and close the file."""
        self.update()
        self._file.close()

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()

    def _header(self) -> bytes:
        frame_bytes = 4 * self.channels
        data_bytes = self._samples * frame_bytes
        riff_bytes = _HEADER.size - 8 + data_bytes
        large = riff_bytes > _LARGEST_RIFF
        # The room for the 64-bit sizes is a JUNK chunk, which readers skip, until it is needed.
        return _HEADER.pack(
            *(b"RF64" if large else b"RIFF", _UNSIZED if large else riff_bytes, b"WAVE"),
            *(b"ds64" if large else b"JUNK", 28),
            *((riff_bytes, data_bytes, self._samples, 0) if large else (0, 0, 0, 0)),
            *(b"fmt ", 18, _FLOAT_FORMAT, self.channels, self.sample_rate),
            *(self.sample_rate * frame_bytes, frame_bytes, 32, 0),
            *(b"fact", 4, min(self._samples, _UNSIZED)),
            *(b"data", _UNSIZED if large else data_bytes),
        )
