"""The ascent of the parameterisation `waveform`: every sample of the dream is free."""

import numpy as np

from ..arrays import Float
from ..combinations import COMBINATIONS
from ..dsp.gradient_shaping import GradientShaping
from ..dsp.stft import power_spectrum
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
        """Return the dream's magnitudes relative to the level of the sound, (bins,)."""
        if not self._shape.shapes_present:
            return self._shape.silence
        sound, dream = (power_spectrum(part, self._n_fft) for part in self._ascent.older_half())
        level = float(np.sqrt(sound.mean()))
        if level == 0.0:
            return self._shape.silence
        magnitude = np.sqrt(dream) / np.float32(level)
        found = np.interp(self._frequency, self._own_frequency, magnitude, right=0.0)
        return np.asarray(found, np.float32)

    def finished(self) -> Float:
        """Return the hop of the dream that has now collected all its steps, (hop,)."""
        return self._ascent.finished()

    def reset(self) -> None:
        """Clear sound and dream."""
        self._ascent.reset()
