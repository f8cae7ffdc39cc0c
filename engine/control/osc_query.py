"""The tree of all OSC addresses, as the OSCQuery proposal describes it in JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..parameter import Parameter, Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS
from .osc_addresses import ROOT
from .presets import available_presets

Node = dict[str, Any]
"""One address: its attributes by their names in the proposal."""

ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION")
HOST_INFO = "HOST_INFO"
_OPTIONAL = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION")
_CONTAINER, _READ, _WRITE, _BOTH = range(4)


def host_info(osc_ip: str | None, osc_port: int) -> Node:
    """Return where OSC is spoken, and which attributes nodes have.

    Args:
        osc_ip: address of the OSC server; None where it is the one that was asked.
        osc_port: its UDP port.
    """
    where = {"OSC_IP": osc_ip} if osc_ip is not None else {}
    return {
        "NAME": "Innerear",
        "EXTENSIONS": dict.fromkeys(_OPTIONAL, True),
        **where,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
    }


def address_tree(parameters: ParameterSet, actions: Iterable[str]) -> Node:
    """Return the root of the tree: parameters with their values now, presets and actions.

    Args:
        parameters: whose values are shown.
        actions: names of those that can be done.
    """
    presets = list(available_presets())
    nodes = {
        **{id: _parameter(each, parameters) for id, each in PARAMETERS.items()},
        **{name: _action(name) for name in actions},
        "preset": _leaf("preset", "Play a preset.", _WRITE, "s", RANGE=[{"VALS": presets}]),
        "presets": _leaf(
            "presets",
            "The names of all presets.",
            _READ,
            "s" * len(presets),
            VALUE=presets,
        ),
    }
    own = ROOT.strip("/")
    below = _container(ROOT.rstrip("/"), "All that OSC can turn, play and do.", nodes)
    return _container("/", "Innerear.", {own: below})


def find_node(tree: Node, path: str) -> Node | None:
    """Return the node at a path such as `/innerear/step`; None where there is none."""
    node: Node | None = tree
    for part in path.strip("/").split("/"):
        if part and node is not None:
            node = node.get("CONTENTS", {}).get(part)
    return node


def _parameter(parameter: Parameter, parameters: ParameterSet) -> Node:
    id, value = parameter.id, parameters[parameter.id]
    described = f"{parameter.title}: {parameter.meaning}"
    if parameter.unit:
        described += f" In {parameter.unit}."
    node = _leaf(id, described, _BOTH, _type(parameter, value), VALUE=[value])
    options = parameter.choices_at(value)
    if options:
        node["RANGE"] = [{"VALS": list(options)}]
    elif parameter.kind in ("number", "duration"):
        node["RANGE"] = [{"MIN": parameter.minimum, "MAX": parameter.maximum}]
    node["CONTENTS"] = {
        "position": _leaf(
            f"{id}/position",
            "The position of the knob, along its own curve.",
            _BOTH,
            "f",
            VALUE=[parameters.position(id)],
            RANGE=[{"MIN": 0.0, "MAX": 1.0}],
        )
    }
    return node


def _action(name: str) -> Node:
    described = f"Do what the action {name} does: 1 is a button that is pressed."
    return _leaf(name, described, _WRITE, "i", RANGE=[{"MIN": 0, "MAX": 1}])


def _type(parameter: Parameter, value: Value) -> str:
    """Return the OSC type tag of a value."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, str):
        return "s"
    return "i" if parameter.kind == "integer choice" else "f"


def _leaf(path: str, description: str, access: int, tag: str, **more: Any) -> Node:
    return {
        "FULL_PATH": ROOT + path,
        "DESCRIPTION": description,
        "ACCESS": access,
        "TYPE": tag,
        **more,
    }


def _container(path: str, description: str, nodes: Mapping[str, Node]) -> Node:
    return {
        "FULL_PATH": path,
        "DESCRIPTION": description,
        "ACCESS": _CONTAINER,
        "CONTENTS": dict(nodes),
    }
