"""Find the filter through which noise excites a unit most."""

import torch
from torch import Tensor

from .listener import Listener
from .maximise_waveform import LOWEST_HZ, at_level, burst_gate, unit_activation

BINS = 513
STEPS = 48
LEARNING_RATE = 0.25
"""Of Adam, in nepers: about 2 dB in a step."""
START_TILT = -0.5
"""Exponent of frequency of the filter at the start: as the spectra of sounds fall."""


def filter_noise(shape: Tensor, noise: Tensor, sample_rate: int) -> Tensor:
    """Filter noise and bring it to one level.

    Args:
        shape: float32 [batch, 513], logarithm of the magnitude from 0 Hz to half the rate.
        noise: float32 [batch, samples].
        sample_rate: in hertz.

    Returns:
        float32 [batch, samples].
    """
    spectrum = torch.fft.rfft(noise)
    place = torch.linspace(0, BINS - 1, spectrum.shape[1])
    left = place.floor().long().clamp(max=BINS - 2)
    magnitude = response(shape, sample_rate)
    smooth = torch.lerp(magnitude[:, left], magnitude[:, left + 1], place - left)
    return at_level(torch.fft.irfft(spectrum * smooth, noise.shape[1]))


def response(shape: Tensor, sample_rate: int) -> Tensor:
    """Return the magnitudes of a filter, [batch, 513]: none below what can be heard."""
    heard = torch.linspace(0, sample_rate / 2, BINS) >= LOWEST_HZ
    return shape.exp() * heard


def maximise_filters(
    network: Listener, layer: str, units: Tensor, bursts: bool, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Climb each unit's activation over the shape of the filter, with fresh noise at each step.

    The phases are never the unit's choice. Where the waveform itself is free, a network's deep
    units are all pleased by almost the same broad spectrum, and what differs is hidden in the
    phases; a template of such a spectrum says nothing of its unit.

    Args:
        network: in evaluation mode.
        layer: whose units they are.
        units: int64 [batch].
        bursts: whether the noise is silent but for a tenth of the time, for units that want
            attacks.
        generator: makes the noise.

    Returns:
        magnitudes, float32 [batch, 513], peak 1, and bool [batch]: whether the unit is active on
        noise with this spectrum, and more than at the start.
    """
    count = len(units)

    def excite(shape: Tensor) -> tuple[Tensor, Tensor]:
        """Return each unit's activation on new noise, and the noise."""
        noise = torch.randn(count, network.window, generator=generator)
        if bursts:
            noise = noise * burst_gate(count, network.window, generator)
        return listen(shape, noise), noise

    def listen(shape: Tensor, noise: Tensor) -> Tensor:
        sound = filter_noise(shape, noise, network.sample_rate)
        return unit_activation(network, layer, units, sound)

    frequency = torch.arange(BINS).clamp(min=BINS // 100)
    start = (START_TILT * frequency.log()).repeat(count, 1)
    shape = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([shape], lr=LEARNING_RATE)
    for _ in range(STEPS):
        activation, _ = excite(shape)
        (shape.grad,) = torch.autograd.grad(-activation.sum(), shape)
        optimiser.step()
    at_end, noise = excite(shape)
    (gradient,) = torch.autograd.grad(at_end.sum(), shape)
    with torch.no_grad():
        awake = (at_end > listen(start, noise)) & gradient.any(dim=1)
        magnitude = response(shape, network.sample_rate)
    return magnitude / magnitude.amax(dim=1, keepdim=True), awake
