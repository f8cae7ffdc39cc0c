"""The newest partials in the frames of a stream."""

import numpy as np
import pytest

from innerear.engine.dsp.partial_row import SLOTS, as_row
from innerear.engine.dsp.stft import StreamingStft
from innerear.engine.kernel.dream import level
from innerear.engine.plugin.partials_synthesis import PartialsSynthesis

RATE, N_FFT = 48_000, 1024
HOP, BINS = N_FFT // 4, N_FFT // 2 + 1


def _synthesis() -> PartialsSynthesis:
    return PartialsSynthesis(N_FFT, HOP, RATE, BINS)


def _row(*partials: tuple[float, float, float]) -> np.ndarray:
    """Return a row for (frequency, gain, amplitude) of each partial."""
    table = np.zeros((3, SLOTS), np.float32)
    table[:, : len(partials)] = np.transpose(partials)
    return as_row(BINS, *table)


def _played(rows: list[np.ndarray], synthesis: PartialsSynthesis | None = None) -> np.ndarray:
    """Return the oscillators of some frames, overlap-added, beside a sound with an RMS of 1."""
    synthesis = synthesis or _synthesis()
    stft = StreamingStft(1, N_FFT)
    tone = np.sqrt(2.0) * np.cos(2 * np.pi * 3000.0 / RATE * np.arange(N_FFT))
    unit = level(stft.analyse(tone[np.newaxis].astype(np.float32)))[0]
    found = [stft.synthesise((synthesis.oscillators(row) * unit)[np.newaxis]) for row in rows]
    return np.concatenate(found, axis=1)[0]


@pytest.mark.parametrize("hertz", [120.0, 440.0, 1234.5, 6000.0])
def test_an_oscillator_has_its_frequency_and_amplitude(hertz: float) -> None:
    made = _played([_row((hertz, 0.0, 0.3))] * 100)[2 * N_FFT :]
    time = np.arange(len(made)) / RATE
    turned = 2.0 * np.mean(made * np.exp(-2j * np.pi * hertz * time))
    assert abs(turned) == pytest.approx(0.3, rel=0.02)
    wave = (turned * np.exp(2j * np.pi * hertz * time)).real
    assert np.abs(made - wave).max() < 0.03


def test_oscillators_are_continuous_where_the_frequency_changes() -> None:
    made = _played([_row((500.0 + 3.0 * number, 0.0, 0.3)) for number in range(60)])[N_FFT:]
    steepest = 2 * np.pi * 700.0 / RATE * 0.3
    assert np.abs(np.diff(made)).max() < 1.1 * steepest


def test_own_partials_are_a_filter_that_reaches_no_further() -> None:
    gains = _synthesis().gains(_row((940.0, 1.0, 0.0), (4690.0, -0.5, 0.0)))
    near = np.abs(np.arange(BINS) * RATE / N_FFT - 940.0) <= RATE / N_FFT
    assert near.sum() >= 2
    np.testing.assert_allclose(gains[near], 1.0)
    near = np.abs(np.arange(BINS) * RATE / N_FFT - 4690.0) <= RATE / N_FFT
    np.testing.assert_allclose(gains[near], -0.5)
    assert np.count_nonzero(gains) <= 8


def test_a_partial_below_the_first_bins_is_where_it_is() -> None:
    gains = _synthesis().gains(_row((60.0, 1.0, 0.0)))
    assert gains[1] == 1.0
    assert not gains[4:].any()


def test_close_partials_share_their_bins() -> None:
    gains = _synthesis().gains(_row((900.0, 1.0, 0.0), (930.0, 1.0, 0.0)))
    assert gains.max() == pytest.approx(1.0)


def test_no_partials_are_exactly_nothing() -> None:
    synthesis = _synthesis()
    silence = np.zeros(BINS, np.float32)
    assert not synthesis.gains(silence).any()
    assert not synthesis.oscillators(silence).any()


@pytest.mark.parametrize("hertz", [0.0, 10.0, 24_000.0, 1e9, -5.0, np.nan, np.inf])
def test_any_frequency_is_safe(hertz: float) -> None:
    synthesis = _synthesis()
    for _ in range(2):
        synthesis.gains(_row((hertz, 1.0, 0.0)))
        synthesis.oscillators(_row((hertz, 0.0, 1.0)))
    assert np.isfinite(synthesis.oscillators(_row((440.0, 0.0, 1.0)))).all()
