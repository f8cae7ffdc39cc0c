"""Shapes a raw gradient before it is added: balanced across bands, as loud as the sound.

A network's gradient is faint, bright noise. Tilting it by 1/f removes the hiss and does not weaken
the objective; it follows the loudness and the partials of the sound.
"""

import numpy as np

from ..arrays import Float
from .spectral_combinations import TINY, gate, relative_magnitude
from .stft import istft, stft

TILT_CORNER_HZ = 80.0
RUMBLE_HZ = 30.0
LEVEL_SECONDS = 0.1
GATE_WINDOW_SECONDS = 0.032
SMALLEST_DEVIATION = 1e-8
MOST_ABOVE = 2.0
"""How far a direction may rise above the sound's local level before it is held there."""
OWN_SPECTRUM = 0.5
"""The power of the sound's own magnitudes that the dream follows at full colour."""


def tilt_curve(samples: int, sample_rate: int) -> Float:
    """Return log(gain) of the full 1/f tilt for the bins of a real FFT.

    Args:
        samples: length of the signal that will be transformed.
        sample_rate: in hertz.

    Returns:
        (samples // 2 + 1,): 0 below the corner at 80 Hz, falling by 6 dB an octave above it.
        Multiply by `colour` and exponentiate.
    """
    frequency = np.fft.rfftfreq(samples, 1.0 / sample_rate)
    return np.asarray(-np.log(np.maximum(frequency / TILT_CORNER_HZ, 1.0)), np.float32)


def rumble_curve(samples: int, sample_rate: int) -> Float:
    """Return the gain that removes inaudible low frequencies: from 0 at 0 Hz to 1 at 30 Hz."""
    frequency = np.fft.rfftfreq(samples, 1.0 / sample_rate)
    return np.asarray(np.minimum(frequency / RUMBLE_HZ, 1.0), np.float32)


def local_level(signal: Float, span: int) -> Float:
    """Return the root mean square of a signal around each sample.

    Args:
        signal: (samples,).
        span: samples averaged, centred.

    Returns:
        float32 (samples,).
    """
    total = np.zeros(len(signal) + 1)
    np.cumsum(np.square(signal, dtype=np.float64), out=total[1:])
    at = np.arange(len(signal))
    first = np.maximum(at - span // 2, 0)
    last = np.minimum(at + span // 2 + 1, len(signal))
    power = np.maximum(total[last] - total[first], 0.0) / (last - first)
    return np.asarray(np.sqrt(power), np.float32)


def held_to(signal: Float, most: Float | float, span: int) -> Float:
    """Return a signal, turned down wherever its level is above `most`.

    Args:
        signal: (samples,).
        most: the level, (samples,) or one for all.
        span: samples over which the level is measured, centred.

    Returns:
        (samples,).
    """
    level = np.maximum(local_level(signal, span), np.float32(TINY))
    return signal * np.minimum(1.0, most / level)


class GradientShaping:
    """Shapes gradients of one length at one rate; its curves are computed once."""

    def __init__(self, window: int, sample_rate: int) -> None:
        """Prepare for gradients of `window` samples at `sample_rate`."""
        self._tilt = tilt_curve(window, sample_rate)
        self._rumble = rumble_curve(window, sample_rate)
        self._span = max(1, round(LEVEL_SECONDS * sample_rate))
        self._gate_window = 2 ** round(np.log2(GATE_WINDOW_SECONDS * sample_rate))

    def shape(
        self, gradient: Float, sound: Float, newest: int, colour: float, gate_db: float | None
    ) -> Float:
        """Return the newest part of a gradient, shaped and scaled to the sound.

        Args:
            gradient: (window,), of the objective with respect to the waveform.
            sound: (window,), the sound itself.
            newest: how many samples at the end are wanted.
            colour: 0 leaves the spectrum as it is; 1 tilts it fully by 1/f and multiplies it by
                the square root of the sound's own magnitudes, relative to each frame's peak.
            gate_db: where not None, keep only bins where the sound is above this, relative to
                its frame's peak.

        Returns:
            float32 (newest,), following the sound's local level: as loud as the sound as a whole,
            and nowhere more than `MOST_ABOVE` louder. Zeros where the gradient is 0 or NaN.
        """
        peak = float(np.abs(gradient).max(initial=0.0))
        if not 0.0 < peak < np.inf:  # also where it is not a number
            return np.zeros(newest, np.float32)
        spectrum = np.fft.rfft(gradient / np.float32(peak))
        spectrum *= self._rumble * np.exp(colour * self._tilt)
        direction = np.fft.irfft(spectrum, len(gradient)).astype(np.float32)
        if colour > 0.0 or gate_db is not None:
            size = self._gate_window
            around = min(newest + size, len(sound))  # frames reach back beyond the part wanted
            own, spectra = stft(sound[-around:], size), stft(direction[-around:], size)
            spectra *= relative_magnitude(own) ** np.float32(colour * OWN_SPECTRUM)
            if gate_db is not None:
                spectra = gate(own, spectra, 1.0, 10.0 ** (gate_db / 20.0))
            direction = istft(spectra, around)
        direction = direction[-newest:]
        loudness = local_level(sound[-newest:], self._span)
        # Compared where the sound is: beside silence, which has hardly any direction, the short
        # beginning of a sound would get the strength of all.
        size = _rms(direction * loudness)
        if not (direction.std() > SMALLEST_DEVIATION and size > 0.0):
            return np.zeros(newest, np.float32)
        shaped = direction * loudness * np.float32(_rms(loudness) / size)
        return np.asarray(held_to(shaped, MOST_ABOVE * loudness, self._span), np.float32)


def _rms(signal: Float) -> float:
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64))))
