"""Whatever comes in and whatever the network does: what comes out is finite, below full scale."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor

from .streams import PARAMETERISATIONS, music, run

_DREAMS = (("filter+waveform", "gradient"), ("waveform", "deconv"), ("partials", "guided"))


@pytest.mark.parametrize(
    ("alignment", "combine", "parameterisation", "drive"),
    [
        # Every two choices meet; where all three meet, it is in `make test-soak`.
        pytest.param(
            alignment,
            combine,
            *dream,
            marks=() if (row + column + turn) % 3 == 0 else pytest.mark.soak,
        )
        for row, alignment in enumerate(ALIGNMENTS)
        for column, combine in enumerate(LIVE_COMBINATIONS)
        for turn, dream in enumerate(_DREAMS)
    ],
)
def test_full_feedback_stays_below_full_scale_and_dies_away(
    pack: Pack, alignment: str, combine: str, parameterisation: str, drive: str
) -> None:
    rate, block = 8000, 256
    processor = Processor(
        pack, alignment=alignment, combine=combine, drive=drive, feedback=1.0, step=2.0,
        delay_ms=30, lookahead_ms=25, n_fft=256, hold_ms=0, parameterisation=parameterisation,
    )  # fmt: skip
    processor.prepare(rate, block, 1)
    square = np.sign(np.sin(2 * np.pi * 100 * np.arange(rate) / rate)).astype(np.float32)
    loud = [
        processor.process(square[np.newaxis, at : at + block])
        for at in range(0, rate - block, block)
    ]
    silence = np.zeros((1, block), np.float32)
    after = [processor.process(silence) for _ in range(12 * rate // block)]
    ceiling = 10 ** (-0.1 / 20)
    # From the second half on; the ramp from the sound's own ceiling has ended by then.
    assert max(np.abs(out).max() for out in loud + after) <= ceiling
    assert np.abs(after[-1]).max() < 1e-2
    assert processor.nan_resets == 0


def test_nan_becomes_silence_and_the_sound_goes_on(pack: Pack) -> None:
    processor = Processor(pack, combine="add", feedback=0.5)
    processor.prepare(16_000, 128, 1)
    good = music(16_000, 1.0, 1)
    bad = good[:, :128].copy()
    bad[0, 3:5] = np.nan, np.inf
    assert np.isfinite(processor.process(bad)).all()
    outs = [processor.process(good[:, at : at + 128]) for at in range(0, 15_000, 128)]
    assert np.isfinite(outs).all()
    assert np.abs(outs[-1]).max() > 0.001
    assert processor.status.nan_resets == 1


class _Faulty:
    """A gradient source that gives what a caller says."""

    def __init__(self, pack: Pack, gradient: float) -> None:
        self.sample_rate, self.window = pack.sample_rate, pack.window
        self.layers, self.classes = pack.layers, pack.classes
        self.value = gradient

    def gradient(self, waveform: np.ndarray, directions: Mapping[str, Any], rule: str) -> Gradient:
        activations = {name: np.zeros(3, np.float32) for name in self.layers}
        gradient = np.full(self.window, self.value, np.float32)
        gradient[::2] *= -1
        return Gradient(0.0, gradient, activations)


@pytest.mark.parametrize("parameterisation", PARAMETERISATIONS)
@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("gradient", [np.nan, np.inf, 1e38, 0.0])
def test_a_network_with_extreme_gradients_never_exceeds_full_scale(
    pack: Pack, gradient: float, alignment: str, parameterisation: str
) -> None:
    processor = Processor(
        pack, alignment=alignment, combine="add", lookahead_ms=25, dreamer=_Faulty(pack, gradient),
        parameterisation=parameterisation,
    )  # fmt: skip
    sound = music(16_000, 0.5, 1)
    out = run(processor, sound, 16_000, 128)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0
