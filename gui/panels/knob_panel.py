"""The knobs and drop-down lists of all parameters, in the groups that their declarations name."""

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

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
_GAP = 8


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
        self._row = QHBoxLayout()
        self._row.setSpacing(_GAP)
        for title, parameters in knob_groups().items():
            frame = self._knob_frame(title, parameters)
            self._frames.append((frame, parameters))
            self._row.addWidget(frame, len(parameters))
        self._choices = self._choice_frame(choices())
        self._whole = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(_GAP)
        self._whole.addLayout(self._row, sum(map(len, knob_groups().values())))
        self._whole.addWidget(self._choices, _CHOICES_STRETCH)

    def minimumSizeHint(self) -> QSize:
        """Return the size in a narrow window: knobs above, and choices in one line below."""
        least = super().minimumSizeHint()
        lists = self._choices_width(len(self.choices)) if not self._choices.isHidden() else 0
        return QSize(max(self._row.minimumSize().width(), lists), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the choices beside the knobs, or below them where they have no room there."""
        super().resizeEvent(event)
        self._turn()

    def event(self, event: QEvent) -> bool:
        """Look at the room again after a control has changed its size."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._turn()
        return handled

    def _turn(self) -> None:
        beside = self._row.minimumSize().width() + _GAP + self._choices_width(_CHOICE_COLUMNS)
        narrow = beside > self.width() and not self._choices.isHidden()
        turned = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._whole.direction() != turned:
            self._whole.setDirection(turned)
            self._place_choices(len(self.choices) if narrow else _CHOICE_COLUMNS)
            self.updateGeometry()

    def _choices_width(self, columns: int) -> int:
        """Return the least width of the choices in a number of columns."""
        widest = [0] * columns
        for at, pair in enumerate(self._labelled):
            least = max(widget.minimumSizeHint().width() for widget in pair)
            widest[at % columns] = max(widest[at % columns], least)
        margins, gaps = self._grid.contentsMargins(), self._grid.horizontalSpacing() * (columns - 1)
        return sum(widest) + gaps + margins.left() + margins.right()

    def _place_choices(self, columns: int) -> None:
        for at, (label, choice) in enumerate(self._labelled):
            row, column = divmod(at, columns)
            self._grid.addWidget(label, 2 * row, column)
            self._grid.addWidget(choice, 2 * row + 1, column)

    def show_status(self, status: LiveStatus | None) -> None:
        """Show where hardware knobs wait, and which parameter waits for a MIDI control."""
        midi = status.midi if status is not None else MidiStatus()
        for id, knob in self.knobs.items():
            knob.show_hardware(midi.waiting.get(id))
            knob.show_midi(id in midi.bound, midi.learning == id)

    def set_stage(self, stage: bool) -> None:
        """Show only the parameters that are declared for the stage, or all."""
        for frame, parameters in self._frames:
            shown = [each for each in parameters if each.on_stage or not stage]
            for each in parameters:
                self.knobs[each.id].setVisible(each in shown)
                self.knobs[each.id].set_large(stage)
            frame.setVisible(bool(shown))
            self._row.setStretchFactor(frame, len(shown))
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
        self._grid = QGridLayout(frame)
        self._grid.setContentsMargins(10, 6, 10, 8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(1)
        self._labelled: list[tuple[QLabel, Choice]] = []
        for parameter in parameters:
            self.choices[parameter.id] = choice = Choice(parameter)
            choice.setMinimumContentsLength(7)
            bind(choice, self._controller)
            offer_midi(choice, self._controller, parameter.id)
            label = QLabel(parameter.title)
            label.setProperty("quiet", True)
            label.setBuddy(choice)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft)
            self._labelled.append((label, choice))
        self._place_choices(_CHOICE_COLUMNS)
        return frame


def _frame() -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", True)
    return frame
