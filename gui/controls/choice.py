"""A drop-down list of the values that a parameter can take."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from ...engine.parameter import Parameter, Value
from ..state.parameter_controller import new_gesture
from .drop_down import DropDown


class Choice(DropDown):
    """Shows one of a parameter's values, and emits the value that the user chooses."""

    changed = Signal(object, int)
    """The value, and the number of the gesture; see `new_gesture`."""

    def __init__(
        self, parameter: Parameter, options: Sequence[Value] = (), parent: QWidget | None = None
    ) -> None:
        """Make a list for a parameter.

        Args:
            parameter: whose values are listed.
            options: the values of a parameter of the kind `text`.
            parent: the widget that holds it.
        """
        super().__init__(parent)
        self.parameter = parameter
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(parameter.title)
        self.setAccessibleDescription(parameter.meaning)
        self.setToolTip(f"<b>{parameter.title}</b><br>{parameter.meaning}")
        self.setSizeAdjustPolicy(DropDown.SizeAdjustPolicy.AdjustToContents)
        self.offer(parameter.choices or options)
        self.activated.connect(lambda index: self.changed.emit(self.itemData(index), new_gesture()))

    def offer(self, options: Sequence[Value]) -> None:
        """List other values."""
        kept = self.currentData()
        self.blockSignals(True)
        self.clear()
        for option in options:
            self.addItem(self.parameter.text(option), option)
        self.blockSignals(False)
        if kept is not None:
            self.show_value(kept)

    def show_value(self, value: Value) -> None:
        """Show a value, also one that is not in the list; emit nothing."""
        index = self.findData(value)
        if index < 0:
            self.addItem(self.parameter.text(value), value)
            index = self.count() - 1
        self.blockSignals(True)
        self.setCurrentIndex(index)
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only with the focus: a wheel that passes must not change the model."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
