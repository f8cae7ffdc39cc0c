"""Each unit's spectral template: the spectrum of a waveform that excites it most."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .listener import Listener
from .maximise_filter import BINS, maximise_filters
from .maximise_waveform import STARTS, maximise_waveforms, start_noise

N_FFT = 2 * (BINS - 1)
BATCH = 32
Attempt = Callable[[str, Tensor], tuple[Tensor, Tensor]]
"""Of a layer and its units [batch] makes spectra [batch, 513] and says which units are awake."""


@dataclass(frozen=True)
class Templates:
    """What `maximise_templates` found.

    Attributes:
        spectra: layer -> float16 [units, 513], magnitudes from 0 Hz to half the rate, peak 1;
            zero where the unit is dead.
        dead: layer -> units that nothing could wake.
    """

    spectra: dict[str, NDArray[np.float16]]
    dead: dict[str, list[int]]


def spectrum(waveform: Tensor) -> Tensor:
    """Return the mean magnitude over Hann frames, peak 1.

    Args:
        waveform: float32 [batch, samples].

    Returns:
        float32 [batch, 513].
    """
    window = torch.hann_window(N_FFT)
    frames = waveform.unfold(1, N_FFT, N_FFT // 2) * window
    magnitude: Tensor = torch.fft.rfft(frames).abs().mean(dim=1)
    return magnitude / magnitude.amax(dim=1, keepdim=True).clamp(min=1e-12)


def count_units(network: Listener) -> int:
    """Return how many units there are in all layers together."""
    with torch.no_grad():
        layers = network(torch.zeros(1, network.window))
    return sum(activation.shape[1] for activation in layers.values())


def by_filter(
    network: Listener, generator: torch.Generator, bursts: bool, layer: str, units: Tensor
) -> tuple[Tensor, Tensor]:
    """Shape the spectrum of noise; an `Attempt` from `layer` on."""
    return maximise_filters(network, layer, units, bursts, generator)


def by_waveform(
    network: Listener,
    generator: torch.Generator,
    tilt: float,
    bursts: bool,
    layer: str,
    units: Tensor,
) -> tuple[Tensor, Tensor]:
    """Change noise sample by sample; an `Attempt` from `layer` on."""
    noise = start_noise(len(units), network.window, tilt, bursts, generator)
    waveform, awake = maximise_waveforms(network, layer, units, noise, generator)
    return spectrum(waveform), awake


def attempts(network: Listener, generator: torch.Generator) -> Iterator[Attempt]:
    """List the ways to maximise a unit, each for those that the ones before left asleep."""
    for bursts in (False, True):
        yield partial(by_filter, network, generator, bursts)
    for tilt, bursts in STARTS:
        yield partial(by_waveform, network, generator, tilt, bursts)


def maximise_templates(
    network: Listener,
    seed: int = 1,
    advance: Callable[[int], None] = lambda units: None,
    layers: Collection[str] | None = None,
) -> Templates:
    """Maximise every unit of every layer from random noise.

    First the spectrum of noise is shaped, steady or in bursts. A unit that this leaves silent
    gets its waveform sample by sample, from noise of one colour after the other, and counts as
    dead when all leave it silent.

    Args:
        network: in evaluation mode, on the CPU.
        seed: of the noise.
        advance: called with the number of units that are done.
        layers: the names of those that are wanted; by default all.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        shapes = network(torch.zeros(1, network.window))
    spectra: dict[str, NDArray[np.float16]] = {}
    dead: dict[str, list[int]] = {}
    for layer, activation in shapes.items():
        if layers is not None and layer not in layers:
            continue
        found = torch.zeros(activation.shape[1], BINS)
        left = torch.arange(len(found))
        for attempt in attempts(network, generator):
            asleep = []
            for units in torch.split(left, BATCH):
                magnitude, awake = attempt(layer, units)
                found[units[awake]] = magnitude[awake]
                asleep.append(units[~awake])
                advance(int(awake.sum()))
            left = torch.cat(asleep)
            if not len(left):
                break
        spectra[layer] = found.numpy().astype(np.float16)
        dead[layer] = left.tolist()
    return Templates(spectra, dead)
