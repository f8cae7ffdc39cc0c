"""Sounds, settings and runs that the tests of the processor share."""

from typing import Any

import numpy as np

from innerear.engine.parameterisations import LIVE_PARAMETERISATIONS
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

RATES = [22_050, 44_100, 48_000, 96_000]
BLOCKS = [1, 17, 64, 128, 480, 512, 4096]
PARAMETERISATIONS = tuple(name for name in LIVE_PARAMETERISATIONS if name != "filter")
"""One holds the filter, and is the filter alone where the toy's window is too short to add."""
LIVELY: dict[str, Any] = {
    "feedback": 0.6, "delay_ms": 40.0, "combine": "add", "step": 1.5, "smooth_ms": 5.0,
    "target": "Middle tone", "lookahead_ms": 50.0, "n_fft": 512, "mix": 0.8, "output_db": 6.0,
}  # fmt: skip


def music(rate: int, seconds: float, channels: int = 2) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    rng = np.random.default_rng(5)
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (220.0, 330.0, 550.0)[:channels]]
    noise = 0.02 * rng.standard_normal((channels, len(time)))
    return (np.stack(tones) * np.exp(-3 * time) + noise).astype(np.float32)


def run(processor: Processor, sound: np.ndarray, rate: int, block: int) -> np.ndarray:
    processor.prepare(rate, block, len(sound))
    return np.concatenate(list(process_stream(processor, [sound])), axis=1)


def chord(seconds: float) -> np.ndarray:
    """Return the toy's middle and high tone and one at 250 Hz, at 16 kHz, (samples,)."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    tones = [0.1 * np.sin(2 * np.pi * hertz * time) for hertz in (250, 1000, 4000)]
    return np.sum(tones, axis=0).astype(np.float32)


def tone_run(processor: Processor, rate: int, seconds: float, **changes: Any) -> np.ndarray:
    """Play a tone; see `played`."""
    sound = (0.3 * np.sin(2 * np.pi * 250 * np.arange(int(rate * seconds)) / rate)).astype("f4")
    return played(processor, sound, **changes)


def played(processor: Processor, sound: np.ndarray, **changes: Any) -> np.ndarray:
    """Play a sound, (samples,), in blocks of 64; halfway, call or set what `changes` holds."""
    outs = []
    for at in range(0, len(sound) - 63, 64):
        if at == len(sound) // 2 // 64 * 64:
            for id, value in changes.items():
                if id == "clear":
                    processor.clear()
                else:
                    processor.parameters.set(id, value)
        outs.append(processor.process(sound[np.newaxis, at : at + 64])[0])
    return np.concatenate(outs)
