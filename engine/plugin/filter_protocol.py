"""The protocol of the filters, which compute the change that a dream makes to the sound."""

from typing import Protocol

from ..arrays import Complex, Float
from ..combinations import COMBINATIONS
from ..dsp.ring_buffer import RingBuffer
from ..dsp.spectral_combinations import combine
from ..parameter_values import Values


class SoundFilter(Protocol):
    """Computes the change, which is added to the delayed sound.

    `advance` is called for each piece of a hop, then `frame` when the hop is complete. After each
    of these calls, `change` returns the change for the piece.
    """

    @property
    def latency_samples(self) -> int:
        """Samples by which the sound must be delayed to be in time with its change."""
        ...

    @property
    def loop_lag(self) -> int:
        """Samples by which the result of `frame` is behind the newest sound."""
        ...

    @property
    def nan_resets(self) -> int:
        """How often it was reset because of NaN or infinity."""
        ...

    def set_block_divisor(self, block_divisor: int) -> None:
        """Prepare for blocks of multiples of `block_divisor`, which divides the hop."""
        ...

    def advance(self, sound: RingBuffer, start: int, stop: int) -> None:
        """Process the newest samples of `sound`, from `start` to `stop` of the present hop."""
        ...

    def frame(self, sound: RingBuffer, may_change: bool) -> Float:
        """End a hop: read the dream, and return the newest change, (channels, hop), for the loop.

        Args:
            sound: the input with the feedback added.
            may_change: whether the dream may differ from that of the last frame.
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
        """Clear the past."""
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


def hears_filter(parameters: Values, is_filter: bool) -> bool:
    """Return whether the sound is heard as a filter made it, so that its level can be kept.

    Args:
        parameters: those of the stream.
        is_filter: whether the newest dream is what a filter changes.
    """
    return is_filter and COMBINATIONS[parameters.text("combine")].adds_all
