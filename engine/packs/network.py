"""What a network must offer: one protocol, and the parts that some callers ask for besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from numpy.typing import ArrayLike

from ..arrays import Float
from ..drives import Rule
from .auralise_runner import Auraliser
from .manifest import LayerInfo
from .onnx_device import Device
from .onnx_runners import GradientRunner

Activations = dict[str, Float]
"""Layer -> mean activation over frames, (units,); for `output` the scores."""


@dataclass(frozen=True)
class Gradient:
    """The gradient of an objective in one window.

    Attributes:
        objective: how strongly the window excites the target.
        waveform: (window,), the gradient with respect to the waveform.
        activations: layer -> mean activation over frames, (units,); for `output` the scores.
    """

    objective: float
    waveform: Float
    activations: Activations


class Network(Protocol):
    """A network with named layers and classes, and a gradient with respect to its input.

    `Pack`, `TorchPack` and both gradient sources are networks.
    """

    @property
    def sample_rate(self) -> int:
        """The rate the network listens at, in hertz."""
        ...

    @property
    def window(self) -> int:
        """Samples that the network takes at once."""
        ...

    @property
    def layers(self) -> Mapping[str, LayerInfo]:
        """Layer name -> its units and lengths, in network order; the last is `output`."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the units of `output`."""
        ...

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return an objective and its gradient; see `Pack.value_and_grad`.

        Args:
            waveform: [batch, window], full scale at 1.
            directions: layer -> [units] or [batch, units].
            rule: how a ReLU is passed backwards.

        Returns:
            objective [batch], gradient [batch, window].
        """
        ...


class GradientSource(Network, Protocol):
    """A network that one thread asks for the gradient of one window after the other."""

    def gradient(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the gradient of sum over layers of <direction, mean activation>.

        Args:
            waveform: (window,), full scale at 1.
            directions: layer -> (units,).
            rule: how a ReLU is passed backwards (see `Pack.value_and_grad`).

        Returns:
            The gradient. Its arrays may be overwritten by the next call.
        """
        ...

    def hear(self, waveform: Float) -> Activations:
        """Return each layer's mean activation over frames, (units,), in one window.

        Args:
            waveform: (window,), full scale at 1. It need not be of the stream of `gradient`.

        Returns:
            layer -> (units,); for `output` the scores. The next call may write over them.
        """
        ...


class GraphNetwork(Network, Protocol):
    """A network whose gradient is a graph of ONNX Runtime."""

    def gradient_session(self, threads: int | None = None) -> GradientRunner:
        """Open the gradient's graph for one thread that calls it again and again."""
        ...


class PackLike(Network, Protocol):
    """A network that every public function takes: a `Pack`, or a `TorchPack` without files."""

    @property
    def name(self) -> str:
        """The network's name, as one types it."""
        ...

    @property
    def hop(self) -> int:
        """Samples between two windows when the network listens to a stream."""
        ...

    @property
    def device(self) -> Device:
        """What the network computes on."""
        ...

    @property
    def fingerprint(self) -> str:
        """Differs where the network's gradient may differ: unfinished work is kept under it."""
        ...

    def hear(self, waveform: ArrayLike) -> Mapping[str, Float]:
        """Return layer -> [batch, units, frames]; see `Pack.hear`."""
        ...

    def value_grad_and_activations(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, Activations]:
        """Return what `value_and_grad` does, and layer -> mean activation [batch, units]."""
        ...

    def single_threaded(self) -> "PackLike":
        """Return the same network for callers that share batches out among threads themselves."""
        ...

    def gradient_source(self, budget_seconds: float | None = None) -> GradientSource:
        """Return a source of gradients for one thread.

        Args:
            budget_seconds: that one gradient may take, for live play: a set of networks leaves
                out those that would be late. A single network computes every gradient whole.
        """
        ...

    def auraliser(self, threads: int | None = None) -> Auraliser:
        """Return the deconvolution network; see `Pack.auraliser`."""
        ...
