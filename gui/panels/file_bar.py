"""The controls of a sound file that plays instead of an input."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from ...engine.live.live_status import LiveStatus
from ..controls.elided_label import ElidedLabel
from ..state.parameter_controller import ParameterController

_PER_SECOND = 20


class FileBar(QFrame):
    """Plays, pauses, seeks and exports a file; hidden while none plays."""

    export = Signal(str)
    """The path of the file that the user wants to export."""
    closed = Signal()
    """The user wants to go back to the input."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Start hidden.

        Args:
            controller: whose session plays the file.
            parent: the widget that holds the bar.
        """
        super().__init__(parent)
        self._controller = controller
        self._path = ""
        self.setProperty("panel", True)
        self.name = ElidedLabel()
        self.play = QPushButton("Pause")
        self.play.setCheckable(True)
        self.play.setAccessibleName("Play or pause the file")
        self.play.clicked.connect(lambda on: self._set(playing=on))
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setAccessibleName("Place in the file")
        self.place.setPageStep(5 * _PER_SECOND)
        self.place.sliderMoved.connect(lambda at: self._set(seconds=at / _PER_SECOND))
        self.place.actionTriggered.connect(lambda action: self._seek())
        self.time = QLabel()
        self.loop = QPushButton("Loop")
        self.loop.setCheckable(True)
        self.loop.clicked.connect(lambda on: self._set(looping=on))
        self.save = QPushButton("Export …")
        self.save.setToolTip("Write the whole file with the present settings")
        self.save.clicked.connect(lambda: self.export.emit(self._path))
        self.leave = QPushButton("Back to the input")
        self.leave.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 8, 5)
        row.addWidget(self.play)
        row.addWidget(self.name, 1)
        row.addWidget(self.place, 2)
        for widget in (self.time, self.loop, self.save, self.leave):
            row.addWidget(widget)
        self.hide()

    def show_status(self, status: LiveStatus | None) -> None:
        """Show the file that plays and the position in it."""
        file = status.file if status is not None else None
        self.setVisible(file is not None)
        if file is None:
            return
        if file.path != self._path:
            self._path = file.path
            self.name.setText(Path(self._path).name)
            self.name.setToolTip(self._path)  # instead of the name alone
        _check(self.play, file.playing)
        self.play.setText("Playing" if file.playing else "Paused")
        _check(self.loop, file.looping)
        if not self.place.isSliderDown():
            self.place.blockSignals(True)
            self.place.setMaximum(round(file.duration_seconds * _PER_SECOND))
            self.place.setValue(round(file.position_seconds * _PER_SECOND))
            self.place.blockSignals(False)
        self.time.setText(f"{_clock(file.position_seconds)} / {_clock(file.duration_seconds)}")

    def _seek(self) -> None:
        """Seek after a key or a click on the track; `sliderMoved` reports a drag."""
        if not self.place.isSliderDown():
            self._set(seconds=self.place.sliderPosition() / _PER_SECOND)

    def _set(self, **values: Any) -> None:
        self._controller.attempt(lambda: self._controller.session.set_file_playback(**values))


def _check(button: QPushButton, on: bool) -> None:
    button.blockSignals(True)
    button.setChecked(on)
    button.blockSignals(False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
