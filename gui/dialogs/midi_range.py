"""The dialog for the range over which a MIDI control turns a parameter."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ...engine.control.midi.mapping import Binding
from ...engine.errors import InnerearError
from ...engine.parameter import Parameter
from ...engine.typed import plain_text
from ..controls.wrapped_label import WrappedLabel
from ..style.theme import WARNING


class MidiRangeDialog(QDialog):
    """Asks for the values at the two ends of a MIDI control."""

    chosen = Signal(float, float)
    """Positions of the parameter, 0 to 1, at the two ends of the control."""

    def __init__(
        self,
        parameter: Parameter,
        bindings: Sequence[dict[str, Any]],
        parent: QWidget | None = None,
    ) -> None:
        """Show the present range.

        Args:
            parameter: the parameter that is turned.
            bindings: its bindings, as data.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle(f"MIDI range of {parameter.title}")
        self._parameter = parameter
        ends = Binding(**bindings[0]).ends() if bindings else (0.0, 1.0)
        self.low, self.high = (
            QLineEdit(parameter.text(parameter.at_position(end)).replace("\N{MINUS SIGN}", "-"))
            for end in ends
        )
        self.low.setAccessibleName("Value at the low end")
        self.high.setAccessibleName("Value at the high end")
        self._problem = WrappedLabel()
        self._problem.setStyleSheet(f"color: {WARNING};")
        form = QFormLayout()
        form.addRow("Low end", self.low)
        form.addRow("High end", self.high)
        hint = WrappedLabel("If the high end is lower than the low end, the knob works in reverse.")
        hint.setProperty("quiet", True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addLayout(form)
        column.addWidget(self._problem)
        column.addWidget(buttons)

    def accept(self) -> None:
        """Emit the range, or show what is wrong with it."""
        try:
            low, high = (self._position(field.text()) for field in (self.low, self.high))
        except InnerearError as problem:
            self._problem.setText(problem.with_title)
            return
        if low == high:
            self._problem.setText("Both ends are the same; enter two different values.")
            return
        self.chosen.emit(low, high)
        super().accept()

    def _position(self, text: str) -> float:
        return self._parameter.position(self._parameter.check(plain_text(self._parameter, text)))
