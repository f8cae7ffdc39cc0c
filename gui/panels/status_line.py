"""The line at the foot of the window: the state of the sound, of MIDI, and messages."""

import time

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ...engine.live.live_status import LiveStatus
from ..controls.elided_label import ElidedLabel
from ..state.model_words import without_command
from ..style.theme import GOOD, HARDWARE, QUIET, TEXT, WARNING

MESSAGE_SECONDS = 10.0
ACTIVE_SECONDS = 0.3
"""How long the MIDI dot is full after a message."""
_FOLLOWED = {"jack": "JACK", "link": "Link"}
"""What tempo and beat follow -> its name, where that is no clock."""
_HEAVY = 0.7
"""The load from which dropouts are likely."""

_FIELDS = {
    "sound": ("Device, rate and block size", ""),
    "latency": ("Latency from input to output, without the device's own", "latency 999.9 ms"),
    "age": ("Age of the dream that is heard (median)", "dream age 9999 ms"),
    "late": (
        "Dreams that came too late; the last one is held meanwhile. Click to count anew",
        "late dreams 9999",
    ),
    "load": (
        "Slowest blocks of sound, as a share of the time available; click to count anew",
        "load 100 %",
    ),
    "xruns": (
        "Dropouts: blocks of sound that the device lost; click to count anew",
        "dropouts 9999",
    ),
    "midi": ("MIDI ports; the dot is full when a message comes", "\N{BLACK CIRCLE} MIDI 9"),
    "clock": ("MIDI clock; the dot is full while it runs", "\N{BLACK CIRCLE} clock"),
}
_DETAILS = ("sound", "latency", "age", "late")
"""Not shown on stage."""
_LEAVING = ("clock", "latency", "sound", "age", "late", "midi")
"""Fields that make room for a long message, in this order."""
_ALWAYS = tuple(name for name in _FIELDS if name not in _LEAVING)
_SPACING = 14


_COUNTS = ("late", "load", "xruns")
"""The fields that a click resets."""


class StatusLine(QWidget):
    """Shows the status in words; a warning has a sign as well as a colour."""

    looked_at = Signal()
    """Emitted when a field that counts is clicked: what it showed has been seen."""
    model_wanted = Signal(str, str)
    """A message that asks for a model, and the model's name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._labels: dict[str, QLabel] = {}
        self._message_end, self._last_number = 0.0, 0
        self._details = True
        self.message = ElidedLabel()
        self.message.setAccessibleName("Message")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(_SPACING)
        row.addWidget(self.message, 1)
        for name, (meaning, _) in _FIELDS.items():
            self._labels[name] = label = QLabel()
            if name in _COUNTS:
                label.installEventFilter(self)
            label.setToolTip(meaning)
            label.setAccessibleName(meaning)
            row.addWidget(label)
        self.set_widths()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a click on a field that counts mean that it has been looked at."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.looked_at.emit()
        return super().eventFilter(watched, event)

    def set_widths(self) -> None:
        """Make each field as wide as its longest text, so that the fields do not move."""
        for name, (_, longest) in _FIELDS.items():
            label = self._labels[name]
            label.ensurePolished()
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(longest))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return the size of what is always shown."""
        width = sum(self._labels[name].minimumWidth() + _SPACING for name in _ALWAYS)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew between the message and the fields."""
        super().resizeEvent(event)
        self._fit()

    def text(self, name: str) -> str:
        """Return the text of a field."""
        return self._labels[name].text()

    def show_message(self, text: str) -> None:
        """Show a message for `MESSAGE_SECONDS`."""
        text, model = without_command(text)
        self._message_end = time.monotonic() + MESSAGE_SECONDS
        self._set_message(text, TEXT)
        if model:
            self.model_wanted.emit(text, model)

    def show_details(self, shown: bool) -> None:
        """Show all fields, or on stage only the most important."""
        self._details = shown
        self._fit()

    def show_status(self, status: LiveStatus | None) -> None:
        """Show the status of the audio server; None while it does not run."""
        if status is None or not status.playing:
            for label in self._labels.values():
                label.clear()
            self._labels["sound"].setText(
                "no sound" if status is None else "waiting for the device"
            )
            self._expire("" if status is None else status.problem)
            self._fit()
            return
        for number, text in status.messages:
            if number > self._last_number:
                self._last_number = number
                self.show_message(text)
        age = status.dreams.age_ms.p50
        midi = status.midi
        moved = midi.quiet_seconds is not None and midi.quiet_seconds < ACTIVE_SECONDS
        load = status.load
        self._set("sound", f"{status.sample_rate / 1000:g} kHz / {status.block_size}")
        self._set("latency", f"latency {status.latency_ms:.1f} ms")
        self._set("age", f"dream age {age:.0f} ms")
        self._set("late", f"late dreams {status.dreams.late}")
        self._set("load", f"load {100 * load:.0f} %", WARNING if load > _HEAVY else QUIET)
        self._set("xruns", f"dropouts {status.xruns}", WARNING if status.xruns else QUIET)
        self._set("midi", f"{_dot(moved)} MIDI {len(midi.ports)}", HARDWARE if moved else QUIET)
        follows = midi.clock or bool(status.sync)
        name = _FOLLOWED.get(status.sync, "clock")
        self._set("clock", f"{_dot(follows)} {name}", GOOD if follows else QUIET)
        self._labels["sound"].setToolTip(f"{status.input} \N{RIGHTWARDS ARROW} {status.output}")
        busy = "preparing the network …" if status.changing else ""
        self._labels["midi"].setToolTip(midi.problem or ", ".join(midi.ports))
        self._expire(status.problem or busy)

    def _set(self, name: str, text: str, name_of_colour: str = QUIET) -> None:
        label = self._labels[name]
        if name_of_colour == WARNING:
            text = "! " + text
        if label.text() != text:
            label.setText(text)
        if label.property("tone") != name_of_colour:
            label.setProperty("tone", name_of_colour)
            label.setStyleSheet(f"color: {name_of_colour};")

    def _expire(self, problem: str) -> None:
        """After the last message has expired, show what is wrong now, if anything is."""
        if time.monotonic() > self._message_end and self.message.text() != problem:
            self._set_message(problem, WARNING if problem else TEXT)

    def _set_message(self, text: str, colour: str) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {colour};")
        self._fit()

    def _fit(self) -> None:
        """Leave fields out, the least important first, until the message has its room."""
        shown = [name for name in _FIELDS if self._details or name not in _DETAILS]
        room = self.width() - self.message.fontMetrics().horizontalAdvance(self.message.text())

        def width() -> int:
            labels = [self._labels[name] for name in shown]
            return sum(max(label.minimumWidth(), label.sizeHint().width()) for label in labels)

        for name in _LEAVING:
            if width() + _SPACING * (len(shown) + 1) <= room:
                break
            if name in shown:
                shown.remove(name)
        for name, label in self._labels.items():
            if label.isHidden() == (name in shown):
                label.setVisible(name in shown)


def _dot(full: object) -> str:
    return "\N{BLACK CIRCLE}" if full else "\N{WHITE CIRCLE}"
