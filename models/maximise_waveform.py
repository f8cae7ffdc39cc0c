"""Climb the gradient of a unit's activation, sample by sample, from noise."""

import torch
from torch import Tensor

from .listener import Listener

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


def at_level(waveform: Tensor) -> Tensor:
    """Scale each waveform to the root mean square `LEVEL`."""
    power = waveform.square().mean(dim=1, keepdim=True)
    return waveform * (LEVEL / power.sqrt().clamp(min=1e-9))


def burst_gate(count: int, samples: int, generator: torch.Generator) -> Tensor:
    """Return 1 for about a tenth of the time, in short pieces, else 0: bool [count, samples]."""
    pieces = samples // BURST_SAMPLES + 1
    on = torch.rand(count, pieces, generator=generator) < 0.1
    on[:, 0] = True  # never all silent
    return on.repeat_interleave(BURST_SAMPLES, dim=1)[:, :samples]


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
    frequency = torch.arange(spectrum.shape[1]).clamp(min=max(1, spectrum.shape[1] // 100))
    noise = torch.fft.irfft(spectrum * frequency.pow(tilt), samples)
    if bursts:
        noise = noise * burst_gate(count, samples, generator)
    return at_level(noise)


def unit_activation(network: Listener, layer: str, units: Tensor, waveform: Tensor) -> Tensor:
    """Return each unit's mean activation on its own waveform.

    Args:
        network: in evaluation mode.
        layer: whose units they are.
        units: int64 [batch].
        waveform: float32 [batch, window].

    Returns:
        float32 [batch].
    """
    activation = network(waveform)[layer].flatten(2).mean(dim=2)
    chosen: Tensor = activation.gather(1, units.unsqueeze(1)).squeeze(1)
    return chosen


def unit_gradient(
    network: Listener, layer: str, units: Tensor, waveform: Tensor
) -> tuple[Tensor, Tensor]:
    """Return what `unit_activation` does, and its gradient, float32 [batch, window]."""
    waveform = waveform.detach().requires_grad_(True)
    activation = unit_activation(network, layer, units, waveform)
    (gradient,) = torch.autograd.grad(activation.sum(), waveform)
    return activation.detach(), gradient


def maximise_waveforms(
    network: Listener, layer: str, units: Tensor, waveform: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Climb each unit's gradient from the given waveforms, on the sphere of constant level.

    Gradient and waveform are kept to frequencies that can be heard. Before each step the waveform
    is moved round by a random amount, so that what is found does not hang on its place in the
    window.

    Returns:
        the waveforms, float32 [batch, window], and bool [batch]: whether the unit is active now,
        and more than on the noise.
    """
    at_start, _ = unit_gradient(network, layer, units, waveform)
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
        length = FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / (STEPS - 1))
        waveform = waveform + length * LEVEL * gradient / power.clamp(min=1e-20)
        waveform = at_level(torch.fft.irfft(torch.fft.rfft(waveform) * heard, samples))
    at_end, gradient = unit_gradient(network, layer, units, waveform)
    return waveform, (at_end > at_start) & gradient.any(dim=1)
