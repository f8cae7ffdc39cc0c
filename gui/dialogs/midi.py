"""The dialog for MIDI: ports, bindings, mappings and a monitor; changes are applied at once."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...engine.actions import ACTIONS
from ...engine.control.midi.mapping_files import available_mappings
from ...engine.control.midi.monitor import KEPT
from ...engine.control.midi.port_names import matches
from ...engine.live.live_status import LiveStatus
from ...engine.parameters import PARAMETERS
from ..controls.drop_down import DropDown
from ..controls.wrapped_label import WrappedLabel
from ..state.parameter_controller import ParameterController
from ..style.theme import FAINT, color

_NEEDS_NUMBER = "preset"
"""The action that takes a preset's number; program changes do it without a binding."""


class MidiDialog(QDialog):
    """Lists the bindings, learns and removes them, loads mappings, and shows what arrives."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Show the MIDI state of a controller's session.

        Args:
            controller: whose session holds the bindings.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("MIDI")
        self._controller = controller
        self._shown: object = None
        self._listed: list[dict[str, Any]] = []
        self._heard = 0
        self._learned = ""
        self.ports, self.state = WrappedLabel(), WrappedLabel()
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
        self.table = _bindings_table()
        self.remove = QPushButton("Remove line")
        self.remove.setToolTip("Remove the binding in the chosen line  (Delete)")
        self.remove.clicked.connect(self.remove_chosen)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_chosen)
        self.monitor = _monitor_view()
        self._lay_out()
        self.show_status(controller.status)

    def _lay_out(self) -> None:
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.addWidget(QLabel("Load a mapping"))
        top.addWidget(self.mapping, 1)
        foot.addWidget(QLabel("Let a control turn"))
        foot.addWidget(self.what, 1)
        foot.addWidget(self.learn)
        foot.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.addWidget(self.ports)
        column.addLayout(top)
        column.addWidget(self.table, 3)
        column.addLayout(foot)
        column.addWidget(self.state)
        column.addWidget(self.monitor, 1)
        em = self.fontMetrics().height()
        self.resize(em * 40, em * 30)

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
        now = midi.ports, midi.bound, learning
        if now != self._shown:
            self._shown = now
            self.list_bindings()
        if midi.heard != self._heard and self.isVisible():
            self._show_messages(midi.heard)

    def list_bindings(self) -> None:
        """Read all bindings, and list them: the user's own first, what is not connected grey."""
        found: list[dict[str, Any]] = []
        self._controller.attempt(lambda: found.extend(self._controller.session.midi_bindings()))
        self._listed = found
        status = self._controller.status
        ports = status.midi.ports if status is not None else ()
        self.table.setRowCount(len(found))
        for row, binding in enumerate(found):
            control = binding["control"]
            channel = f", channel {control['channel']}" if control.get("channel") else ""
            cells = (
                _title(binding["parameter"] or binding["action"]),
                _control_text(control) + channel,
                control.get("port") or "any",
                binding["takeover"] or "",
            )
            connected = any(matches(control.get("port") or "", port) for port in ports)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                if not connected:
                    item.setForeground(color(FAINT))
                    item.setToolTip("Its controller is not connected.")
                self.table.setItem(row, column, item)

    def toggle_learning(self) -> None:
        """Wait for a control to be moved, or stop waiting."""
        controller, status = self._controller, self._controller.status
        if status is not None and status.midi.learning:
            controller.stop_learning(status.midi.learning)
        else:
            self._learned = self.what.currentData()
            controller.attempt(lambda: controller.learn(self._learned))

    def done(self, result: int) -> None:
        """Stop waiting for a control that was asked for here: nobody would know of it."""
        if self._learned:
            self._controller.stop_learning(self._learned)
        super().done(result)

    def remove_chosen(self) -> None:
        """Remove the binding in the chosen line, and no other."""
        row = self.table.currentRow()
        if 0 <= row < len(self._listed):
            binding = self._listed[row]
            self._controller.attempt(lambda: self._controller.session.midi_unbind(binding))
            self.list_bindings()
            self.table.setCurrentCell(min(row, self.table.rowCount() - 1), 0)

    def _show_messages(self, count: int) -> None:
        """Show the messages that came since the last time."""
        after = self._heard if count > self._heard else 0  # another server counts from 0

        def show() -> None:
            self._heard, lines = self._controller.session.midi_messages(after)
            if lines:
                self.monitor.appendPlainText("\n".join(lines))

        self._controller.attempt(show)

    def _use_mapping(self) -> None:
        name = self.mapping.currentData()
        if name is not None and self._controller.attempt(
            lambda: self._controller.session.midi_mapping(name)
        ):
            self._controller.show_message(f"Loaded the MIDI mapping {name}.")
            self.list_bindings()


def _bindings_table() -> QTableWidget:
    table = QTableWidget(0, 4)
    table.setAccessibleName("What controllers do")
    table.setHorizontalHeaderLabels(["Turns", "Control", "Device", "Takeover"])
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table


def _monitor_view() -> QPlainTextEdit:
    view = QPlainTextEdit()
    view.setAccessibleName("Messages that arrive")
    view.setPlaceholderText("What controllers send is shown here.")
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setMaximumBlockCount(KEPT)
    return view


def _control_text(control: dict[str, Any]) -> str:
    if control["kind"] in ("program", "pitch-bend", "pressure"):  # a channel has only one
        return str(control["kind"])
    return f"{control['kind']} {control['number']}"


def _title(target: str) -> str:
    if target in PARAMETERS:
        return PARAMETERS[target].title
    return f"Button: {target.replace('-', ' ')}"
