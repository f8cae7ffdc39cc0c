"""Tensors that the graphs of a pack have in common, kept once in a file beside them.

A graph refers to them as to ONNX's external data, so other programs can open it, too. Here a graph
is made whole in memory before anything else reads it: ONNX Runtime never opens a file by itself.
"""

from collections.abc import Mapping

from ..errors import ModelError
from .manifest import TENSORS_FILE
from .onnx_scan import (
    DATA_LOCATION,
    EXTERNAL_DATA,
    GRAPH,
    INITIALIZER,
    KEPT_ELSEWHERE,
    RAW_DATA,
    Change,
    Field,
    field,
    fields,
    with_messages,
)

LEAST_BYTES = 1024
"""Smaller tensors stay in their graphs: to say where they are would take a good part of that."""
MOST_BYTES = 2_000_000_000
"""Of a whole graph: more than a protocol buffer can have."""
_EXTERNAL = 1
_KEY, _VALUE = 1, 2
_DIGITS = 12


def share_tensors(graphs: Mapping[str, bytes]) -> tuple[dict[str, bytes], bytes]:
    """Take the large tensors out of graphs, and keep equal ones once.

    Args:
        graphs: name -> an ONNX model.

    Returns:
        name -> the model without them, and the content of `TENSORS_FILE`. `whole_graph` makes each
        model of them again, byte for byte; one that it could not make again stays whole.

    Raises:
        ModelError: one is no ONNX model.
    """
    offsets: dict[bytes, int] = {}
    end = 0

    def without_data(tensor: memoryview) -> bytes | memoryview:
        nonlocal end
        parts = list(fields(tensor))
        found = [bytes(part.value) for part in parts if _is_message(part, RAW_DATA)]
        if len(found) != 1 or len(found[0]) < LEAST_BYTES:
            return tensor
        if found[0] not in offsets:
            offsets[found[0]] = end
            end += len(found[0])
        reference = _reference(offsets[found[0]], len(found[0]))
        return b"".join(reference if _is_message(part, RAW_DATA) else part.whole for part in parts)

    stored = {name: _with_initializers(graph, without_data) for name, graph in graphs.items()}
    tensors = b"".join(offsets)
    for name, graph in graphs.items():
        if whole_graph(stored[name], tensors) != graph:
            stored[name] = graph
    return stored, tensors


def whole_graph(graph: bytes, tensors: bytes) -> bytes:
    """Put the tensors that a graph refers to back into it.

    Args:
        graph: an ONNX model as a pack stores it; it may be anybody's.
        tensors: the content of `TENSORS_FILE`.

    Returns:
        the model. Only initializers of the outermost graph are looked at: `check_graph` refuses a
        model that keeps others elsewhere.

    Raises:
        ModelError: it is no ONNX model, refers to another file or beyond the end of this one, or
            would have more than `MOST_BYTES`.
    """
    room = MOST_BYTES - len(graph)

    def with_data(tensor: memoryview) -> bytes | memoryview:
        nonlocal room
        parts = list(fields(tensor))
        if not any(part.number == DATA_LOCATION for part in parts):
            return tensor
        offset, length = _place(parts)
        if offset + length > len(tensors):
            raise ModelError(f"It refers to data beyond the end of {TENSORS_FILE}.")
        room -= length
        if room < 0:
            raise ModelError(f"It has more than {MOST_BYTES} bytes.")
        data = field(RAW_DATA, memoryview(tensors)[offset : offset + length])
        kept = (part for part in parts if part.number != EXTERNAL_DATA)
        return b"".join(data if part.number == DATA_LOCATION else part.whole for part in kept)

    return _with_initializers(graph, with_data)


def _reference(offset: int, length: int) -> bytes:
    """Return the fields of a tensor that say where its data are."""
    values = {"location": TENSORS_FILE, "offset": str(offset), "length": str(length)}
    entries = (
        field(_KEY, key.encode()) + field(_VALUE, value.encode()) for key, value in values.items()
    )
    return b"".join(field(EXTERNAL_DATA, entry) for entry in entries) + field(
        DATA_LOCATION, _EXTERNAL
    )


def _place(parts: list[Field]) -> tuple[int, int]:
    """Return the offset and the length that a tensor's fields say, as `_reference` writes them.

    Raises:
        ModelError: they say anything else.
    """
    said = b"".join(part.whole for part in parts if part.number in (EXTERNAL_DATA, DATA_LOCATION))
    entries = [
        entry.value
        for part in parts
        if part.number == EXTERNAL_DATA and isinstance(part.value, memoryview)
        for entry in fields(part.value)
        if entry.number == _VALUE
    ]
    offset, length = (_number(entry) for entry in entries[1:3]) if len(entries) == 3 else (0, 0)
    if said != _reference(offset, length):
        raise ModelError(KEPT_ELSEWHERE)
    return offset, length


def _number(text: int | memoryview) -> int:
    """Return the number that a text says, or 0."""
    digits = bytes(text) if isinstance(text, memoryview) and len(text) <= _DIGITS else b""
    return int(digits) if digits.isdigit() else 0


def _with_initializers(model: bytes, change: Change) -> bytes:
    """Return a model whose initializers were changed."""
    return with_messages(
        memoryview(model), GRAPH, lambda graph: with_messages(graph, INITIALIZER, change)
    )


def _is_message(part: Field, number: int) -> bool:
    return part.number == number and isinstance(part.value, memoryview)
