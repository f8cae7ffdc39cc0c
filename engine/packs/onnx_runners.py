"""What a pack's graphs are given and give, and runners that reuse their memory."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float
from ..drives import Rule
from ..errors import ModelError, ParameterError, nearest
from .manifest import LayerInfo
from .sessions.bound import BoundSession
from .sessions.session import Session

RULES: dict[str, int] = {rule: number for number, rule in enumerate(get_args(Rule))}
DIRECTION_PREFIX = "direction."
ACTIVATION_PREFIX = "activation."


def check_found(found: Mapping[str, Any], wanted: Mapping[str, Sequence[int]]) -> None:
    """Refuse results of a graph that are not as the manifest says.

    Args:
        found: by name.
        wanted: name -> shape, to begin with; more axes may follow.

    Raises:
        ModelError: one is missing, is no float32, or has another shape.
    """
    for name, shape in wanted.items():
        array = found.get(name)
        if array is None:
            raise ModelError(f"The graph gives no {name!r}.")
        if array.dtype != np.float32 or array.shape[: len(shape)] != tuple(shape):
            raise ModelError(
                f"The graph gives {name!r} as {array.dtype} {list(array.shape)}, where the manifest"
                f" says {list(shape)}."
            )


def rule_number(rule: str) -> int:
    """Return the number that the dream graph knows `rule` by.

    Raises:
        ParameterError: where there is no such rule.
    """
    if rule not in RULES:
        raise ParameterError(f"There is no rule {rule!r}. {nearest(rule, RULES)}")
    return RULES[rule]


def as_waveform(waveform: ArrayLike, window: int) -> Float:
    """Return `waveform` as contiguous float32 [batch, window]; one of [window] is a batch of one.

    Raises:
        ModelError: where the shape is another.
    """
    array = np.ascontiguousarray(waveform, dtype=np.float32)
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim != 2 or array.shape[1] != window or array.shape[0] < 1:
        shape = list(np.shape(waveform))
        raise ModelError(f"The model takes waveforms of [batch, {window}] samples, not {shape}.")
    return array


def as_direction(direction: ArrayLike, layer: LayerInfo, batch: int) -> Float:
    """Return a direction in the units of `layer` as contiguous float32 [batch, units].

    Args:
        direction: [units], the same for the whole batch, or [batch, units].
        layer: whose units it weighs.
        batch: how many waveforms there are.

    Raises:
        ModelError: where the shape is another.
    """
    array = np.asarray(direction, dtype=np.float32)
    if array.shape not in ((layer.units,), (1, layer.units), (batch, layer.units)):
        raise ModelError(
            f"A direction in layer {layer.name!r} has [{layer.units}] or [{batch}, {layer.units}] "
            f"numbers, not {list(array.shape)}."
        )
    return np.ascontiguousarray(np.broadcast_to(array, (batch, layer.units)))


def check_layers(names: Mapping[str, object], layers: Mapping[str, LayerInfo]) -> None:
    """Refuse the first of `names` that is not a layer.

    Raises:
        ModelError: naming the layers most like it.
    """
    for name in names:
        if name not in layers:
            raise ModelError(f"The model has no layer {name!r}. {nearest(name, layers)}")


def dream_results(
    batch: int, window: int, layers: Mapping[str, LayerInfo]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what a dream graph gives, by name; see `check_found`."""
    means = {ACTIVATION_PREFIX + name: (batch, layer.units) for name, layer in layers.items()}
    return {"objective": (batch,), "gradient": (batch, window), **means}


class HearRunner:
    """Runs the hear graph, one window at a time, into memory that is allocated once."""

    def __init__(self, session: Session, window: int, layers: Mapping[str, LayerInfo]) -> None:
        """Bind memory for one waveform of `window` samples to an ONNX Runtime session.

        Raises:
            ModelError: the graph is not one of these layers.
        """
        self._waveform = np.zeros((1, window), np.float32)
        self._run = BoundSession(session, {"waveform": self._waveform})
        check_found(self._run.outputs, {name: (1, each.units) for name, each in layers.items()})

    def run(self, waveform: ArrayLike) -> dict[str, Float]:
        """Hear one window.

        Args:
            waveform: [window] or [1, window], full scale at 1.

        Returns:
            layer -> [1, units, frames]. The arrays belong to the runner: the next call
            overwrites them.

        Raises:
            ModelError: ONNX Runtime cannot run the model, such as for want of memory.
        """
        self._waveform[...] = waveform
        return self._run()


class GradientRunner:
    """Runs the dream graph, one window at a time, into memory that is allocated once."""

    def __init__(self, session: Session, window: int, layers: Mapping[str, LayerInfo]) -> None:
        """Bind memory for one waveform of `window` samples to an ONNX Runtime session.

        Raises:
            ModelError: the graph is not one of these layers.
        """
        self._layers = layers
        self._waveform = np.zeros((1, window), np.float32)
        self._rule = np.zeros((), np.int64)
        self._directions = {
            name: np.zeros((1, layer.units), np.float32) for name, layer in layers.items()
        }
        self._set: Sequence[str] = ()
        feeds: dict[str, NDArray[Any]] = {"waveform": self._waveform, "rule": self._rule}
        for name, direction in self._directions.items():
            feeds[DIRECTION_PREFIX + name] = direction
        self._run = BoundSession(session, feeds)
        outputs = self._run.outputs
        check_found(outputs, dream_results(1, window, layers))
        self._objective, self._gradient = outputs["objective"], outputs["gradient"]
        self._activations = {name: outputs[ACTIVATION_PREFIX + name] for name in layers}

    def run(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, dict[str, Float]]:
        """Compute one window's gradient.

        Args:
            waveform: [window] or [1, window], full scale at 1.
            directions: layer -> [units] or [1, units]; layers left out count as zero.
            rule: how a ReLU is passed backwards (see `Pack.value_and_grad`).

        Returns:
            objective [1], gradient [1, window], and layer -> mean activation [1, units]. The
            arrays belong to the runner: the next call overwrites them.

        Raises:
            ModelError: for a layer or a shape that the model does not have, or ONNX Runtime cannot
                run it, such as for want of memory.
            ParameterError: for an unknown rule.
        """
        check_layers(directions, self._layers)
        for name in self._set:
            self._directions[name].fill(0.0)
        self._set = tuple(directions)
        for name, direction in directions.items():
            self._directions[name][...] = as_direction(direction, self._layers[name], 1)
        self._waveform[...] = waveform
        self._rule[...] = rule_number(rule)
        self._run()
        return self._objective, self._gradient, self._activations
