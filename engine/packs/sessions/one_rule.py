"""A graph that computes by one rule, of one that chooses among several while it runs.

A card can capture no choice. The graphs of packs hold a subgraph for each rule, and choose by its
number: `builder.py` of the exporters writes them so.
"""

from collections.abc import Iterable, Mapping

from ...errors import ModelError
from ..onnx_scan import GRAPH, INITIALIZER, RAW_DATA, Field, field, fields, with_messages

_NODE = 1
_INPUT, _OUTPUT, _OPERATOR, _ATTRIBUTE = 1, 2, 4, 5
_NAME, _SUBGRAPH, _GRAPH_OUTPUT = 1, 6, 12
_TENSOR_NAME = 8
"""Numbers of fields: of a graph, of a node, of an attribute and a graph's output, of a tensor."""
_RULE = "rule"
_CHOICE, _TEST = "If", "LessOrEqual"


def graph_of_rule(model: bytes, rule: int) -> bytes:
    """Return an ONNX model that computes what another computes by one rule.

    Args:
        model: an ONNX model; it may be anybody's.
        rule: its number.

    Returns:
        the model, with the same inputs and outputs, in which the subgraph of this rule stands in
        place of the choices by `rule`. Without such a choice it is as it was.

    Raises:
        ModelError: it is no ONNX model, or chooses by something else.
    """
    return with_messages(memoryview(model), GRAPH, lambda graph: _decided(graph, rule))


def _decided(graph: memoryview, rule: int) -> bytes:
    """Return the content of a graph without choices."""
    parts = list(fields(graph))
    nodes = [_bytes(part) for part in parts if part.number == _NODE]
    tensors = [_bytes(part) for part in parts if part.number == INITIALIZER]
    while choice := next((node for node in nodes if _text(node, _OPERATOR) == _CHOICE), None):
        condition = _text(choice, _INPUT)
        test = next((node for node in nodes if condition in _texts(node, _OUTPUT)), memoryview(b""))
        branch = _branch(choice, _is_true(test, tensors, rule))
        results = [_text(_bytes(part), _NAME) for part in branch if part.number == _GRAPH_OUTPUT]
        names = dict(zip(results, _texts(choice, _OUTPUT), strict=False))
        nodes = [node for node in nodes if node not in (choice, test)]
        nodes += [_renamed(_bytes(part), names) for part in branch if part.number == _NODE]
        tensors += [_bytes(part) for part in branch if part.number == INITIALIZER]
    others = (part.whole for part in parts if part.number not in (_NODE, INITIALIZER))
    return b"".join(
        (
            *(field(_NODE, node) for node in nodes),
            *others,
            *(field(INITIALIZER, tensor) for tensor in tensors),
        )
    )


def _is_true(test: memoryview, tensors: Iterable[memoryview], rule: int) -> bool:
    """Return whether a rule's number is at most the constant that a node compares it with.

    Raises:
        ModelError: the node does anything else.
    """
    inputs = _texts(test, _INPUT)
    if _text(test, _OPERATOR) == _TEST and len(inputs) == 2 and inputs[0] == _RULE:
        for tensor in tensors:
            if _text(tensor, _TENSOR_NAME) == inputs[1]:
                return rule <= _integer(tensor)
    raise ModelError("It chooses by something else than the rule.")


def _integer(tensor: memoryview) -> int:
    """Return the number of an int64 scalar."""
    for part in fields(tensor):
        if part.number == RAW_DATA and isinstance(part.value, memoryview) and len(part.value) == 8:
            return int.from_bytes(part.value, "little", signed=True)
    raise ModelError("It compares the rule with no number.")


def _branch(choice: memoryview, is_true: bool) -> list[Field]:
    """Return the fields of the subgraph that a choice takes."""
    wanted = "then_branch" if is_true else "else_branch"
    for part in fields(choice):
        if part.number == _ATTRIBUTE and _text(_bytes(part), _NAME) == wanted:
            for inner in fields(_bytes(part)):
                if inner.number == _SUBGRAPH:
                    return list(fields(_bytes(inner)))
    raise ModelError(f"A choice has no {wanted}.")


def _renamed(node: memoryview, names: Mapping[str, str]) -> memoryview:
    """Return a node that reads and writes tensors by other names."""

    def renamed(text: memoryview) -> bytes | memoryview:
        name = names.get(bytes(text).decode(errors="replace"))
        return text if name is None else name.encode()

    for number in (_INPUT, _OUTPUT):
        node = memoryview(with_messages(node, number, renamed))
    return node


def _texts(message: memoryview, number: int) -> list[str]:
    return [_decoded(part) for part in fields(message) if part.number == number]


def _text(message: memoryview, number: int) -> str:
    return next(iter(_texts(message, number)), "")


def _decoded(part: Field) -> str:
    return bytes(_bytes(part)).decode(errors="replace")


def _bytes(part: Field) -> memoryview:
    if not isinstance(part.value, memoryview):
        raise ModelError("It is no ONNX model.")
    return part.value
