"""What happens to the mix of sound and dream before it is heard: levels, bypass, limiter, panic."""

import math
from collections.abc import Sequence

from ..arrays import Float
from ..dsp.limiter import LIMITER_CEILING, Limiter
from ..dsp.ring_buffer import RingBuffer
from ..dsp.smoothing import Fade, Gate, Smoother
from ..kernel.binding import bind
from ..kernel.output import mix_down
from ..parameter_values import Values

CEILING_FADE = 0.05
"""The mix from which on the limiter works at its own ceiling; below, up to full scale."""
PANIC_SECONDS = 0.01
"""The fade of everything, when the switch `silenced` is set."""
RELEASE_SECONDS = 0.25
"""The fade back when it is released."""
DIM_GAIN = 0.1


class OutputStage:
    """Mixes sound and dream, and turns the mix into the output, piece by piece of a hop.

    Bypass is the sound as it came in: no level applies to it but those of `dim`, `mute` and
    `silenced`, which are the last, so that they hold whatever plays.
    """

    def __init__(
        self, values: Values, sample_rate: int, hop: int, rings: Sequence[RingBuffer]
    ) -> None:
        """Allocate a stage.

        Args:
            values: of the parameters, as they are at the beginning of each block.
            sample_rate: in hertz.
            hop: samples between two calls of `advance`.
            rings: the sound as it came in, and without and with the feedback.
        """
        self._values, self._hop = values, hop
        self._limiter = Limiter(sample_rate)
        arrays = [array for ring in rings for array in ring.arrays]
        self._mix_down = bind(mix_down, *arrays, self._limiter.state)
        self._level, self._bypass, self._heard = (
            Smoother(value, sample_rate, hop) for value in self._targets()
        )
        self._gate = Gate(
            math.ceil(PANIC_SECONDS * sample_rate), math.ceil(RELEASE_SECONDS * sample_rate)
        )

    @property
    def limited(self) -> int:
        """Pieces in which the limiter worked."""
        return self._limiter.limited

    def process(
        self,
        change: Float,
        out: Float,
        added: Float,
        start: int,
        delays: tuple[int, int],
        mix: Smoother,
        clear: Fade,
    ) -> bool:
        """Make a piece of the output.

        Args:
            change: what the dream adds to the sound, float32 (channels, samples).
            out: the output, the same shape; written.
            added: what it has in addition to the sound, before the limiter; written.
            start: where in the hop the piece begins.
            delays: of the sound, in samples: it glides from the first to the second.
            mix: how much of dream and feedback there is.
            clear: fades them out.

        Returns:
            whether a panic has closed the gate in this piece: nothing is heard any more.
        """
        count, before = out.shape[1], self._gate.gain
        level, bypass, heard = self._smoothers
        fades = *clear.take(count), *self._gate.take(count, self._is_open)
        self._mix_down(
            *(change, out, added, start, self._hop, *delays, *fades),
            *(mix.before, mix.after, level.before, level.after, bypass.before, bypass.after),
            *(heard.before, heard.after, self._limiter.fall, LIMITER_CEILING, CEILING_FADE),
        )
        return before > self._gate.gain == 0.0

    def follow(self) -> None:
        """Take the values as they are now for the hops to come."""
        self._aims = self._targets()

    def advance(self) -> None:
        """Begin the next hop."""
        for smoother, target in zip(self._smoothers, self._aims, strict=True):
            smoother.advance(target)

    def reset(self) -> None:
        """Clear the past; take the values at once."""
        self.follow()
        for smoother, target in zip(self._smoothers, self._aims, strict=True):
            smoother.jump(target)
        self._limiter.reset()
        self._gate.jump(self._is_open)

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
