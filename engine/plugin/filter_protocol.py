"""What every alignment's filter gives: the change that a dream makes to the sound."""

from typing import Protocol

from ..arrays import Complex, Float
from ..dsp.ring_buffer import RingBuffer
from ..dsp.spectral_combinations import combine
from ..parameter_values import Values


class SoundFilter(Protocol):
    """Makes the change, which is added to a sound that was at most delayed.

    Time goes in hops. During a hop `advance` is called for each piece of it; when it is complete,
    `frame`. After either, `change` gives what belongs to the piece.
    """

    @property
    def latency_samples(self) -> int:
        """By how much the sound has to be delayed for the change to fit."""
        ...

    @property
    def loop_lag(self) -> int:
        """Samples by which what `frame` returns is behind the newest sound."""
        ...

    @property
    def nan_resets(self) -> int:
        """How often it had to start again because of what is no number."""
        ...

    def allow(self, block_divisor: int) -> None:
        """Be ready for blocks of multiples of `block_divisor`, which divides the hop."""
        ...

    def advance(self, sound: RingBuffer, start: int, stop: int) -> None:
        """Take the newest samples of `sound`: from `start` to `stop` of the present hop."""
        ...

    def frame(self, sound: RingBuffer, may_change: bool) -> Float:
        """End a hop: read the dream, and return the newest change, (channels, hop), for the loop.

        Args:
            sound: with what comes back from the loop.
            may_change: whether the dream may be another one than before.
        """
        ...

    def change(self, count: int, since_frame: int) -> Float:
        """Return the change for the newest samples.

        Args:
            count: how many.
            since_frame: samples since the last call of `frame`, these included; 0 right after it.
        """
        ...

    def reset(self) -> None:
        """Forget the past."""
        ...


def change_of(parameters: Values, sound: Complex, dream: Complex) -> Complex:
    """Return the change that the combination, step and threshold of `parameters` make."""
    return combine(
        parameters.text("combine"),
        sound,
        dream,
        parameters.number("step"),
        parameters.number("threshold_db"),
    )
