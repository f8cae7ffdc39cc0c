"""The parameters in the groups in which the window shows them, from their declarations. No Qt."""

from collections.abc import Iterable, Mapping

from ...engine.parameter import Group, Parameter
from ...engine.parameters import PARAMETERS

_KNOBS = ("number", "duration")
_CHOICES = ("choice", "integer choice")
_SHOWN_ELSEWHERE = ("Network", "Performance")
"""The top bar and the picture of the network show these groups."""


def knob_groups() -> Mapping[Group, tuple[Parameter, ...]]:
    """Return the parameters that are knobs, by group; groups are in the order of declaration."""
    return _grouped(p for p in _panel_parameters() if p.kind in _KNOBS)


def choices() -> tuple[Parameter, ...]:
    """Return the parameters that are drop-down lists."""
    groups = _grouped(p for p in _panel_parameters() if p.kind in _CHOICES)
    return tuple(parameter for group in groups.values() for parameter in group)


def switches() -> tuple[Parameter, ...]:
    """Return the parameters that are on or off; the top bar shows them all."""
    groups = _grouped(p for p in PARAMETERS.values() if p.kind == "switch")
    return tuple(parameter for group in groups.values() for parameter in group)


def _panel_parameters() -> Iterable[Parameter]:
    return (p for p in PARAMETERS.values() if p.group not in _SHOWN_ELSEWHERE)


def _grouped(parameters: Iterable[Parameter]) -> Mapping[Group, tuple[Parameter, ...]]:
    """Return parameters by group; those that lead come first."""
    groups: dict[Group, list[Parameter]] = {}
    for parameter in parameters:
        groups.setdefault(parameter.group, []).append(parameter)
    return {
        group: tuple(sorted(members, key=lambda parameter: not parameter.leads))
        for group, members in groups.items()
    }
