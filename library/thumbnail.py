"""Draws a spectrogram as a small picture: mel-spaced frequencies upwards, time to the right."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Float
from ..engine.dsp.overview import Overview

WIDTH, HEIGHT = 160, 80
RANGE_DB = 70.0
LOWEST_HZ = 40.0
HIGHEST_HZ = 12_000.0

# Dark to light, each step as much lighter as the last: readable without colour, too.
_STOPS = (
    (0, 0, 4),
    (59, 15, 112),
    (140, 41, 129),
    (222, 73, 104),
    (254, 159, 109),
    (252, 253, 191),
)


def thumbnail(sound: Float, sample_rate: int) -> bytes:
    """Return a picture of a sound, as a PNG file of `WIDTH` by at most `HEIGHT` pixels.

    Args:
        sound: float32 (channels, samples).
        sample_rate: in hertz.
    """
    overview = Overview(sample_rate, sound.shape[1], columns=WIDTH)
    overview.add(sound)
    overview.finish()
    decibels = overview.spectrogram_db[_rows(overview)]
    top = float(decibels.max())
    shade = np.clip((decibels - (top - RANGE_DB)) / RANGE_DB, 0.0, 1.0)
    stops = np.linspace(0.0, 1.0, len(_STOPS))
    channels = [np.interp(shade, stops, [stop[index] for stop in _STOPS]) for index in range(3)]
    return png(np.stack(channels, axis=2).round().astype(np.uint8))


def _rows(overview: Overview) -> NDArray[np.intp]:
    """Return the bin of each row, from the top: the highest frequency first."""
    highest = min(HIGHEST_HZ, overview.sample_rate / 2)
    top, bottom = np.log1p(highest / 700.0), np.log1p(LOWEST_HZ / 700.0)
    hertz = 700.0 * np.expm1(np.linspace(top, bottom, HEIGHT))
    bins = np.rint(hertz * overview.n_fft / overview.sample_rate)
    return np.asarray(np.minimum(bins, overview.n_fft // 2), np.intp)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a PNG file of pixels, uint8 (height, width, 3)."""
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = np.pad(pixels.reshape(height, width * 3), ((0, 0), (1, 0)))  # 0: no filter
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
