"""A model pack that is made in no time, and whose answers are known on paper."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from innerear.engine.packs.manifest import GRAPH_FILES, TENSORS_FILE
from innerear.engine.packs.shared_tensors import whole_graph

TOY_CLASSES = ("Low tone", "High tone", "Middle tone")
# Whole periods in a hop, so that every window finds its tone at the same phase.
TOY_HERTZ = (240, 4000, 1000)
TOY_WINDOW = 1600


def make_toy_pack(folder: Path) -> Path:
    """Make a model pack with a linear network, whose answers are known on paper; return its folder.

    Layer `tones` is <template, waveform> / 100 for three sine templates; `output` is its sigmoid.
    So a gradient is the template of the class that is asked for, whatever the waveform is.

    Args:
        folder: to be made; called `toy-tones`.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir()
    seconds = np.arange(TOY_WINDOW) / 16_000
    templates = np.sin(2 * np.pi * np.outer(seconds, TOY_HERTZ)).astype(np.float32) / 100
    constants = [
        numpy_helper.from_array(templates, "templates"),
        numpy_helper.from_array(np.ascontiguousarray(templates.T), "templates_turned"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "units"),
    ]

    def value(name: str, *shape: str | int, kind: int = TensorProto.FLOAT) -> object:
        return helper.make_tensor_value_info(name, kind, shape)

    def save(file: str, nodes: list, inputs: list, outputs: list) -> None:
        used = {name for node in nodes for name in node.input}
        graph = helper.make_graph(
            nodes, "toy", inputs, outputs, [item for item in constants if item.name in used]
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.checker.check_model(model)
        (folder / file).write_bytes(model.SerializeToString())

    node = helper.make_node
    save(
        "hear.onnx",
        [
            node("MatMul", ["waveform", "templates"], ["flat"]),
            node("Unsqueeze", ["flat", "last"], ["tones"]),
            node("Sigmoid", ["tones"], ["output"]),
        ],
        [value("waveform", "batch", TOY_WINDOW)],
        [value("tones", "batch", 3, 1), value("output", "batch", 3, 1)],
    )
    save(
        "dream.onnx",
        [
            node("MatMul", ["waveform", "templates"], ["activation.tones"]),
            node("Sigmoid", ["activation.tones"], ["activation.output"]),
            node("Add", ["direction.tones", "direction.output"], ["direction"]),
            node("Mul", ["direction", "activation.tones"], ["products"]),
            node("ReduceSum", ["products", "units"], ["objective"], keepdims=0),
            node("MatMul", ["direction", "templates_turned"], ["gradient"]),
        ],
        [
            value("waveform", "batch", TOY_WINDOW),
            value("rule", kind=TensorProto.INT64),
            value("direction.tones", "batch", 3),
            value("direction.output", "batch", 3),
        ],
        [
            value("objective", "batch"),
            value("gradient", "batch", TOY_WINDOW),
            value("activation.tones", "batch", 3),
            value("activation.output", "batch", 3),
        ],
    )
    layer = {"units": 3, "hop": TOY_WINDOW, "receptive_field": TOY_WINDOW}
    manifest = {
        "schema_version": 1,
        "name": "toy-tones",
        "title": "Toy tones",
        "sample_rate": 16_000,
        "window": TOY_WINDOW,
        "hop": TOY_WINDOW // 4,
        "front_end": "none",
        "layers": [{"name": "tones", **layer}, {"name": "output", **layer}],
        "classes": list(TOY_CLASSES),
        "files": {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
            for file in ("hear.onnx", "dream.onnx")
        },
        "licence": "MIT",
        "training_data": "none: its weights are sines",
        "accuracy": {"test": 1.0},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what a pack's manifest says."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def sign(folder: Path, file: str) -> None:
    """Put the checksum that a pack's file has into the manifest.

    Raises:
        ModelError: it is a graph that cannot be made whole.
    """
    content = (folder / file).read_bytes()
    if file in GRAPH_FILES and (folder / TENSORS_FILE).is_file():
        content = whole_graph(content, (folder / TENSORS_FILE).read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    change_manifest(folder, lambda content: content["files"].update({file: digest}))
