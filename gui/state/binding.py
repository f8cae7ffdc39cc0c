"""Two helpers that bind a control to a parameter: one each way."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from ...engine.parameter import Value
from ...engine.parameter_values import ParameterSet
from .parameter_controller import ParameterController


class Control(Protocol):
    """A widget that shows one parameter and owns nothing."""

    changed: SignalInstance
    """Emitted with a value and the number of the gesture, when a hand turns it."""

    def show_value(self, value: Value) -> None:
        """Show a value; emit nothing."""


def follow(
    owner: QObject, parameters: ParameterSet, id: str, show: Callable[[Value], None]
) -> None:
    """Show a parameter now and whenever it changes, whoever turns it, while `owner` lives."""

    def observe(changed: str, value: Value) -> None:
        if changed == id:
            show(value)

    end = parameters.observe(observe)
    owner.destroyed.connect(end)
    show(parameters[id])


def drive(control: Control, controller: ParameterController, id: str) -> None:
    """Turn a parameter when a hand turns the control; where it cannot be, show what is."""

    def turn(value: object, gesture: int = 0) -> None:
        if not controller.attempt(lambda: controller.turn({id: value}, gesture=gesture)):
            control.show_value(controller.parameters[id])

    control.changed.connect(turn)
