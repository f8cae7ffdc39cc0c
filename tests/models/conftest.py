"""A network and a bank of sounds that are small enough to train in a test."""

import numpy as np
import pytest
import torch

from innerear.models.sounds.bank import Bank
from innerear.models.training.recipes import Recipe

# What is tested here is small: threads would only wait for one another.
torch.set_num_threads(1)

# Shipped presets that are played each time: one for each architecture, parameterisation, alignment
# and kind of drive.
PLAYED_OFTEN = (
    "counting-machine", "constant-q-shadow", "dripping-tones", "no-waiting", "raw-edges",
    "voice-at-once", "half-bar-memory",
)  # fmt: skip

TINY_WIDTHS = [4, 4, 8]
TINY_RATE = 4000


@pytest.fixture(scope="session")
def tiny_bank() -> Bank:
    """Give a bank of low tones, high tones and noise."""
    rng = np.random.default_rng(0)
    time = np.arange(2000) / TINY_RATE
    tones = [np.sin(2 * np.pi * hertz * time) for hertz in (100, 105, 110, 1000, 1050, 1100)]
    sounds = np.stack([*tones, *rng.uniform(-1, 1, (3, len(time)))])
    return Bank(
        sample_rate=TINY_RATE,
        classes=("Low tone", "High tone", "Noise"),
        waveforms=np.round(sounds * 32_000).astype(np.int16),
        labels=np.repeat(np.arange(3), 3),
        active=np.full(9, len(time)),
        held_out=np.tile([False, False, True], 3),
    )


@pytest.fixture(scope="session")
def tiny_recipe() -> Recipe:
    """Give a recipe of two epochs of five steps."""
    return Recipe(
        name="tiny",
        title="Tiny",
        architecture="samplecnn",
        sounds="instruments",
        sample_rate=TINY_RATE,
        settings={"widths": TINY_WIDTHS, "frames": 150, "hop": 90},
        epochs=2,
        steps=5,
        batch=4,
    )
