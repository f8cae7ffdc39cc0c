"""What grows on the newest sound of a stream: one protocol for every parameterisation."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float
from ..parameter_values import Values


@dataclass(frozen=True)
class AscentShape:
    """The sizes of an ascent.

    Attributes:
        window: samples that the network takes.
        hop: samples between two updates.
        updates: how many updates each sample gets; at most window / hop.
        sample_rate: of the network, in hertz.
        stream_rate: of the stream, in hertz.
        n_fft: of the filter, in samples of the stream.
        shapes_present: whether the newest dream's spectrum is wanted; otherwise its waveform is
            read when it is finished.
        ahead: samples by which what is added to the present sound must be finished before it.
    """

    window: int
    hop: int
    updates: int
    sample_rate: int
    stream_rate: int
    n_fft: int
    shapes_present: bool
    ahead: int = 0

    @property
    def frequency(self) -> Float:
        """The frequencies of the filter's bins, in hertz, (bins,)."""
        return np.asarray(np.fft.rfftfreq(self.n_fft, 1.0 / self.stream_rate))

    @property
    def silence(self) -> Float:
        """A spectrum that changes nothing, (bins,)."""
        return np.zeros(self.n_fft // 2 + 1, np.float32)


class Ascent(Protocol):
    """A sliding window of sound, and what gradient ascent has made of it so far.

    At each update: `push` new sound, take a gradient at `heard`, and `ascend`.
    """

    @property
    def sound(self) -> Float:
        """The sound itself, (window,)."""
        ...

    @property
    def active(self) -> int:
        """Samples at the window's end whose dream is not finished; below 0 if it is ahead."""
        ...

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,)."""
        ...

    def heard(self, step: float) -> Float:
        """Return the sound with its dream, (window,): where the next gradient is taken.

        Args:
            step: how much of the dream.
        """
        ...

    def ascend(self, gradient: Float, values: Values) -> None:
        """Take one step.

        Args:
            gradient: (window,), of the objective with respect to what was `heard` last.
            values: of the parameters.
        """
        ...

    def spectrum(self) -> Float:
        """Return the newest dream over the filter's bins, (bins,), for a step of 1."""
        ...

    def finished(self) -> Float:
        """Return the hop of the dream's waveform that is now finished, (hop,), for a step of 1."""
        ...

    def reset(self) -> None:
        """Clear sound and dream."""
        ...
