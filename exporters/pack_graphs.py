"""Writes the graphs of a model pack, after a comparison with torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch

from ..engine.errors import ModelError
from ..engine.packs.manifest import AURALISE_FILE, DREAM_FILE, HEAR_FILE, LayerInfo
from ..engine.packs.onnx_runners import ACTIVATION_PREFIX, DIRECTION_PREFIX
from ..engine.packs.pack_files import write_graphs
from ..models.networks.listener import Listener
from .auralise_graph import auralise_graph
from .capture.capture import CapturedListener, trace
from .capture.describe import describe_captured
from .capture.threads import torch_threads
from .compare import compare_with_torch
from .graph.builder import GraphBuilder
from .graph.operators import OPERATORS
from .graph.relu_rules import operators_by_rule
from .graph.translator import Translator

_TOLERANCE = 1e-4
# Two sizes that tell apart what depends on the batch from what does not.
_BATCHES = (2, 3)


@dataclass(frozen=True)
class ExportReport:
    """What was written, and how close it is to torch.

    Attributes:
        layers: as measured from the network.
        hear_error: largest relative L2 error of a layer's activations.
        dream_error: largest relative L2 error of a gradient, over layers and rules.
        files: name of each file that was written -> its checksum, as a manifest has it.
    """

    layers: tuple[LayerInfo, ...]
    hear_error: float
    dream_error: float
    files: dict[str, str]


def export_pack_graphs(listener: Listener, folder: str | Path) -> ExportReport:
    """Write `hear.onnx`, `dream.onnx`, `auralise.onnx` and `tensors.bin`, once compared with torch.

    The graphs are those of a model pack, and share their large tensors. `activation.<layer>` of the
    dream graph is the mean over frames (and frequency) of what the other graph hears: for `output`,
    the mean score.

    Args:
        listener: on the CPU, float32; it is put into eval mode, its weights are frozen.
        folder: that exists already.

    Raises:
        ModelError: where the network cannot be exported, or the graphs differ from torch by more
            than 1e-4; then nothing is written.
    """
    with torch_threads(1):
        captured = [CapturedListener(listener, batch) for batch in _BATCHES]
        hear, dream = _hear_graph(captured), _dream_graph(captured)
        layers = tuple(describe_captured(captured[0]))
    contents = {HEAR_FILE: hear.SerializeToString(), DREAM_FILE: dream.SerializeToString()}
    hear_error, dream_error = compare_with_torch(listener, *contents.values())
    for what, error in (("activations", hear_error), ("gradients", dream_error)):
        if not error < _TOLERANCE:
            raise ModelError(
                f"The {what} of the exported graph differ from torch's: relative error {error:.1e}."
            )
    contents[AURALISE_FILE] = auralise_graph(listener)
    files = write_graphs(Path(folder), contents)
    return ExportReport(layers, hear_error, dream_error, files)


def build_graphs(listener: Listener) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Return the graph that hears and the graph that dreams.

    Args:
        listener: on the CPU, float32; it is put into eval mode.

    Raises:
        ModelError: where the network does something that cannot be exported.
    """
    with torch_threads(1):
        captured = [CapturedListener(listener, batch) for batch in _BATCHES]
        return _hear_graph(captured), _dream_graph(captured)


def _hear_graph(captured: Sequence[CapturedListener]) -> onnx.ModelProto:
    builder = GraphBuilder()
    inputs = [builder.input("waveform", np.float32, ["batch", captured[0].window])]
    graphs = [trace(each.hear, [_waveform(each)]) for each in captured]
    results = Translator(builder, OPERATORS).translate(graphs, _BATCHES, inputs)
    for (name, shape), value in zip(captured[0].shapes.items(), results, strict=True):
        builder.output(name, value, ["batch", shape[1], shape[-1]])
    return builder.model("innerear hear")


def _dream_graph(captured: Sequence[CapturedListener]) -> onnx.ModelProto:
    builder = GraphBuilder()
    window, shapes = captured[0].window, captured[0].shapes
    waveform = builder.input("waveform", np.float32, ["batch", window])
    rule = builder.input("rule", np.int64, [])
    inputs = [waveform] + [
        builder.input(DIRECTION_PREFIX + name, np.float32, ["batch", shape[1]])
        for name, shape in shapes.items()
    ]
    graphs = [trace(each.dream, _dream_inputs(each)) for each in captured]
    outputs: dict[str, Sequence[int | str]] = {
        "objective": ["batch"],
        "gradient": ["batch", window],
        **{ACTIVATION_PREFIX + name: ["batch", shape[1]] for name, shape in shapes.items()},
    }
    cases = [
        Translator(builder, operators).translate(graphs, _BATCHES, inputs)
        for operators in operators_by_rule()
    ]
    builder.switch(rule, [dict(zip(outputs, case, strict=True)) for case in cases], outputs)
    return builder.model("innerear dream")


def _waveform(captured: CapturedListener) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(captured.batch, captured.window, generator=generator)


def _dream_inputs(captured: CapturedListener) -> list[torch.Tensor]:
    directions = [torch.ones(captured.batch, shape[1]) for shape in captured.shapes.values()]
    return [_waveform(captured), *directions]
