"""Nodes of an ONNX graph under construction, and how they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import helper


@dataclass(frozen=True)
class Node:
    """An operator with its inputs, outputs and attributes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def trimmed(self, used: set[str]) -> "Node":
        """Leave out a pooling's indices unless they are `used`: it is much faster then."""
        wanted = self.operator != "MaxPool" or self.outputs[-1] in used
        outputs = self.outputs if wanted else self.outputs[:1]
        return Node(self.operator, self.inputs, outputs, self.attributes)

    def proto(self) -> onnx.NodeProto:
        """Return the node as ONNX has it."""
        return helper.make_node(
            self.operator, list(self.inputs), list(self.outputs), **self.attributes
        )


def write_nodes(nodes: Sequence[Node], results: Mapping[str, str]) -> list[onnx.NodeProto]:
    """Return nodes in ONNX, with their results renamed as the graph's outputs.

    Args:
        nodes: in order.
        results: name outside -> name of the tensor.
    """
    made = {output for node in nodes for output in node.outputs}
    renamed: dict[str, str] = {}
    protos = []
    copies = []
    for outside, name in results.items():
        if name in made and name not in renamed:
            renamed[name] = outside
        else:
            copies.append(helper.make_node("Identity", [renamed.get(name, name)], [outside]))
    for node in nodes:
        proto = node.proto()
        for names in (proto.input, proto.output):
            names[:] = [renamed.get(name, name) for name in names]
        for attribute in proto.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, renamed)
        protos.append(proto)
    return protos + copies


def _rename(graph: onnx.GraphProto, renamed: Mapping[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, renamed)


def graph_inputs(graph: onnx.GraphProto) -> set[str]:
    """Return the names that a graph and its subgraphs use and do not define."""
    used: set[str] = set()
    made: set[str] = set()
    for node in graph.node:
        used.update(node.input)
        made.update(node.output)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                used |= graph_inputs(attribute.g)
    return used - made
