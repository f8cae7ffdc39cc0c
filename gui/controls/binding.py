"""Binds controls to parameters: a control shows its parameter's value, and sets it when turned."""

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtCore import QObject, SignalInstance

from ...engine.parameter import Parameter, Value
from ...engine.parameter_values import ParameterSet
from ..state.parameter_controller import ParameterController


class Control(Protocol):
    """A widget that shows one parameter and does not store its value."""

    parameter: Parameter
    """The parameter that it shows."""
    changed: SignalInstance
    """Emitted with a value and the number of the gesture when the user turns the control."""

    def show_value(self, value: Value) -> None:
        """Show a value; emit nothing."""


def bind(control: Control, controller: ParameterController) -> None:
    """Bind a control to its parameter both ways; see `follow` and `drive`."""
    follow(cast(QObject, control), controller.parameters, control.parameter.id, control.show_value)
    drive(control, controller)


def follow(
    owner: QObject, parameters: ParameterSet, id: str, show: Callable[[Value], None]
) -> None:
    """Show a parameter's value now and whenever it changes, until `owner` is destroyed.

    Args:
        owner: the object whose destruction ends the observation.
        parameters: the set that holds the parameter.
        id: of the parameter.
        show: called with the value.
    """

    def observe(changed: str, value: Value) -> None:
        if changed == id:
            show(value)

    end = parameters.observe(observe)
    owner.destroyed.connect(end)
    show(parameters[id])


def drive(control: Control, controller: ParameterController) -> None:
    """Set a control's parameter when the user turns it; show the value again if it is refused.

    Args:
        control: the control that is turned.
        controller: sets the parameter and reports why a value is refused.
    """
    id = control.parameter.id

    def change(value: object, gesture: int) -> None:
        if not controller.attempt(lambda: controller.change({id: value}, gesture=gesture)):
            control.show_value(controller.parameters[id])

    control.changed.connect(change)
