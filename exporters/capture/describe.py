"""Measures each layer of a listener: its units, its hop and its receptive field."""

import torch

from ...engine.packs.manifest import LayerInfo
from ...models.networks.listener import Listener
from .capture import CapturedListener


def describe_layers(listener: Listener) -> list[LayerInfo]:
    """Return name, units, hop and receptive field of every layer, in order.

    They are measured. The receptive field is where the gradient of one frame in the middle is not
    zero; the hop is how far that region moves from one frame to the next. For this, ReLUs and
    max-poolings, which hide parts of the field, are replaced by linear operations, and the level of
    the whole waveform by a constant. A field larger than the window counts as the window; so does
    the hop of a layer with a single frame.
    """
    return describe_captured(CapturedListener(listener, batch=1))


def describe_captured(captured: CapturedListener) -> list[LayerInfo]:
    """Describe the layers of a captured listener; see `describe_layers`."""
    generator = torch.Generator().manual_seed(0)
    waveform = 0.1 * torch.randn(captured.batch, captured.window, generator=generator)
    waveform.requires_grad_(True)
    layers: list[LayerInfo] = []
    for name, map_ in captured.linear_maps(waveform).items():
        units, frames = map_.shape[1], map_.shape[-1]
        first, last = _support(map_, frames // 2, waveform)
        hop = captured.window
        if frames > 1:
            hop = _hop(map_, waveform, layers[-1].hop if layers else 1)
        layers.append(LayerInfo(name=name, units=units, hop=hop, receptive_field=last - first + 1))
    return layers


def _hop(map_: torch.Tensor, waveform: torch.Tensor, hop_before: int) -> int:
    """Return the samples between two frames of a map, given the hop of the layer before."""
    frames, window = map_.shape[-1], waveform.shape[1]
    (start, _), (_, end) = (_support(map_, frame, waveform) for frame in (0, frames - 1))
    one, two = (_support(map_, frame, waveform) for frame in (frames // 2 - 1, frames // 2))
    if one[0] > start:
        return two[0] - one[0]
    if two[1] < end:
        return two[1] - one[1]
    # The window cuts off both ends of the frames' fields: only their number is known.
    return hop_before * max(1, round(window / (frames * hop_before)))


def _support(map_: torch.Tensor, frame: int, waveform: torch.Tensor) -> tuple[int, int]:
    """Return the first and the last sample that a frame depends on."""
    if not map_.requires_grad:  # one number for a whole waveform
        return 0, waveform.shape[1] - 1
    generator = torch.Generator().manual_seed(frame)
    seen = map_[0, ..., frame]
    weights = torch.rand(seen.shape, generator=generator) + 0.5
    (gradient,) = torch.autograd.grad((seen * weights).sum(), waveform, retain_graph=True)
    (at,) = torch.nonzero(gradient[0], as_tuple=True)
    return (int(at[0]), int(at[-1])) if len(at) else (0, 0)
