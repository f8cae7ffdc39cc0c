"""Each unit's spectral template: the spectrum of a waveform that excites it most."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .listener import Listener

N_FFT = 1024
BINS = N_FFT // 2 + 1
LEVEL = 0.1
"""Root mean square of the waveforms; they stay on it, so that loudness wins nothing."""
STEPS = 48
FIRST_STEP, LAST_STEP = 0.3, 0.05
"""Length of a step, relative to the waveform."""
STARTS = ((-0.5, False), (0.0, False), (-0.5, True), (-1.0, True), (0.0, True), (-1.5, False))
"""Noise to start from, one after the other: exponent of frequency, and whether in bursts."""
BURST_SAMPLES = 400
LOWEST_HZ, TILT_HZ = 40.0, 80.0
"""Below the first nothing is heard, and a network that was never trained there climbs into it."""
GRADIENT_TILT = -0.5
"""Slope of each step above `TILT_HZ`, an exponent of frequency: towards the spectra of sounds."""
BATCH = 32


@dataclass(frozen=True)
class Templates:
    """What `maximise_templates` found.

    Attributes:
        spectra: layer -> float16 [units, 513], magnitudes from 0 Hz to half the rate, peak 1;
            zero where the unit is dead.
        dead: layer -> units that no noise could wake.
    """

    spectra: dict[str, NDArray[np.float16]]
    dead: dict[str, list[int]]


def start_noise(
    count: int, samples: int, tilt: float, bursts: bool, generator: torch.Generator
) -> Tensor:
    """Return noise at `LEVEL`.

    Args:
        count: how many.
        samples: length.
        tilt: amplitude falls as frequency to this power.
        bursts: silent but for about a tenth of the time.
        generator: makes the noise.

    Returns:
        float32 [count, samples].
    """
    spectrum = torch.fft.rfft(torch.randn(count, samples, generator=generator))
    # Level below a hundredth of the axis, so that the slope does not end in rumble.
    frequency = torch.arange(spectrum.shape[1]).clamp(min=spectrum.shape[1] // 100)
    noise = torch.fft.irfft(spectrum * frequency.pow(tilt), samples)
    if bursts:
        pieces = samples // BURST_SAMPLES + 1
        on = torch.rand(count, pieces, generator=generator) < 0.1
        on[:, 0] = True  # never all silent
        noise = noise * on.repeat_interleave(BURST_SAMPLES, dim=1)[:, :samples]
    return at_level(noise)


def at_level(waveform: Tensor) -> Tensor:
    """Scale each waveform to the root mean square `LEVEL`."""
    power = waveform.square().mean(dim=1, keepdim=True)
    return waveform * (LEVEL / power.sqrt().clamp(min=1e-9))


def unit_gradient(
    network: Listener, layer: str, units: Tensor, waveform: Tensor
) -> tuple[Tensor, Tensor]:
    """Return each unit's mean activation on its own waveform, and the gradient.

    Args:
        network: in evaluation mode.
        layer: whose units they are.
        units: int64 [batch].
        waveform: float32 [batch, window].

    Returns:
        float32 [batch] and float32 [batch, window].
    """
    waveform = waveform.detach().requires_grad_(True)
    activation = network(waveform)[layer].flatten(2).mean(dim=2)
    chosen = activation.gather(1, units.unsqueeze(1)).squeeze(1)
    (gradient,) = torch.autograd.grad(chosen.sum(), waveform)
    return chosen.detach(), gradient


def maximise_units(
    network: Listener, layer: str, units: Tensor, waveform: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Climb each unit's gradient from the given waveforms, on the sphere of constant level.

    Gradient and waveform are kept to frequencies that can be heard. Before each step the waveform
    is moved round by a random amount, so that what is found does not hang on its place in the
    window.

    Returns:
        the waveforms, float32 [batch, window], and bool [batch]: whether the unit ever stirred.
    """
    awake = torch.zeros(len(units), dtype=torch.bool)
    samples = waveform.shape[1]
    frequency = torch.fft.rfftfreq(samples, 1 / network.sample_rate)
    heard = (frequency >= LOWEST_HZ).float()
    tilt = heard * (frequency.clamp(min=TILT_HZ) / TILT_HZ).pow(GRADIENT_TILT)
    for step in range(STEPS):
        shift = int(torch.randint(samples, (1,), generator=generator))
        waveform = waveform.roll(shift, dims=1)
        _, gradient = unit_gradient(network, layer, units, waveform)
        gradient = torch.fft.irfft(torch.fft.rfft(gradient) * tilt, samples)
        power = gradient.square().mean(dim=1, keepdim=True).sqrt()
        awake |= power.squeeze(1) > 0
        length = FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / (STEPS - 1))
        waveform = waveform + length * LEVEL * gradient / power.clamp(min=1e-20)
        waveform = at_level(torch.fft.irfft(torch.fft.rfft(waveform) * heard, samples))
    return waveform, awake


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


def maximise_templates(
    network: Listener, seed: int = 1, advance: Callable[[int], None] = lambda units: None
) -> Templates:
    """Maximise every unit of every layer from random noise.

    A unit that is silent on the noise has no gradient: it is tried again from other
    noise, and counts as dead when all leave it silent.

    Args:
        network: in evaluation mode, on the CPU.
        seed: of the noise.
        advance: called with the number of units that are done.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        shapes = network(torch.zeros(1, network.window))
    spectra: dict[str, NDArray[np.float16]] = {}
    dead: dict[str, list[int]] = {}
    for layer, activation in shapes.items():
        count = activation.shape[1]
        found = torch.zeros(count, BINS)
        left = torch.arange(count)
        for tilt, bursts in STARTS:
            asleep = []
            for units in torch.split(left, BATCH):
                noise = start_noise(len(units), network.window, tilt, bursts, generator)
                waveform, awake = maximise_units(network, layer, units, noise, generator)
                if awake.any():
                    found[units[awake]] = spectrum(waveform[awake])
                asleep.append(units[~awake])
                advance(int(awake.sum()))
            left = torch.cat(asleep)
            if not len(left):
                break
        spectra[layer] = found.numpy().astype(np.float16)
        dead[layer] = left.tolist()
    return Templates(spectra, dead)
