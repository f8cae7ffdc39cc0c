"""The samples that each layer of a network sees, measured by trying it."""

from dataclasses import dataclass

import torch

from .listener import Listener


@dataclass(frozen=True)
class LayerGeometry:
    """Size of one layer; lengths in samples of the waveform.

    Attributes:
        name: of the layer.
        units: feature maps.
        frames: in a window.
        hop: samples between two frames; the window, where there is a single frame.
        receptive_field: samples that one frame sees.
    """

    name: str
    units: int
    frames: int
    hop: int
    receptive_field: int


@torch.no_grad()
def layer_geometry(network: Listener) -> list[LayerGeometry]:
    """Measure every layer of a network in evaluation mode, in network order.

    A NaN in the waveform makes exactly those frames NaN that see it. The edges of what the middle
    frame sees are found by bisection.
    """
    sizes = {
        name: (activation.shape[1], activation.shape[-1])
        for name, activation in network(torch.zeros(1, network.window)).items()
    }
    found: list[LayerGeometry] = []
    for name, (units, frames) in sizes.items():
        middle = (frames - 1) // 2
        first, last = first_seen(network, name, middle), last_seen(network, name, middle)
        hop = network.window
        if frames > 1:
            # A frame that sees as far as the outermost one is cut off there by the window.
            next_last = last_seen(network, name, middle + 1)
            if first > first_seen(network, name, 0):
                hop = first_seen(network, name, middle + 1) - first
            elif next_last < last_seen(network, name, frames - 1):
                hop = next_last - last
            elif found:  # how many frames of the layer before make one?
                hop = found[-1].hop * round(found[-1].frames / frames)
            else:
                hop = network.window // frames
        found.append(LayerGeometry(name, units, frames, hop, last - first + 1))
    return found


def sees_any(network: Listener, layer: str, frame: int, start: int, stop: int) -> bool:
    """Return whether a frame of a layer sees any sample of start..stop - 1."""
    waveform = torch.zeros(1, network.window)
    waveform[:, start:stop] = torch.nan
    return bool(network(waveform)[layer][..., frame].isnan().any())


def first_seen(network: Listener, layer: str, frame: int) -> int:
    """Return the first sample that a frame of a layer sees."""
    clean, seen = 0, network.window
    while seen - clean > 1:
        middle = (clean + seen) // 2
        if sees_any(network, layer, frame, 0, middle):
            seen = middle
        else:
            clean = middle
    return seen - 1


def last_seen(network: Listener, layer: str, frame: int) -> int:
    """Return the last sample that a frame of a layer sees."""
    seen, clean = 0, network.window
    while clean - seen > 1:
        middle = (clean + seen) // 2
        if sees_any(network, layer, frame, middle, network.window):
            seen = middle
        else:
            clean = middle
    return seen
