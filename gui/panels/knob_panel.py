"""The knobs, choices and switches, in groups; each is bound both ways and learns MIDI."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...engine.control.status import MidiStatus
from ...engine.live.live_status import LiveStatus
from ...engine.parameters import PARAMETERS
from ..controls.choice import Choice
from ..controls.knob import Knob
from ..state.binding import drive, follow
from ..state.parameter_controller import ParameterController
from .midi_menu import offer_midi

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Dream": ("step", "colour", "threshold_db", "smooth_ms", "hold_ms", "lookahead_ms"),
    "Loop": ("feedback", "delay_ms", "tempo_bpm"),
    "Level": ("input_db", "mix", "output_db"),
}
CHOICES = ("drive", "combine", "alignment", "n_fft", "channel_mode", "beat")
STAGE = ("step", "colour", "feedback", "delay_ms", "mix", "output_db")
"""What is shown on stage, where everything is larger."""


class KnobPanel(QWidget):
    """All that is turned while playing, but for the network, presets and morph."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Make all controls and bind them."""
        super().__init__(parent)
        self.knobs: dict[str, Knob] = {}
        self.choices: dict[str, Choice] = {}
        self._groups: dict[str, QFrame] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for title, ids in GROUPS.items():
            frame, inner = _panel(title)
            dials = QHBoxLayout()
            dials.setSpacing(2)
            for id in ids:
                self.knobs[id] = knob = Knob(PARAMETERS[id])
                follow(knob, controller.parameters, id, knob.show_value)
                drive(knob, controller, id)
                offer_midi(knob, controller, id)
                dials.addWidget(knob)
            inner.addLayout(dials)
            row.addWidget(frame, len(ids))
            self._groups[title] = frame
        self._choices = self._choice_panel(controller)
        row.addWidget(self._choices, 4)

    def show_status(self, status: LiveStatus | None) -> None:
        """Show where hardware knobs wait, and what learns."""
        midi = status.midi if status is not None else MidiStatus()
        bound = midi.bound if midi.ports else ()
        for id, knob in self.knobs.items():
            knob.show_hardware(midi.waiting.get(id))
            knob.show_midi(id in bound, midi.learning == id)

    def set_stage(self, stage: bool) -> None:
        """Show only what is played on stage, or all."""
        for id, knob in self.knobs.items():
            knob.setVisible(not stage or id in STAGE)
            knob.set_large(stage)
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        for title, ids in GROUPS.items():
            shown = [id for id in ids if not stage or id in STAGE]
            row.setStretchFactor(self._groups[title], len(shown))
        self._choices.setVisible(not stage)

    def _choice_panel(self, controller: ParameterController) -> QWidget:
        frame = QFrame()
        frame.setProperty("panel", True)
        grid = QGridLayout(frame)
        grid.setContentsMargins(10, 6, 10, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        for at, id in enumerate(CHOICES):
            self.choices[id] = choice = Choice(PARAMETERS[id])
            choice.setMinimumContentsLength(7)
            follow(choice, controller.parameters, id, choice.show_value)
            drive(choice, controller, id)
            offer_midi(choice, controller, id)
            label = QLabel(PARAMETERS[id].title)
            label.setProperty("quiet", True)
            label.setBuddy(choice)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft)
            row, column = divmod(at, 3)
            grid.addWidget(label, 2 * row, column)
            grid.addWidget(choice, 2 * row + 1, column)
        return frame


def _panel(title: str) -> tuple[QFrame, QVBoxLayout]:
    frame = QFrame()
    frame.setProperty("panel", True)
    frame.setAccessibleName(title)
    column = QVBoxLayout(frame)
    column.setContentsMargins(8, 7, 8, 6)
    return frame, column
