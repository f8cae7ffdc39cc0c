"""Reads the convolutions and matrix products of a TensorFlow Lite file, as float32 weights."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.arrays import Float
from ...engine.errors import ModelError

_IDENTIFIER = b"TFL3"
# What reading a damaged flatbuffer can end in: offsets lead anywhere, sizes are any number.
_DAMAGE = (struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError)


@dataclass(frozen=True)
class TfliteLayer:
    """One operator with weights.

    Attributes:
        kind: "CONV_2D", "DEPTHWISE_CONV_2D" or "FULLY_CONNECTED".
        weight: [out, height, width, in], [1, height, width, units] or [out, in].
        bias: [out], or None where it has none.
    """

    kind: str
    weight: Float
    bias: Float | None


def read_tflite_layers(content: bytes) -> list[TfliteLayer]:
    """Return the operators that have weights, in the order in which they run.

    Integer tensors are multiplied by their scale, one for the tensor or one for each unit.

    Args:
        content: of the file.

    Raises:
        ModelError: where it is no TensorFlow Lite file, or a damaged one.
    """
    import tflite

    if content[4:8] != _IDENTIFIER:
        raise ModelError("it is no TensorFlow Lite file")
    try:
        model = tflite.Model.GetRootAsModel(content, 0)
        return list(_layers(tflite, model, model.Subgraphs(0)))
    except _DAMAGE as error:
        raise ModelError(f"the TensorFlow Lite file is damaged ({error})") from error


def _layers(tflite: Any, model: Any, graph: Any) -> Iterator[TfliteLayer]:
    operators = tflite.BuiltinOperator
    kinds = {
        operators.CONV_2D: "CONV_2D",
        operators.DEPTHWISE_CONV_2D: "DEPTHWISE_CONV_2D",
        operators.FULLY_CONNECTED: "FULLY_CONNECTED",
    }
    stored_as: dict[int, int] = {}  # what an operator DEQUANTIZE gives -> what it takes
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        code = model.OperatorCodes(operator.OpcodeIndex())
        # Files from before 2020 keep the operator's number in a field of eight bits.
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if kind == operators.DEQUANTIZE:
            stored_as[operator.Outputs(0)] = operator.Inputs(0)
        elif kind in kinds:
            inputs = [operator.Inputs(place) for place in range(operator.InputsLength())]
            weight, bias = inputs[1], inputs[2] if len(inputs) > 2 else -1
            yield TfliteLayer(
                kinds[kind],
                _tensor(tflite, model, graph.Tensors(stored_as.get(weight, weight))),
                _tensor(tflite, model, graph.Tensors(bias)) if bias >= 0 else None,
            )


def _tensor(tflite: Any, model: Any, tensor: Any) -> Float:
    types = {
        tflite.TensorType.FLOAT32: np.float32,
        tflite.TensorType.INT8: np.int8,
        tflite.TensorType.UINT8: np.uint8,
        tflite.TensorType.INT32: np.int32,
    }
    stored = types.get(tensor.Type())
    if stored is None:
        raise ModelError(f"the TensorFlow Lite file has numbers of type {tensor.Type()}")
    shape = [tensor.Shape(axis) for axis in range(tensor.ShapeLength())]
    data = model.Buffers(tensor.Buffer()).DataAsNumpy()
    array = np.frombuffer(bytes(data), np.dtype(stored).newbyteorder("<")).reshape(shape)
    if stored == np.float32:
        return array.astype(np.float32)
    settings = tensor.Quantization()
    if settings is None or settings.ScaleLength() == 0:
        raise ModelError("the TensorFlow Lite file has integers without a scale")
    along = [1] * len(shape)
    if settings.ScaleLength() > 1:
        along[settings.QuantizedDimension()] = settings.ScaleLength()
    zero = np.reshape(settings.ZeroPointAsNumpy(), along) if settings.ZeroPointLength() else 0
    scale = np.reshape(settings.ScaleAsNumpy(), along)
    numbers: Float = ((array.astype(np.float64) - zero) * scale).astype(np.float32)
    return numbers
