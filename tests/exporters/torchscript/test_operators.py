"""Every ONNX operator of the table gives what ONNX Runtime gives."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from onnx import TensorProto, helper, numpy_helper

from innerear.engine.packs.sessions.session import open_session
from innerear.exporters.torchscript.operators import OPERATORS

Arrays = tuple[np.ndarray | None, ...]


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


CASES: dict[str, tuple[str, Arrays, dict[str, Any]]] = {
    "slice backwards": (
        "Slice",
        (draw(2, 9), numbers(-1), numbers(-99), numbers(1), numbers(-2)),
        {},
    ),
    "slice far": (
        "Slice",
        (draw(2, 9), numbers(1, 2), numbers(99, -1), numbers(0, 1), numbers(1, 3)),
        {},
    ),
    "slice without axes": ("Slice", (draw(4, 5), numbers(1, 0), numbers(3, 2)), {}),
    "split": ("Split", (draw(2, 7), numbers(3, 4)), {"axis": 1}),
    "pad": ("Pad", (draw(2, 3), numbers(0, 1, 2, 0), np.float32(0.5)), {}),
    "cut by padding": ("Pad", (draw(2, 5), numbers(0, -1, 0, -2)), {}),
    "pad an axis": ("Pad", (draw(2, 3), numbers(1, 2), None, numbers(-1)), {}),
    "expand": ("Expand", (draw(3, 1), numbers(2, 1, 4)), {}),
    "gather one": ("Gather", (draw(3, 4), np.array(-1)), {"axis": 1}),
    "gather a table": ("Gather", (draw(3, 4), np.array([[0, 2], [1, 1]])), {"axis": 0}),
    "add into places": (
        "ScatterElements",
        (draw(2, 4), np.array([[1, 1], [0, 3]]), draw(2, 2)),
        {"axis": 1, "reduction": "add"},
    ),
    "reshape": ("Reshape", (draw(2, 3, 4), numbers(0, -1)), {}),
    "squeeze": ("Squeeze", (draw(2, 1, 4), numbers(-2)), {}),
    "transpose": ("Transpose", (draw(2, 3, 4),), {"perm": [2, 0, 1]}),
    "part of a shape": ("Shape", (draw(2, 3, 4),), {"start": 1}),
    "range": ("Range", (np.array(1), np.array(9), np.array(3)), {}),
    "repeat": (
        "Resize",
        (draw(1, 2, 1, 5), None, np.array([1, 1, 1, 3], np.float32)),
        {
            "mode": "nearest",
            "nearest_mode": "floor",
            "coordinate_transformation_mode": "asymmetric",
        },
    ),
    "convolution, uneven padding": (
        "Conv",
        (draw(1, 4, 12), draw(6, 2, 3), draw(6)),
        {"pads": [2, 1], "strides": [2], "dilations": [2], "group": 2},
    ),
    "transposed convolution": (
        "ConvTranspose",
        (draw(1, 3, 5, 6), draw(3, 2, 3, 3)),
        {"pads": [1, 0, 1, 2], "strides": [2, 1], "output_padding": [1, 0]},
    ),
    "pooling": ("MaxPool", (draw(1, 3, 7, 9),), {"kernel_shape": [2, 3], "strides": [2, 3]}),
    "overlapping pooling": (
        "MaxPool",
        (draw(1, 3, 7, 9),),
        {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    ),
    "average of what is there": (
        "AveragePool",
        (draw(1, 2, 9),),
        {"kernel_shape": [3], "strides": [2], "pads": [1, 1]},
    ),
    "global average": ("GlobalAveragePool", (draw(2, 3, 4, 5),), {}),
    "mean of short axes": ("ReduceMean", (draw(2, 3, 2, 9), numbers(0, -1)), {"keepdims": 0}),
    "mean of all": ("ReduceMean", (draw(2, 3),), {"keepdims": 1}),
    "sum": ("ReduceSum", (draw(2, 3, 4), numbers(1)), {"keepdims": 1}),
    "linear": ("Gemm", (draw(4, 2), draw(3, 4), draw(3)), {"transA": 1, "transB": 1, "alpha": 0.5}),
    "step": ("HardSigmoid", (draw(9),), {"alpha": 1e30, "beta": 0.0}),
    "whole division": ("Div", (numbers(7, 9), numbers(2, 4)), {}),
    "remainder": ("Mod", (numbers(7, -9), numbers(4, 4)), {}),
    "least of three": ("Min", (draw(3), draw(2, 3), draw(1)), {}),
    "cast": ("Cast", (draw(4),), {"to": TensorProto.INT64}),
    "softmax": ("Softmax", (draw(2, 3, 4),), {"axis": 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_operator_gives_what_onnx_runtime_gives(case: str) -> None:
    operator, arrays, attributes = CASES[case]
    names = ["" if array is None else f"in{number}" for number, array in enumerate(arrays)]
    outputs = 2 if operator == "Split" else 1
    results = [f"out{number}" for number in range(outputs)]
    constants = [
        numpy_helper.from_array(np.asarray(array), name)
        for name, array in zip(names, arrays, strict=True)
        if array is not None
    ]
    given = [torch.from_numpy(np.array(array)) if array is not None else None for array in arrays]
    node = helper.make_node(operator, names, results, **attributes)
    read = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    found = OPERATORS[operator](read, given)

    types = {torch.float32: TensorProto.FLOAT, torch.int64: TensorProto.INT64}
    infos = [
        helper.make_tensor_value_info(name, types[each.dtype], None)
        for name, each in zip(results, found, strict=True)
    ]
    graph = helper.make_graph([node], "one", [], infos, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    expected = open_session(model.SerializeToString()).run(results, {})
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-5, atol=1e-6)
