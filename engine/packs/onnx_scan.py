"""Look into an ONNX file for tensors kept outside of it, without the onnx package."""

from collections.abc import Iterator

from ..errors import ModelError

# Which fields of which message lead to a TensorProto: {message: {field: message}} (onnx.proto3).
_PATHS: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Function": {7: "Node", 11: "Attribute"},
    "Training": {1: "Graph", 2: "Graph"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def has_external_data(model: bytes) -> bool:
    """Say whether an ONNX model keeps any tensor in another file.

    Args:
        model: the bytes of the file.

    Raises:
        ModelError: where the bytes are no protocol buffer.
    """
    try:
        return _outside(memoryview(model), "Model")
    except (IndexError, RecursionError):
        raise ModelError("The ONNX file is cut short or is no ONNX file.") from None


def _outside(content: memoryview, message: str) -> bool:
    for field, value in _fields(content):
        if message == "Tensor":
            if field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0):
                return True
            continue
        inner = _PATHS[message].get(field)
        if inner and isinstance(value, memoryview) and _outside(value, inner):
            return True
    return False


def _fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    position = 0
    while position < len(content):
        key, position = _varint(content, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(content, position)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, position = _varint(content, position)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise IndexError
        if position + length > len(content):
            raise IndexError
        yield key >> 3, content[position : position + length]
        position += length


def _varint(content: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
        if shift > 63:
            raise IndexError
