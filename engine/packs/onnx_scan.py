"""Looks into an ONNX file for what no pack may have, without the onnx package."""

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
_OPERATOR, _DOMAIN = 4, 7
_LOOPS = (b"Loop", b"Scan", b"SequenceMap")
"""Operators that run a graph again and again, for as long as the file says."""
_OUR_DOMAINS = (b"", b"ai.onnx")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def check_graph(model: bytes) -> None:
    """Refuse an ONNX model that reads other files, may run for ever, or has operators not of ONNX.

    Args:
        model: the bytes of the file.

    Raises:
        ModelError: says which it does, or that the bytes are no protocol buffer.
    """
    try:
        _check(memoryview(model), "Model")
    except (IndexError, RecursionError):
        raise ModelError("The ONNX file is cut short or is no ONNX file.") from None


def _check(content: memoryview, message: str) -> None:
    for field, value in _fields(content):
        if message == "Tensor":
            if field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0):
                raise ModelError("It keeps tensors in other files; that is refused.")
            continue
        if message == "Node" and isinstance(value, memoryview):
            if field == _OPERATOR and bytes(value) in _LOOPS:
                raise ModelError(f"It has the operator {bytes(value).decode()}; loops are refused.")
            if field == _DOMAIN and bytes(value) not in _OUR_DOMAINS:
                domain = bytes(value[:40]).decode(errors="replace")
                raise ModelError(f"It has an operator of {domain!r}; only those of ONNX are run.")
        inner = _PATHS[message].get(field)
        if inner and isinstance(value, memoryview):
            _check(value, inner)


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
