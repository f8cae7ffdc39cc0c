"""Measures what each layer of a listener is: its units, its hop, and how far it sees."""

import torch

from ..engine.manifest import LayerInfo
from ..models.listener import Listener
from .capture import CapturedListener


def describe_layers(listener: Listener) -> list[LayerInfo]:
    """Return name, units, hop and receptive field of every layer, in order.

    They are measured: the receptive field is where the gradient of one frame in the middle is
    not zero, the hop is how far that region moves from one frame to the next. ReLUs and
    max-pooling, which hide parts of it, are taken for linear meanwhile, and the level of the
    whole waveform for a constant. A field larger than the window counts as the window; so does
    the hop of a layer with a single frame.
    """
    return describe_captured(CapturedListener(listener, batch=1))


def describe_captured(captured: CapturedListener) -> list[LayerInfo]:
    """Do what `describe_layers` does for a listener captured already."""
    generator = torch.Generator().manual_seed(0)
    waveform = 0.1 * torch.randn(captured.batch, captured.window, generator=generator)
    waveform.requires_grad_(True)
    layers = []
    for name, map_ in captured.linear_maps(waveform).items():
        units, frames = map_.shape[1], map_.shape[-1]
        middle = frames // 2
        first, last = _support(map_, middle, waveform)
        hop = captured.window
        if frames > 1:
            hop = round(captured.window / frames)
            before, before_last = _support(map_, middle - 1, waveform)
            if before > 0 and first > before:
                hop = first - before
            elif last < captured.window - 1 and last > before_last:
                hop = last - before_last
        layers.append(LayerInfo(name=name, units=units, hop=hop, receptive_field=last - first + 1))
    return layers


def _support(map_: torch.Tensor, frame: int, waveform: torch.Tensor) -> tuple[int, int]:
    """Return the first and the last sample that a frame depends on."""
    generator = torch.Generator().manual_seed(frame)
    seen = map_[0, ..., frame]
    weights = torch.rand(seen.shape, generator=generator) + 0.5
    (gradient,) = torch.autograd.grad((seen * weights).sum(), waveform, retain_graph=True)
    (at,) = torch.nonzero(gradient[0], as_tuple=True)
    return (int(at[0]), int(at[-1])) if len(at) else (0, 0)
