"""The result of an update, and the protocols of its source and its worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..arrays import Float
from ..packs.network import Activations
from ..parameter_values import Values
from ..parameterisations import Form


@dataclass(frozen=True)
class Dream:
    """The result of one update.

    Attributes:
        spectrum: (bins,) of the filter, for a step of 1; zeros change nothing.
        heard_until: the stream's sample up to which the network had heard.
        target: what was excited, as text.
        objective: how strongly it was excited.
        activations: layer -> mean activation over frames, (units,); for `output` the scores.
        form: what `spectrum` is.
    """

    spectrum: Float
    heard_until: int = 0
    target: str = ""
    objective: float = 0.0
    activations: Activations = field(default_factory=dict)
    form: Form = "magnitude"


class Tape(Protocol):
    """The finished waveform of the dream, at the rate of the stream."""

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
    """What runs a network: another process, or a thread of this one."""

    @property
    def pid(self) -> int:
        """The process's number; 0 for this one."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        ...

    def wake(self) -> None:
        """Wake it because there is new sound. Never waits."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class DreamSource(Protocol):
    """Takes sound and provides its dreams; no method that the audio thread calls waits."""

    @property
    def model_rate(self) -> int:
        """The sample rate of the network, in hertz; the dream contains nothing above half of it."""
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
        """The newest error, in one line; empty when there is none."""
        ...

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        """Pass new sound, (1, samples), to the network and wake it; never waits.

        Args:
            sound: that the network listens to.
            sidechain: as much of the sidechain, for the target sound; None where there is none.
        """
        ...

    def reset(self) -> None:
        """Clear the sound and the dream; the stream starts again at sample 0."""
        ...

    def close(self) -> None:
        """Free what the source uses."""
        ...


MakeSource = Callable[[Values, int, int], DreamSource]
"""(parameters, sample_rate of the stream, n_fft of the filter) -> a source for one stream."""
