"""Sounds, and what the processor makes of them, to compare exported dreams with."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import innerear
from innerear.engine.arrays import Float

torch.set_num_threads(1)

RATE = 48_000


def chord(seconds: float, seed: int = 0, rate: int = RATE) -> Float:
    """Return tones that swell and some noise, (samples,), in whole buffers of 2048 samples."""
    time = np.arange(round(seconds * rate) // 2048 * 2048) / rate
    random = np.random.default_rng(seed)
    hertz = 220.0 * 2.0 ** (np.arange(6) * 0.6 + 0.5 * random.random(6))
    tones = sum(np.sin(2 * np.pi * f * time) / (n + 1) for n, f in enumerate(hertz))
    swell = 0.6 + 0.4 * np.sin(4 * np.pi * time)
    return np.asarray(0.15 * swell * tones + 0.02 * random.standard_normal(len(time)), np.float32)


def buffers(sound: Float, *sizes: int) -> Iterator[Float]:
    """Yield a sound in buffers of these sizes, again and again, while a whole one is left."""
    at = 0
    for size in cycle(sizes):
        if at + size > len(sound):
            return
        yield sound[at : at + size]
        at += size


def processor(pack: str, rate: int = RATE, **values: object) -> innerear.Processor:
    """Return a processor of what is exported: one channel, the sound filtered as it comes."""
    made = innerear.Processor(
        pack, parameterisation="filter", alignment="live", feedback=0.0, **values
    )
    made.prepare(rate, 2048, 1)
    return made
