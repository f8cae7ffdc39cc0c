"""Embeddings: the input of a network's last layer, for sounds."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...engine.arrays import Float
from ...engine.dsp.resample import resample
from ...engine.errors import ModelError
from ...engine.io.audio_files import read_sound
from ..networks.listener import Listener

SILENCE_DB = -70.0
MOST_WINDOWS = 24
"""Of one sound; from longer ones, as many are taken evenly."""
BATCH = 16


def windows_of(path: Path, sample_rate: int, window: int) -> Float:
    """Read a sound file as the windows that a network can take.

    Args:
        path: a sound file; its channels are mixed to one.
        sample_rate: that the network listens at, in hertz.
        window: samples that it takes.

    Returns:
        float32 (windows, window): half overlapping, a short sound padded with silence, and
        without windows below -70 dBFS; (0, window) where all is silence.

    Raises:
        AudioFileError: it is no sound file, or damaged.
    """
    sound, rate = read_sound(path)
    mono = resample(sound.mean(axis=0), rate, sample_rate)
    if len(mono) < window:
        mono = np.pad(mono, (0, window - len(mono)))
    starts = np.arange(0, len(mono) - window + 1, window // 2)
    if len(starts) > MOST_WINDOWS:
        starts = starts[np.linspace(0, len(starts) - 1, MOST_WINDOWS).round().astype(int)]
    windows = np.stack([mono[start : start + window] for start in starts])
    level = np.sqrt(np.mean(np.square(windows), axis=1))
    return np.asarray(windows[level > 10 ** (SILENCE_DB / 20)], np.float32)


def last_layer(network: Listener) -> nn.Linear:
    """Return the linear layer that makes the scores.

    Raises:
        ModelError: the network does not end in one called `classifier`.
    """
    classifier = getattr(network, "classifier", None)
    if not isinstance(classifier, nn.Linear):
        raise ModelError("This network's last layer cannot be taught: it is not linear.")
    return classifier


def embed(network: Listener, windows: Float) -> Tensor:
    """Return the input of the last layer.

    Args:
        network: in evaluation mode.
        windows: float32 (windows, window).

    Returns:
        float32 (windows, features).
    """
    seen: list[Tensor] = []
    handle = last_layer(network).register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0].detach())
    )
    try:
        with torch.no_grad():
            for batch in torch.split(torch.from_numpy(windows), BATCH):
                network(batch)
    finally:
        handle.remove()
    return torch.cat(seen)
