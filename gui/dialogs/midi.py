"""The dialog for MIDI: ports, bindings and mappings; changes are applied at once."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...engine.actions import ACTIONS
from ...engine.control.midi.mapping_files import available_mappings
from ...engine.live.live_status import LiveStatus
from ...engine.parameters import PARAMETERS
from ..controls.drop_down import DropDown
from ..state.parameter_controller import ParameterController

_NEEDS_NUMBER = "preset"
"""The action that takes a preset's number; program changes do it without a binding."""


class MidiDialog(QDialog):
    """Lists the MIDI bindings, learns and forgets them, and loads mappings."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Show the MIDI state of a controller's session.

        Args:
            controller: whose session holds the bindings.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("MIDI")
        self._controller = controller
        self._bound: object = None
        self.ports, self.state = QLabel(), QLabel()
        for label in (self.ports, self.state):
            label.setWordWrap(True)
        self.mapping = DropDown()
        self.mapping.setAccessibleName("Mapping")
        self.mapping.addItem("Choose a mapping …", None)
        for name in available_mappings():
            self.mapping.addItem(name, name)
        self.mapping.activated.connect(self._use_mapping)
        self.what = DropDown()
        self.what.setAccessibleName("What is learned")
        for id, parameter in PARAMETERS.items():
            self.what.addItem(parameter.title, id)
        for action in ACTIONS:
            if action != _NEEDS_NUMBER and action not in PARAMETERS:
                self.what.addItem(f"Button: {action.replace('-', ' ')}", action)
        self.learn = QPushButton("Learn")
        self.learn.clicked.connect(self.toggle_learning)
        self.table = QTableWidget(0, 4)
        self.table.setAccessibleName("What controllers do")
        self.table.setHorizontalHeaderLabels(["Turns", "Control", "Device", "Takeover"])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        heads = self.table.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.forget = QPushButton("Forget")
        self.forget.clicked.connect(self.forget_chosen)
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.addWidget(QLabel("Load a mapping"))
        top.addWidget(self.mapping, 1)
        foot.addWidget(QLabel("Let a control turn"))
        foot.addWidget(self.what, 1)
        foot.addWidget(self.learn)
        foot.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.addWidget(self.ports)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        column.addWidget(self.state)
        em = self.fontMetrics().height()
        self.resize(em * 40, em * 26)
        self.show_status(controller.status)

    def show_status(self, status: LiveStatus | None) -> None:
        """Show the ports and what is learned; read the bindings again if they have changed."""
        if status is None:
            self.ports.setText("MIDI starts with the sound.")
            self.learn.setEnabled(False)
            return
        midi = status.midi
        none = "none; connect one, and it is found by itself"
        listed = ", ".join(midi.ports) if midi.ports else none
        self.ports.setText(f"Ports: {listed}")
        self.learn.setEnabled(True)
        learning = midi.learning
        self.learn.setText("Stop" if learning else "Learn")
        if learning:
            self.state.setText(f"Move the control that is to turn {_title(learning)}.")
        else:
            self.state.setText(midi.problem)
        now = midi.bound, learning
        if now != self._bound:
            self._bound = now
            self.refresh()

    def refresh(self) -> None:
        """Read all bindings, and list them."""
        found: list[dict[str, Any]] = []
        self._controller.attempt(lambda: found.extend(self._controller.session.midi_bindings()))
        self.table.setRowCount(len(found))
        for row, binding in enumerate(found):
            control = binding["control"]
            target = binding["parameter"] or binding["action"]
            channel = f", channel {control['channel']}" if control.get("channel") else ""
            cells = (
                _title(target),
                _control_text(control) + channel,
                control.get("port") or "any",
                binding["takeover"] or "",
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, target)
                self.table.setItem(row, column, item)

    def toggle_learning(self) -> None:
        """Wait for a control to be moved, or stop waiting."""
        status, session = self._controller.status, self._controller.session
        if status is not None and status.midi.learning:
            self._controller.attempt(session.midi_cancel)
        else:
            target = self.what.currentData()
            self._controller.attempt(lambda: session.midi_learn(target))

    def forget_chosen(self) -> None:
        """Remove all bindings of the parameter or action in the selected row."""
        item = self.table.item(self.table.currentRow(), 0)
        if item is not None:
            target = item.data(Qt.ItemDataRole.UserRole)
            self._controller.attempt(lambda: self._controller.session.midi_forget(target))
            self.refresh()

    def _use_mapping(self) -> None:
        name = self.mapping.currentData()
        if name is not None and self._controller.attempt(
            lambda: self._controller.session.midi_mapping(name)
        ):
            self._controller.show_message(f"Loaded the MIDI mapping {name}.")
            self.refresh()


def _control_text(control: dict[str, Any]) -> str:
    if control["kind"] in ("program", "pitch-bend", "pressure"):  # a channel has only one
        return str(control["kind"])
    return f"{control['kind']} {control['number']}"


def _title(target: str) -> str:
    if target in PARAMETERS:
        return PARAMETERS[target].title
    return f"Button: {target.replace('-', ' ')}"
