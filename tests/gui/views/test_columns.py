"""Spectrogram columns: pitch, level, and blockwise equals whole."""

import numpy as np
import pytest

from innerear.gui.views.columns import CEILING_DB, FLOOR_DB, ROWS, SpectrumColumns
from innerear.gui.views.frequency_axis import FrequencyAxis

AXIS = FrequencyAxis()


def _tone(hertz: float, rate: int, level_db: float = -20.0, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def _decibels(columns: np.ndarray) -> np.ndarray:
    return FLOOR_DB + columns * (CEILING_DB - FLOOR_DB) / 255.0


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("hertz", [110.0, 440.0, 860.0, 1760.0, 7040.0])
def test_a_tone_is_brightest_in_its_row_with_its_own_level(rate: int, hertz: float) -> None:
    column = SpectrumColumns(rate).push(_tone(hertz, rate))[-1]
    # A low row is narrower than a bin of the window, so its neighbours are nearly as bright.
    found = AXIS.hertz((np.flatnonzero(column == column.max()).mean() + 0.5) / ROWS)
    assert abs(found - hertz) < max(14.0, 0.04 * hertz)
    # High rows add several bins up: the Hann window spreads a tone over 1.5 of them.
    assert -22.0 < _decibels(column).max() < -17.5


@pytest.mark.parametrize("sizes", [[1], [17, 1000], [441], [30_000]])
def test_sound_in_pieces_gives_the_columns_of_the_whole(sizes: list[int]) -> None:
    rng = np.random.default_rng(3)
    sound = (0.1 * rng.standard_normal(24_000)).astype(np.float32)
    whole = SpectrumColumns(48_000).push(sound)
    columns, found, at = SpectrumColumns(48_000), [], 0
    while at < len(sound):
        size = sizes[len(found) % len(sizes)]
        found.append(columns.push(sound[at : at + size]))
        at += size
    pieces = np.concatenate(found)
    assert pieces.shape == whole.shape == (len(sound) // columns.hop, ROWS)
    # Sums of single precision in another order may fall on the other side of a step.
    assert np.abs(pieces.astype(int) - whole).max() <= 1


def test_a_click_is_sharper_in_time_when_high_than_when_low() -> None:
    sound = np.zeros(48_000, np.float32)
    sound[24_000] = 1.0
    levels = SpectrumColumns(48_000).push(sound)
    lit = (levels > 0).sum(axis=0)
    assert 0 < lit[round(AXIS.place(8000.0) * ROWS)] < lit[round(AXIS.place(110.0) * ROWS)] / 3


def test_silence_is_dark() -> None:
    assert not SpectrumColumns(44_100).push(np.zeros(10_000, np.float32)).any()
