"""What the worker found, and the audio side's view of whoever finds it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..arrays import Float
from ..packs.network import Activations
from ..parameter_values import Values


@dataclass(frozen=True)
class Dream:
    """What one update found.

    Attributes:
        magnitude: (bins,) of the filter, for a step of 1, relative to the sound's own level.
        heard_until: the input sample (at the device's rate) up to which the network had heard.
        target: what was excited, in words.
        objective: how strongly.
        activations: layer -> mean activation over frames, (units,); for `output` the scores.
    """

    magnitude: Float
    heard_until: int = 0
    target: str = ""
    objective: float = 0.0
    activations: Activations = field(default_factory=dict)


class Tape(Protocol):
    """The dream itself at the stream's rate, sample for sample, as far as it is finished."""

    @property
    def capacity(self) -> int:
        """Samples kept."""
        ...

    @property
    def end(self) -> int:
        """Samples finished so far."""
        ...

    def read_at(self, start: int, count: int) -> Float:
        """Return (1, count) samples; see `RingBuffer.read_at`."""
        ...


class Worker(Protocol):
    """Whoever runs a network: a process, or a thread of this one."""

    @property
    def pid(self) -> int:
        """The process's number; 0 for this one."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        ...

    def wake(self) -> None:
        """Tell it that there is something new. Never waits."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class DreamSource(Protocol):
    """Takes the sound and has its dreams ready; the audio side never waits for it."""

    @property
    def model_rate(self) -> int:
        """The network's sample rate; the dream has nothing above half of it."""
        ...

    @property
    def tape_lag(self) -> int:
        """Stream samples by which the tape may be behind what was fed, if no dream is late."""
        ...

    @property
    def update_deadline(self) -> int:
        """Stream samples that one update may take before it is late."""
        ...

    @property
    def newest(self) -> Dream:
        """The newest dream; a silent one before the first."""
        ...

    @property
    def tape(self) -> Tape:
        """The finished dreams' waveform."""
        ...

    @property
    def count(self) -> int:
        """Dreams since the start."""
        ...

    @property
    def problem(self) -> str:
        """What went wrong last, in words; empty when nothing did."""
        ...

    def feed(self, sound: Float) -> None:
        """Hand over new sound, (1, samples), and let the network know; never waits."""
        ...

    def reset(self) -> None:
        """Forget the sound and the dream; the stream starts again at sample 0."""
        ...

    def close(self) -> None:
        """Give up what the source holds."""
        ...


MakeSource = Callable[[Values, int, int], DreamSource]
"""(parameters, sample_rate of the stream, n_fft of the filter) -> a source for one stream."""
