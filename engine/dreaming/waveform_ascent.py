"""The ascent of the parameterisation `waveform`: every sample of the dream is free."""

import numpy as np

from ..arrays import Float
from ..combinations import COMBINATIONS
from ..dsp.gradient_shaping import LEVEL_SECONDS, GradientShaping, local_level
from ..dsp.stft import power_of_level, power_spectrum
from ..parameter_values import Values
from .ascent import AscentShape
from .gradient_ascent import GradientAscent


class WaveformAscent:
    """`GradientAscent` with shaped gradients, and the magnitudes of the waveform that it finds."""

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence."""
        rate = shape.sample_rate
        self._shape = shape
        self._ascent = GradientAscent(shape.window, shape.hop, shape.updates, rate)
        self._gradient_shaping = GradientShaping(shape.window, rate)
        self._span = max(1, round(LEVEL_SECONDS * rate))
        # The network's frequency axis, and the filter's: both windows last equally long.
        self._n_fft = 2 * max(8, round(shape.n_fft / (shape.stream_rate / rate) / 2))
        self._own_frequency = np.fft.rfftfreq(self._n_fft, 1.0 / rate)
        self._frequency = shape.frequency

    @property
    def sound(self) -> Float:
        """The sound itself, (window,)."""
        return self._ascent.sound

    @property
    def active(self) -> int:
        """Samples at the window's end that still collect steps."""
        return self._ascent.active

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound; see `GradientAscent.push`."""
        self._ascent.push(sound)

    def heard(self, step: float) -> Float:
        """Return sound + step * dream, (window,)."""
        return self._ascent.sound_with_dream(step)

    def ascend(self, gradient: Float, values: Values) -> None:
        """Shape a gradient as `colour` and the combination have it, and add it to the dream."""
        gated = COMBINATIONS[values.text("combine")].gates_gradient
        direction = self._gradient_shaping.shape(
            gradient,
            self._ascent.sound,
            self._ascent.active,
            values.number("colour"),
            values.number("threshold_db") if gated else None,
        )
        self._ascent.ascend(direction)

    def spectrum(self) -> Float:
        """Return the dream's magnitudes relative to the level of the sound, (bins,).

        It is the local level, which the dream follows: that of the samples alone would be far too
        low just before an onset, where the dream is there already.
        """
        if not self._shape.shapes_present:
            return self._shape.silence
        kept, dream = self._ascent.older_half()
        first = max(0, kept.start - self._span)
        around = local_level(self._ascent.sound[first : kept.stop + self._span], self._span)
        power = power_of_level(around[kept.start - first : kept.stop - first], self._n_fft)
        if power == 0.0:
            return self._shape.silence
        magnitude = np.sqrt(power_spectrum(dream, self._n_fft)) / np.float32(np.sqrt(power))
        found = np.interp(self._frequency, self._own_frequency, magnitude, right=0.0)
        return np.asarray(found, np.float32)

    def finished(self) -> Float:
        """Return the hop of the dream that has now collected all its steps, (hop,)."""
        return self._ascent.finished()

    def reset(self) -> None:
        """Clear sound and dream."""
        self._ascent.reset()
