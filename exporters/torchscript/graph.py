"""From the dream graph of a pack to a traced torch module: activations, and the gradient of a unit.

The graph holds its own backward pass as plain operators, so the module needs no autograd.
"""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from ...engine.errors import ModelError
from ...engine.packs.manifest import DREAM_FILE
from ...engine.packs.onnx_runners import ACTIVATION_PREFIX, DIRECTION_PREFIX, rule_number
from ...engine.packs.pack import Pack
from ..capture.threads import torch_threads
from ..compare import relative_error
from .operator_inputs import Operator
from .operators import OPERATORS

MOST_ERROR = 1e-4
"""Beside ONNX Runtime, relative: as beside torch, when a pack is made."""
_DRAWS = 5


@dataclass(frozen=True)
class _Step:
    """One operator to compute: on which tensors, and the names of its results."""

    operator: Operator
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def compute(self, values: dict[str, Tensor]) -> None:
        """Add the results to the values by name."""
        inputs = [values[name] if name else None for name in self.inputs]
        results = self.operator(self.attributes, inputs)
        values.update(zip(self.outputs, results, strict=False))


class DreamGraph(nn.Module):
    """The operators of a dream graph that depend on the waveform or the direction.

    All others, of weights and shapes, are computed once, and their results are buffers.
    """

    def __init__(self, pack: Pack, layer: str) -> None:
        """Take the pack's dream graph apart.

        Args:
            pack: whose graph it is.
            layer: in which there is a direction; in all others it is 0.

        Raises:
            ModelError: an operator that is not in the table.
        """
        super().__init__()
        self._direction = DIRECTION_PREFIX + layer
        self._activation = ACTIVATION_PREFIX + layer
        constants: dict[str, Tensor] = {"rule": torch.tensor(rule_number("gradient"))}
        for name, info in pack.layers.items():
            if name != layer:
                constants[DIRECTION_PREFIX + name] = torch.zeros(1, info.units)
        # The rest is computed for an example, so that every shape is known.
        example = {
            "waveform": sample_window(pack, 0).unsqueeze(0),
            self._direction: torch.ones(1, pack.layers[layer].units),
        }
        graph = onnx.load_model_from_string(pack.read(DREAM_FILE)).graph
        steps = _steps(graph, constants, example, pack.name)
        self._steps = _needed(steps, (self._activation, "gradient"))
        used = sorted({name for step in self._steps for name in step.inputs} & set(constants))
        self._buffers_of = {name: f"constant{number}" for number, name in enumerate(used)}
        for name, buffer in self._buffers_of.items():
            self.register_buffer(buffer, constants[name].contiguous())

    def forward(self, waveform: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradient of <direction, activation>, and the layer's mean activation.

        Args:
            waveform: (window,).
            direction: (units,).

        Returns:
            (window,) and (units,).
        """
        values = {"waveform": waveform.unsqueeze(0), self._direction: direction.unsqueeze(0)}
        values |= {name: getattr(self, buffer) for name, buffer in self._buffers_of.items()}
        for step in self._steps:
            step.compute(values)
        return values["gradient"][0], values[self._activation][0]


class _Activation(nn.Module):
    """The forward pass alone, of the same operators."""

    def __init__(self, graph: DreamGraph) -> None:
        super().__init__()
        self.graph = graph

    def forward(self, waveform: Tensor, direction: Tensor) -> Tensor:
        """Return the layer's mean activation, (units,); the direction does not matter."""
        return self.graph(waveform, direction)[1]  # type: ignore[no-any-return]


def traced_graphs(pack: Pack, layer: str) -> tuple[torch.jit.ScriptModule, torch.jit.ScriptModule]:
    """Return a pack's graph as TorchScript, compared with ONNX Runtime.

    Args:
        pack: whose graph it is.
        layer: whose activations come out, and in which there is a direction.

    Returns:
        what gives the gradient (window,) and the mean activation (units,), and what gives only the
        activation, both of a waveform (window,) and a direction (units,).

    Raises:
        ModelError: an operator that is not in the table, or results that differ.
    """
    with torch_threads(1), torch.no_grad():
        graph = DreamGraph(pack, layer).eval()
        example = sample_window(pack, 0), torch.ones(pack.layers[layer].units)
        with warnings.catch_warnings():  # shapes and axes are the constants that they are taken for
            warnings.simplefilter("ignore")
            both = _traced(graph, example)
            activation = _traced(_Activation(graph), example)
        error = _error(pack, layer, both)
    if not error < MOST_ERROR:
        raise ModelError(
            f"The TorchScript of {pack.name!r} differs from its graph: its gradients by {error:.1e}"
            f" (relative), and {MOST_ERROR:.0e} is the most."
        )
    return both, activation


def _traced(module: nn.Module, example: tuple[Tensor, ...]) -> torch.jit.ScriptModule:
    """Return the operators that a module runs for an example, in a row."""
    return torch.jit.trace(module, example, check_trace=False)  # type: ignore[no-any-return,no-untyped-call]


def sample_window(pack: Pack, seed: int) -> Tensor:
    """Return a tone in noise, (window,)."""
    random = np.random.default_rng(seed)
    time = np.arange(pack.window) / pack.sample_rate
    tone = np.sin(2 * np.pi * 110.0 * 2.0 ** (5 * random.random()) * time)
    return torch.from_numpy((0.3 * tone + 0.1 * random.standard_normal(pack.window)).astype("f4"))


def _error(pack: Pack, layer: str, traced: torch.jit.ScriptModule) -> float:
    """Return the median relative error of gradients beside ONNX Runtime's.

    Where two samples of a pooling are equal but for rounding, either may win, and the gradient
    takes another path: that happens now and then, and not in most draws.
    """
    source = pack.gradient_source()
    errors = []
    for seed in range(_DRAWS):
        waveform = sample_window(pack, seed)
        random = np.random.default_rng(seed)
        direction = random.standard_normal(pack.layers[layer].units).astype(np.float32)
        expected = source.gradient(waveform.numpy(), {layer: direction})
        gradient, activation = traced(waveform, torch.from_numpy(direction))
        errors.append(
            max(
                relative_error(gradient, expected.waveform),
                relative_error(activation, expected.activations[layer]),
            )
        )
    return float(np.median(errors))


def _steps(
    graph: onnx.GraphProto, constants: dict[str, Tensor], example: dict[str, Tensor], pack: str
) -> list[_Step]:
    """Return what of a graph is to be computed for each waveform.

    Args:
        graph: or the one of its branches that is taken.
        constants: by name; the graph's own, and what follows from them, are added.
        example: all other values by name; those that the graph computes are added.
        pack: named where an operator is missing.
    """
    for stored in graph.initializer:
        constants[stored.name] = torch.from_numpy(numpy_helper.to_array(stored).copy())
    found: list[_Step] = []
    for node in graph.node:
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type == "If":  # by which rule: that is constant here
            taken = "then_branch" if bool(constants[node.input[0]]) else "else_branch"
            branch = attributes[taken]
            found += _steps(branch, constants, example, pack)
            pairs = zip(branch.output, node.output, strict=True)
            steps = [_Step(OPERATORS["Identity"], {}, (one.name,), (to,)) for one, to in pairs]
        elif node.op_type in OPERATORS:
            operator = OPERATORS[node.op_type]
            steps = [_Step(operator, attributes, tuple(node.input), tuple(node.output))]
        else:
            raise ModelError(
                f"{pack!r} cannot become TorchScript: its graph has the operator {node.op_type},"
                " which has no counterpart in exporters/torchscript/operators.py."
            )
        for step in steps:
            is_constant = node.op_type == "Shape" or all(
                name in constants for name in step.inputs if name
            )
            values = constants | example
            step.compute(values)
            into = constants if is_constant else example
            into.update((name, values[name]) for name in step.outputs if name in values)
            if not is_constant:
                found.append(step)
    return found


def _needed(steps: Iterable[_Step], results: Iterable[str]) -> list[_Step]:
    """Return the steps that results need, in order."""
    needed, kept = set(results), []
    for step in reversed(list(steps)):
        if needed.intersection(step.outputs):
            needed.update(step.inputs)
            kept.append(step)
    return kept[::-1]
