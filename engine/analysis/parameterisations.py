"""What is changed while a sound is maximised: its samples, its spectrum, or a filter on noise.

Parameters are float32 [batch, ...] and near 1 in size, so that one learning rate suits every
parameterisation. A parameterisation turns parameters into sounds and passes gradients back, applies
a gain over frequency for regularisers, and returns the spectrum that was found.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.fft import irfft, rfft

from ..arrays import Float
from ..packs.manifest import TEMPLATE_BINS
from .initial_noise import LEVEL, Generators, Start, burst_gate, white_noise
from .transforms import Pull

TILT = -0.5
"""Exponent of frequency of a spectrum's scale above `TILT_HZ`; spectra of sounds fall too."""
TILT_HZ = 80.0


@dataclass(frozen=True)
class Shape:
    """The length and rate of the sounds that are sought.

    Attributes:
        samples: of each sound.
        sample_rate: in hertz.
    """

    samples: int
    sample_rate: int

    @property
    def bins(self) -> int:
        """Bins of the real FFT of a whole sound."""
        return self.samples // 2 + 1


class Parameterisation(Protocol):
    """Turns parameters into sounds; see the module."""

    def begin(self, shape: Shape, start: Start, generators: Generators) -> Float:
        """Return the parameters to start from, [batch, ...]."""
        ...

    def sound(
        self, shape: Shape, start: Start, parameters: Float, generators: Generators
    ) -> tuple[Float, Pull]:
        """Return the sounds [batch, samples], at any level, and how gradients pass back."""
        ...

    def bins(self, shape: Shape) -> int:
        """Return the number of frequencies of a gain in `weigh`."""
        ...

    def weigh(self, shape: Shape, parameters: Float, gain: Float) -> Float:
        """Return the parameters after a gain [bins] over frequency."""
        ...

    def template(self, shape: Shape, parameters: Float, sound: Float) -> Float:
        """Return the magnitudes found, [batch, 513] from 0 Hz to half the rate, peak 1."""
        ...


@dataclass(frozen=True)
class Waveform:
    """Every sample is free, as in Lee's report (2019)."""

    def begin(self, shape: Shape, start: Start, generators: Generators) -> Float:
        """Start from noise."""
        return start.noise(generators, shape.samples) / np.float32(LEVEL)

    def sound(
        self, shape: Shape, start: Start, parameters: Float, generators: Generators
    ) -> tuple[Float, Pull]:
        """Return the parameters themselves."""
        return parameters, lambda gradient: gradient

    def bins(self, shape: Shape) -> int:
        """Return the number of bins of the whole sound's FFT."""
        return shape.bins

    def weigh(self, shape: Shape, parameters: Float, gain: Float) -> Float:
        """Filter the waveform."""
        filtered = irfft(rfft(parameters) * gain, shape.samples)
        return np.asarray(filtered, np.float32)

    def template(self, shape: Shape, parameters: Float, sound: Float) -> Float:
        """Return the mean magnitude over Hann frames."""
        return mean_magnitudes(sound)


@dataclass(frozen=True)
class Spectrum:
    """Real and imaginary parts of every frequency are free, on a scale that falls as sounds do.

    A step changes each frequency in proportion to its strength in sounds. So noise at the top of
    the spectrum does not prevail by the number of its bins (Olah and others, "Feature
    Visualization", 2017, on preconditioning).
    """

    def begin(self, shape: Shape, start: Start, generators: Generators) -> Float:
        """Start from noise."""
        spectrum = rfft(start.noise(generators, shape.samples)) / self._scale(shape)
        return np.stack([spectrum.real, spectrum.imag], axis=1).astype(np.float32)

    def sound(
        self, shape: Shape, start: Start, parameters: Float, generators: Generators
    ) -> tuple[Float, Pull]:
        """Transform back."""
        scale = self._scale(shape)
        sound = irfft((parameters[:, 0] + 1j * parameters[:, 1]) * scale, shape.samples)

        def pull(gradient: Float) -> Float:
            # Each bin but 0 Hz and half the rate stands for two bins of the whole spectrum.
            twice = np.full(shape.bins, np.float32(2 / shape.samples))
            twice[0] /= 2
            if shape.samples % 2 == 0:
                twice[-1] /= 2
            spectrum = rfft(gradient) * (twice * scale)
            pulled = np.stack([spectrum.real, spectrum.imag], axis=1)
            # A real signal has no imaginary part at 0 Hz and half the rate.
            pulled[:, 1, 0] = 0.0
            if shape.samples % 2 == 0:
                pulled[:, 1, -1] = 0.0
            return np.asarray(pulled, np.float32)

        return np.asarray(sound, np.float32), pull

    def bins(self, shape: Shape) -> int:
        """Return the number of bins of the whole sound's FFT."""
        return shape.bins

    def weigh(self, shape: Shape, parameters: Float, gain: Float) -> Float:
        """Weigh the frequencies."""
        return parameters * gain

    def template(self, shape: Shape, parameters: Float, sound: Float) -> Float:
        """Return the mean magnitude over Hann frames."""
        return mean_magnitudes(sound)

    @staticmethod
    def _scale(shape: Shape) -> Float:
        hertz = np.fft.rfftfreq(shape.samples, 1 / shape.sample_rate)
        tilt = (np.maximum(hertz, TILT_HZ) / TILT_HZ) ** TILT
        # Parameters with a variance of 1 give sounds at LEVEL.
        size = LEVEL * shape.samples / np.sqrt(4 * np.square(tilt).sum())
        return np.asarray(size * tilt, np.float32)


@dataclass(frozen=True)
class NoiseFilter:
    """The logarithm of a filter's gain is free, and new noise passes it at each step.

    Phases are random, so the unit determines magnitudes alone. With a free waveform, deep units
    are all excited by almost the same broad spectrum, and what distinguishes them lies in the
    phases; the template of such a spectrum would say nothing about its unit.
    """

    def begin(self, shape: Shape, start: Start, generators: Generators) -> Float:
        """Start from the spectral slope of the start's noise."""
        frequency = np.maximum(np.arange(TEMPLATE_BINS), TEMPLATE_BINS // 100)
        slope = (start.tilt * np.log(frequency)).astype(np.float32)
        return np.repeat(slope[np.newaxis], len(generators), axis=0)

    def sound(
        self, shape: Shape, start: Start, parameters: Float, generators: Generators
    ) -> tuple[Float, Pull]:
        """Filter new noise."""
        noise = white_noise(generators, shape.samples)
        if start.bursts:
            noise *= burst_gate(generators, shape.samples)
        spectrum = rfft(noise)
        place = np.linspace(0, TEMPLATE_BINS - 1, shape.bins, dtype=np.float32)
        left = np.minimum(place.astype(np.intp), TEMPLATE_BINS - 2)
        share = place - left.astype(np.float32)
        magnitude = np.exp(parameters)
        smooth = magnitude[:, left] * (1 - share) + magnitude[:, left + 1] * share
        sound = irfft(spectrum * smooth, shape.samples)

        def pull(gradient: Float) -> Float:
            # d<g, irfft(S m)>/dm = Re(S conj(G)) times the bin's share of the whole spectrum.
            product = (spectrum * np.conj(rfft(gradient))).real / shape.samples
            product[:, 1 : (shape.samples + 1) // 2] *= 2
            pulled = np.zeros_like(parameters)
            for row, each in enumerate(product):
                pulled[row] += np.bincount(left, each * (1 - share), TEMPLATE_BINS)
                pulled[row] += np.bincount(left + 1, each * share, TEMPLATE_BINS)
            return np.asarray(pulled * magnitude, np.float32)

        return np.asarray(sound, np.float32), pull

    def bins(self, shape: Shape) -> int:
        """Return the number of bins of a template."""
        return TEMPLATE_BINS

    def weigh(self, shape: Shape, parameters: Float, gain: Float) -> Float:
        """Add the gain's logarithm; the loudest frequency stays at 0, the others within 60 dB."""
        gained = parameters + np.log(np.maximum(gain, np.float32(1e-3)))
        gained -= gained.max(axis=1, keepdims=True)
        return np.maximum(gained, np.float32(-np.log(1e3)))

    def template(self, shape: Shape, parameters: Float, sound: Float) -> Float:
        """Return the filter's own gain."""
        magnitude = np.exp(parameters - parameters.max(axis=1, keepdims=True))
        return np.asarray(magnitude, np.float32)


PARAMETERISATIONS: dict[str, Parameterisation] = {
    "spectrum": Spectrum(),
    "waveform": Waveform(),
    "filter": NoiseFilter(),
}


def mean_magnitudes(sound: Float) -> Float:
    """Return the mean magnitude over Hann frames of 1024 samples.

    Args:
        sound: float32 [batch, samples].

    Returns:
        float32 [batch, 513], peak 1; zeros for silence.
    """
    length = 2 * (TEMPLATE_BINS - 1)
    missing = max(0, length - sound.shape[1])
    padded = np.pad(sound, ((0, 0), (0, missing)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, :: length // 2]
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    magnitude = np.abs(rfft(frames * window)).mean(axis=1)
    peak = np.maximum(magnitude.max(axis=1, keepdims=True), 1e-12)
    return np.asarray(magnitude / peak, np.float32)
