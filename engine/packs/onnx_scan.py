"""Looks into an ONNX file for what no pack may have, without the onnx package."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..errors import ModelError

GRAPH, INITIALIZER, RAW_DATA, EXTERNAL_DATA, DATA_LOCATION = 7, 5, 9, 13, 14
"""Numbers of fields: of a model, of a graph, and three of a tensor (onnx.proto3)."""
KEPT_ELSEWHERE = "It keeps tensors in other files; that is refused."

# Which fields of which message lead to a TensorProto: {message: {field: message}} (onnx.proto3).
_PATHS: dict[str, dict[int, str]] = {
    "Model": {GRAPH: "Graph", 20: "Training", 25: "Function"},
    "Graph": {1: "Node", INITIALIZER: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Function": {7: "Node", 11: "Attribute"},
    "Training": {1: "Graph", 2: "Graph"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
}
_OPERATOR, _DOMAIN = 4, 7
_LOOPS = (b"Loop", b"Scan", b"SequenceMap")
"""Operators that run a graph again and again, for as long as the file says."""
_OUR_DOMAINS = (b"", b"ai.onnx")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
Change = Callable[[memoryview], bytes | memoryview]
"""Gives the content of a message in place of another's."""


class Field(NamedTuple):
    """A field of a protocol buffer.

    Attributes:
        number: which field of its message it is.
        value: a number, or bytes.
        whole: the bytes of number and value.
    """

    number: int
    value: int | memoryview
    whole: memoryview


def check_graph(model: bytes) -> None:
    """Refuse an ONNX model that reads other files, may run for ever, or has operators not of ONNX.

    Args:
        model: the bytes of the file.

    Raises:
        ModelError: says which it does, or that the bytes are no protocol buffer.
    """
    try:
        _check(memoryview(model), "Model")
    except RecursionError:
        raise _no_model() from None


def _check(content: memoryview, message: str) -> None:
    for number, value, _ in fields(content):
        if message == "Tensor":
            if number == EXTERNAL_DATA or (number == DATA_LOCATION and value != 0):
                raise ModelError(KEPT_ELSEWHERE)
            continue
        if message == "Node" and isinstance(value, memoryview):
            if number == _OPERATOR and bytes(value) in _LOOPS:
                raise ModelError(f"It has the operator {bytes(value).decode()}; loops are refused.")
            if number == _DOMAIN and bytes(value) not in _OUR_DOMAINS:
                domain = bytes(value[:40]).decode(errors="replace")
                raise ModelError(f"It has an operator of {domain!r}; only those of ONNX are run.")
        inner = _PATHS[message].get(number)
        if inner and isinstance(value, memoryview):
            _check(value, inner)


def fields(message: memoryview) -> Iterator[Field]:
    """Yield the fields of a message of a protocol buffer.

    Raises:
        ModelError: it is cut short, or is none.
    """
    position = 0
    while position < len(message):
        start = position
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield Field(number, value, message[start:position])
            continue
        if kind == _BYTES:
            length, position = _varint(message, position)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise _no_model()
        end = position + length
        if end > len(message):
            raise _no_model()
        yield Field(number, message[position:end], message[start:end])
        position = end


def field(number: int, value: int | bytes | memoryview) -> bytes:
    """Return the bytes of a field of a protocol buffer, as `fields` reads them.

    Args:
        number: of the field.
        value: a number that is not negative, or bytes.
    """
    if isinstance(value, int):
        return _packed(number << 3 | _VARINT) + _packed(value)
    return b"".join((_packed(number << 3 | _BYTES), _packed(len(value)), value))


def with_messages(message: memoryview, number: int, change: Change) -> bytes:
    """Return the content of a message whose inner messages of one number were changed.

    Raises:
        ModelError: it is cut short, or is none.
    """
    return b"".join(
        field(number, change(part.value))
        if part.number == number and isinstance(part.value, memoryview)
        else part.whole
        for part in fields(message)
    )


def _varint(content: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(content) and shift <= 63:
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
    raise _no_model()


def _packed(value: int) -> bytes:
    """Return a number as `_varint` reads it."""
    packed = bytearray()
    while value >= 0x80:
        packed.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*packed, value))


def _no_model() -> ModelError:
    return ModelError("The ONNX file is cut short or is no ONNX file.")
