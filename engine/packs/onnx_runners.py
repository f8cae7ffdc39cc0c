"""ONNX Runtime sessions of a pack's graphs, and runners that reuse their memory."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float
from ..drives import Rule
from ..errors import ModelError, ParameterError, nearest
from .manifest import LayerInfo
from .onnx_device import CUDA_PROVIDER, compute_device, problem_of, providers
from .onnx_runtime import onnx_runtime

RULES: dict[str, int] = {rule: number for number, rule in enumerate(get_args(Rule))}
DIRECTION_PREFIX = "direction."
ACTIVATION_PREFIX = "activation."


def open_session(
    model: bytes, threads: int = 1, device: str = "cpu", options: dict[str, str] | None = None
) -> "Session":
    """Open an ONNX model in ONNX Runtime.

    Args:
        model: the bytes of the file.
        threads: of one operator; operators run one after the other.
        device: "cpu", "cuda", "cuda:1" or "auto", see `compute_device`.
        options: of CUDA, over those of `providers`.

    Returns:
        a `Session`.

    Raises:
        ModelError: where ONNX Runtime is broken, or cannot run the model.
        ParameterError: where there is no such device.
    """
    onnxruntime = onnx_runtime()

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4  # what matters arrives as an exception
    chosen = compute_device(device)
    try:
        session = Session(
            onnxruntime.InferenceSession(
                model, settings, providers=providers(chosen, options), enable_fallback=0
            ),
            chosen,
        )
    except Exception as error:  # ONNX Runtime's errors have no common base
        raise ModelError(_cannot_run(chosen, error)) from None
    if chosen != "cpu" and CUDA_PROVIDER not in session.get_providers():
        raise ModelError(f"ONNX Runtime does not run the model on {chosen}; use the device cpu.")
    return session


def _cannot_run(device: str, error: Exception) -> str:
    where = "" if device == "cpu" else f" on {device}"
    advice = "" if device == "cpu" else "; use the device cpu"
    return f"ONNX Runtime cannot run the model{where}: {problem_of(error)}{advice}."


class Session:
    """An `onnxruntime.InferenceSession` whose every failure is a `ModelError`.

    What a graph says of its results binds nobody, so their shapes are compared where they are used.
    """

    def __init__(self, session: Any, device: str = "cpu") -> None:
        """Wrap a session whose inputs and outputs can be told: their names may be no text.

        Args:
            session: an `onnxruntime.InferenceSession`.
            device: that it runs on, see `Device`.
        """
        self._session, self.device = session, device
        for each in (*session.get_inputs(), *session.get_outputs()):
            _ = each.name, each.shape, each.type

    def __getattr__(self, name: str) -> Any:
        """Return what the session itself says: its inputs, outputs, metadata, binding."""
        return getattr(self._session, name)

    def run(self, names: Sequence[str] | None, feeds: Mapping[str, Any]) -> list[Any]:
        """Run the graph; see `onnxruntime.InferenceSession.run`.

        Raises:
            ModelError: it does not run, or there is not enough memory for it.
        """
        try:
            found: list[Any] = self._session.run(names, feeds)
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise ModelError(_cannot_run(self.device, error)) from None
        return found

    def run_with_iobinding(self, binding: Any) -> None:
        """Run the graph on bound memory.

        Raises:
            ModelError: it does not run, or there is not enough memory for it.
        """
        try:
            self._session.run_with_iobinding(binding)
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise ModelError(_cannot_run(self.device, error)) from None


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
        self._run = _Bound(session, {"waveform": self._waveform})
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
        self._run = _Bound(session, feeds)
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


class _Bound:
    """A session that reads and writes the same arrays at each call.

    On a CPU they are bound to it once. On a graphics card nothing is: what is bound there is copied
    when it is bound, and never again; and memory of its own on the card is no faster.
    """

    def __init__(self, session: Session, feeds: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays, which are read and written at each call.

        Args:
            session: to run; it runs once here, which says how large its outputs are.
            feeds: input -> array.

        Raises:
            ModelError: it does not run: here, and not in the midst of a stream.
        """
        self._session, self._feeds = session, dict(feeds)
        names = [output.name for output in session.get_outputs()]
        first = session.run(names, self._feeds)
        self.outputs: dict[str, Float] = {
            name: np.ascontiguousarray(array) for name, array in zip(names, first, strict=True)
        }
        if session.device == "cpu":
            make = onnx_runtime().OrtValue.ortvalue_from_numpy
            self._binding = session.io_binding()
            for name, array in self._feeds.items():
                self._binding.bind_ortvalue_input(name, make(array))
            for name, array in self.outputs.items():
                self._binding.bind_ortvalue_output(name, make(array))

    def __call__(self) -> dict[str, Float]:
        """Run the session, and return its outputs, which the next call overwrites."""
        if self._session.device == "cpu":
            self._session.run_with_iobinding(self._binding)
        else:
            found = self._session.run(list(self.outputs), self._feeds)
            for array, result in zip(self.outputs.values(), found, strict=True):
                array[...] = result
        return self.outputs
