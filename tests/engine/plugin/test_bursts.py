"""A sound that comes back after a pause meets a dream of its own size, in every combination."""

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.dreaming.dream import Dream
from innerear.engine.dsp.ring_buffer import RingBuffer
from innerear.engine.packs.pack import Pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin.dream_reader import DreamReader
from innerear.engine.plugin.processor import Processor

from .streams import PARAMETERISATIONS, chord, run

RATE = 16_000


def _gated(noise_db: float) -> np.ndarray:
    """Return tones for a second, nothing for 0.8 s, and tones again, over a faint noise."""
    tones = chord(2.6)
    tones[RATE : round(1.8 * RATE)] = 0.0
    noise = np.random.default_rng(1).standard_normal(len(tones))
    return np.asarray(tones + 10 ** (noise_db / 20) * noise, np.float32)[np.newaxis]


def _level(sound: np.ndarray, start: float, seconds: float) -> float:
    """Return the level in dB of the loudest tenth of a second."""
    part = sound[0, round(start * RATE) : round((start + seconds) * RATE)]
    frames = np.lib.stride_tricks.sliding_window_view(part, RATE // 10)[:: RATE // 40]
    return float(10 * np.log10(np.square(frames).mean(axis=1).max() + 1e-12))


@pytest.mark.parametrize(
    ("alignment", "combine", "parameterisation", "feedback"),
    [
        # Each with one of the two feedbacks; with the other it is in `make test-soak`.
        pytest.param(
            alignment,
            combine,
            parameterisation,
            feedback,
            marks=() if (row + column + turn + also) % 2 == 0 else pytest.mark.soak,
        )
        for row, alignment in enumerate(ALIGNMENTS)
        for column, combine in enumerate(LIVE_COMBINATIONS)
        for turn, parameterisation in enumerate(PARAMETERISATIONS)
        for also, feedback in enumerate((0.0, 0.8))
    ],
)
def test_an_onset_after_silence_is_no_louder_than_the_sound_was_before(
    pack: Pack, alignment: str, combine: str, parameterisation: str, feedback: float
) -> None:
    sound = _gated(-80.0)
    processor = Processor(
        pack, alignment=alignment, combine=combine, parameterisation=parameterisation,
        feedback=feedback, delay_ms=70.0, lookahead_ms=50.0, n_fft=512, step=1.2,
        target="Middle tone", smooth_ms=100.0,
    )  # fmt: skip
    out = run(processor, sound, RATE, 4096)
    before = max(_level(out, 0.3, 0.7), _level(sound, 0.0, 1.0))
    assert _level(out, 1.8, 0.8) < before + 3.0
    after = out[0, round(2.0 * RATE) : round(2.4 * RATE)]
    quietest = np.lib.stride_tricks.sliding_window_view(after, RATE // 10)[:: RATE // 40]
    usual = out[0, round(0.5 * RATE) : RATE].std()
    assert quietest.std(axis=1).min() > 0.25 * usual


class _Source:
    """A dream on a tape, as loud as a tone that begins a little later."""

    tape_lag = update_deadline = 0
    model_rate = RATE

    def __init__(self, dream: np.ndarray) -> None:
        self.newest = Dream(np.zeros(257, np.float32))
        self.tape = RingBuffer(1, len(dream))
        self.tape.write(dream[np.newaxis])


def test_a_dream_that_was_held_in_silence_is_no_louder_than_the_sound_that_comes_back() -> None:
    """The dream reaches into the silence before an onset; then the next one is late."""
    tone = chord(0.5)
    source = _Source(0.3 * tone)
    parameters = ParameterSet(alignment="aligned", lookahead_ms=250.0, parameterisation="waveform")
    reader = DreamReader(source, parameters, RATE, 512)  # type: ignore[arg-type]
    faint = np.full((1, 257), 1e-3, np.complex64)
    loud = np.full((1, 257), 1.0, np.complex64)
    for now in range(1024, 4096, 128):
        reader.read(faint, now, True)
    late = len(tone) + 4096
    held = reader.read(loud, late, True)
    assert held.any()
    assert np.sqrt(np.mean(np.abs(held) ** 2)) <= np.sqrt(np.mean(np.abs(loud) ** 2)) * 1.01
