"""A button that switches a parameter on and off."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ...engine.parameter import Parameter, Value
from ..state.parameter_controller import new_gesture
from .steady import SteadyButton


class Switch(SteadyButton):
    """Shows whether a parameter is on, in its text too; emits the value when it is clicked."""

    changed = Signal(object, int)
    """The value, and the number of the gesture; see `new_gesture`."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        """Make a switch for a parameter."""
        super().__init__(parameter.title, f"{parameter.title} on", parent=parent)
        self.parameter = parameter
        self.setCheckable(True)
        self.setAccessibleName(parameter.title)
        self.setAccessibleDescription(parameter.meaning)
        self.setToolTip(f"<b>{parameter.title}</b><br>{parameter.meaning}")
        self.clicked.connect(lambda on: self.changed.emit(on, new_gesture()))

    def show_value(self, value: Value) -> None:
        """Show whether the parameter is on; emit nothing."""
        on = bool(value)
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)
        self.setText(f"{self.parameter.title} on" if on else self.parameter.title)
