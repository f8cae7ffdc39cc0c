"""Compares exported graphs with torch: activations, and gradients by every rule."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..engine.packs.onnx_runners import ACTIVATION_PREFIX, DIRECTION_PREFIX, RULES
from ..engine.packs.sessions.session import open_session
from ..models.networks.listener import Listener
from .capture.reference import torch_dream, torch_hear
from .capture.threads import torch_threads

_BATCHES = (1, 3)
# Where two samples of a max-pooling are equal but for rounding, either may win, and the gradient
# takes another path. That happens now and then, but not again and again.
_DRAWS = 3
CLOSE = 3e-5


def compare_with_torch(listener: Listener, hear: bytes, dream: bytes) -> tuple[float, float]:
    """Return the largest relative L2 errors of activations and of gradients.

    Noise and tones go through both, one and three at a time, with a direction in each layer
    and with each rule. Of up to three draws of each the closest counts.

    Args:
        listener: whose graphs they are, in eval mode.
        hear: the ONNX model that hears.
        dream: the ONNX model that dreams.
    """
    with torch_threads(1):
        return _compare(listener, open_session(hear), open_session(dream))


def _compare(listener: Listener, hearing: Any, dreaming: Any) -> tuple[float, float]:
    hear_error = dream_error = 0.0
    for batch in _BATCHES:
        waveform = next(sample_waveforms(listener, batch))
        heard = torch_hear(listener, waveform)
        hear_error = max(hear_error, _hear_error(hearing, waveform, heard))
        units = {name: map_.shape[1] for name, map_ in heard.items()}
        for layer in units:
            for rule in RULES:
                draws = []
                for drawn in sample_waveforms(listener, batch):
                    draws.append(_dream_error(dreaming, listener, drawn, units, layer, rule))
                    if draws[-1] < CLOSE:
                        break
                dream_error = max(dream_error, min(draws))
    return hear_error, dream_error


def relative_error(found: Any, expected: Any) -> float:
    """Return |found - expected| / |expected|, in the L2 norm; infinite where not finite."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    difference = float(np.linalg.norm(found - expected))
    scale = float(np.linalg.norm(expected))
    if found.shape != expected.shape or not np.isfinite(difference):
        return float("inf")
    return difference / scale if scale > 0 else difference


def sample_waveforms(listener: Listener, batch: int) -> Iterator[Tensor]:
    """Yield noise with a tone in it, [batch, window], in several draws."""
    for seed in range(_DRAWS):
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(batch, listener.window, generator=generator)
        hertz = 100.0 * 30.0 ** torch.rand(batch, 1, generator=generator)
        time = torch.arange(listener.window) / listener.sample_rate
        yield 0.1 * noise + 0.3 * torch.sin(2 * torch.pi * hertz * time)


def _hear_error(session: Any, waveform: Tensor, heard: dict[str, Tensor]) -> float:
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, {"waveform": waveform.numpy()}), strict=True))
    return max(relative_error(found[name], expected) for name, expected in heard.items())


def _dream_error(
    session: Any, listener: Listener, waveform: Tensor, units: dict[str, int], layer: str, rule: str
) -> float:
    batch = len(waveform)
    generator = torch.Generator().manual_seed(len(layer))
    direction = torch.randn(batch, units[layer], generator=generator)
    feeds = {"waveform": waveform.numpy(), "rule": np.array(RULES[rule], np.int64)}
    for name, count in units.items():
        zeros = np.zeros((batch, count), np.float32)
        feeds[DIRECTION_PREFIX + name] = direction.numpy() if name == layer else zeros
    objective, gradient, activation = session.run(
        ["objective", "gradient", ACTIVATION_PREFIX + layer], feeds
    )
    expected, expected_gradient = torch_dream(listener, waveform, {layer: direction}, rule)
    # An objective is a sum that may be nearly zero: it is compared with what goes into it.
    scale = np.abs(direction.numpy() * activation).sum(1) + np.abs(expected.numpy())
    difference = float((np.abs(objective - expected.numpy()) / np.maximum(scale, 1e-6)).max())
    return max(relative_error(gradient, expected_gradient), difference)
