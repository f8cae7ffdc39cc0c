"""What happens to the mix of sound and dream before it is heard: levels, bypass, limiter, panic."""

import math

import numpy as np

from ..arrays import Float
from ..dsp.limiter import LIMITER_CEILING, Limiter
from ..dsp.smoothing import Gate, Smoother, is_always
from ..parameter_values import Values

CEILING_FADE = 0.05
"""The mix from which on the limiter works at its own ceiling; below, up to full scale."""
PANIC_SECONDS = 0.01
"""The fade of everything, when the switch `silenced` is set."""
RELEASE_SECONDS = 0.25
"""The fade back when it is released."""
DIM_GAIN = 0.1


class OutputStage:
    """Turns the mix into the output, in place, piece by piece of a hop.

    Bypass is the sound as it came in: no level applies to it but those of `dim`, `mute` and
    `silenced`, which are the last, so that they hold whatever plays.
    """

    def __init__(self, values: Values, sample_rate: int, hop: int) -> None:
        """Allocate a stage.

        Args:
            values: of the parameters, as they are at the beginning of each block.
            sample_rate: in hertz.
            hop: samples between two calls of `advance`.
        """
        self._values = values
        self._limiter = Limiter(sample_rate, hop)
        self._level, self._bypass, self._heard = (
            Smoother(value, sample_rate, hop) for value in self._targets()
        )
        self._gate = Gate(
            math.ceil(PANIC_SECONDS * sample_rate), math.ceil(RELEASE_SECONDS * sample_rate)
        )
        self.limited = 0
        """Pieces in which the limiter worked."""

    def process(
        self, out: Float, added: Float, sound: Float, mix: float, start: int, stop: int
    ) -> bool:
        """Turn a piece of the mix into the output.

        Args:
            out: the mix, float32 (channels, samples), changed in place.
            added: what it has in addition to the sound, changed likewise but for the limiter.
            sound: as it came in, in time with `out`.
            mix: how much of the dream there is at most.
            start, stop: where in the hop the piece lies.

        Returns:
            whether a panic has closed the gate in this piece: nothing is heard any more.
        """
        _multiply(self._level.values(start, stop), out, added)
        _fade_to(sound, self._bypass.values(start, stop), out)
        ceiling = 1.0 - (1.0 - LIMITER_CEILING) * min(1.0, mix / CEILING_FADE)
        if self._limiter.process(out, ceiling):
            self.limited += 1
        _multiply(self._heard.values(start, stop), out, added)
        before = self._gate.gain
        _multiply(self._gate.values(out.shape[1], self._is_open), out, added)
        return before > self._gate.gain == 0.0

    def advance(self) -> None:
        """Begin the next hop."""
        for smoother, target in zip(self._smoothers, self._targets(), strict=True):
            smoother.advance(target)

    def reset(self) -> None:
        """Clear the past; take the values at once."""
        for smoother, target in zip(self._smoothers, self._targets(), strict=True):
            smoother.jump(target)
        self._limiter.reset()
        self._gate.jump(self._is_open)
        self.limited = 0

    @property
    def _is_open(self) -> bool:
        return not self._values.switch("silenced")

    @property
    def _smoothers(self) -> tuple[Smoother, Smoother, Smoother]:
        return self._level, self._bypass, self._heard

    def _targets(self) -> tuple[float, float, float]:
        """Return the output level, how much of it is bypassed, and how much of all is heard."""
        values = self._values
        level = float(10.0 ** (values.number("output_db") / 20.0))
        dimmed = DIM_GAIN if values.switch("dim") else 1.0
        return level, float(values.switch("bypass")), 0.0 if values.switch("mute") else dimmed


def _multiply(gain: Float | np.float32, *sounds: Float) -> None:
    """Multiply sounds in place; leave them bit for bit where the gain is 1."""
    if not is_always(gain, 1.0):
        for sound in sounds:
            np.multiply(sound, gain, out=sound)


def _fade_to(other: Float, share: Float | np.float32, sound: Float) -> None:
    """Mix `other` into a sound in place; where its share is 1, that is `other` bit for bit."""
    if is_always(share, 1.0):
        sound[...] = other
    elif not is_always(share, 0.0):
        sound += share * (other - sound)
