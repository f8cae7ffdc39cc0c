"""The knobs and drop-down lists of all parameters, in the groups that their declarations name."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...engine.control.status import MidiStatus
from ...engine.live.live_status import LiveStatus
from ...engine.parameter import Parameter
from ..controls.binding import bind
from ..controls.choice import Choice
from ..controls.knob import Knob
from ..state.groups import choices, knob_groups
from ..state.parameter_controller import ParameterController
from .midi_menu import offer_midi

_CHOICE_COLUMNS = 3
_CHOICES_STRETCH = 4


class KnobPanel(QWidget):
    """Shows every parameter that is a number or a choice, except those of the top bar."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Make a control for each parameter and bind it.

        Args:
            controller: what the controls act on.
            parent: the widget that holds the panel.
        """
        super().__init__(parent)
        self._controller = controller
        self.knobs: dict[str, Knob] = {}
        self.choices: dict[str, Choice] = {}
        self._frames: list[tuple[QFrame, tuple[Parameter, ...]]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for title, parameters in knob_groups().items():
            frame = self._knob_frame(title, parameters)
            self._frames.append((frame, parameters))
            row.addWidget(frame, len(parameters))
        self._choices = self._choice_frame(choices())
        row.addWidget(self._choices, _CHOICES_STRETCH)

    def show_status(self, status: LiveStatus | None) -> None:
        """Show where hardware knobs wait, and which parameter waits for a MIDI control."""
        midi = status.midi if status is not None else MidiStatus()
        for id, knob in self.knobs.items():
            knob.show_hardware(midi.waiting.get(id))
            knob.show_midi(id in midi.bound, midi.learning == id)

    def set_stage(self, stage: bool) -> None:
        """Show only the parameters that are declared for the stage, or all."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        for frame, parameters in self._frames:
            shown = [each for each in parameters if each.on_stage or not stage]
            for each in parameters:
                self.knobs[each.id].setVisible(each in shown)
                self.knobs[each.id].set_large(stage)
            frame.setVisible(bool(shown))
            row.setStretchFactor(frame, len(shown))
        self._choices.setVisible(not stage)

    def _toggle_notes(self, id: str) -> None:
        self._controller.attempt(lambda: self._controller.toggle_notes(id))

    def _knob_frame(self, title: str, parameters: tuple[Parameter, ...]) -> QFrame:
        frame = _frame()
        frame.setAccessibleName(title)
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 7, 8, 6)
        dials = QHBoxLayout()
        dials.setSpacing(2)
        for parameter in parameters:
            self.knobs[parameter.id] = knob = Knob(parameter)
            bind(knob, self._controller)
            knob.notes_toggled.connect(partial(self._toggle_notes, parameter.id))
            offer_midi(knob, self._controller, parameter.id)
            dials.addWidget(knob)
        column.addLayout(dials)
        return frame

    def _choice_frame(self, parameters: tuple[Parameter, ...]) -> QFrame:
        frame = _frame()
        grid = QGridLayout(frame)
        grid.setContentsMargins(10, 6, 10, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        for at, parameter in enumerate(parameters):
            self.choices[parameter.id] = choice = Choice(parameter)
            choice.setMinimumContentsLength(7)
            bind(choice, self._controller)
            offer_midi(choice, self._controller, parameter.id)
            label = QLabel(parameter.title)
            label.setProperty("quiet", True)
            label.setBuddy(choice)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft)
            row, column = divmod(at, _CHOICE_COLUMNS)
            grid.addWidget(label, 2 * row, column)
            grid.addWidget(choice, 2 * row + 1, column)
        return frame


def _frame() -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", True)
    return frame
