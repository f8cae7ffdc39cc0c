"""The context menu of a control: learns and forgets MIDI, sets range and takeover."""

from functools import partial
from typing import Any, get_args

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ...engine.control.status import MidiStatus
from ...engine.parameters import PARAMETERS
from ..controls.knob import Knob
from ..state.parameter_controller import ParameterController

_TAKEOVER = {
    "pick-up": "Pick up: wait until the knob reaches the value",
    "scale": "Scale: move at once, and meet at the end",
    "jump": "Jump: take the knob's position at once",
}


def offer_midi(control: QWidget, controller: ParameterController, id: str) -> None:
    """Give a control a context menu for its MIDI bindings.

    Args:
        control: a knob, list, switch or slider.
        controller: whose session holds the bindings.
        id: of the control's parameter.
    """
    control.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def show(place: QPoint) -> None:
        menu = midi_menu(control, controller, id)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(control.mapToGlobal(place))

    control.customContextMenuRequested.connect(show)


def midi_menu(control: QWidget, controller: ParameterController, id: str) -> QMenu:
    """Return the context menu of a parameter; see `offer_midi` for the arguments."""
    parameter, session = PARAMETERS[id], controller.session
    midi = controller.status.midi if controller.status is not None else MidiStatus()
    menu = QMenu(control)
    menu.setAccessibleName(f"{parameter.title} menu")
    if midi.learning == id:
        menu.addAction(
            "Stop waiting for a control", partial(controller.attempt, session.midi_cancel)
        )
    else:
        learn = menu.addAction(
            "Learn MIDI: move a control",
            partial(controller.attempt, partial(controller.learn, id)),
        )
        learn.setEnabled(controller.playing)
    if id in midi.bound:
        menu.addAction("Forget MIDI", partial(_forget, controller, id))
        if parameter.kind != "text":
            menu.addAction("MIDI range …", partial(_choose_range, control, controller, id))
        from ...engine.control.midi.takeover import TakeoverMode

        takeover = menu.addMenu("Takeover")
        now = {each["takeover"] for each in bindings(controller, id)}
        for mode in get_args(TakeoverMode):
            action = takeover.addAction(
                _TAKEOVER[mode], partial(change_bindings, controller, id, takeover=mode)
            )
            action.setCheckable(True)
            action.setChecked(mode in now)
    menu.addSeparator()
    if parameter.kind == "duration":
        notes = menu.addAction(
            "Note values",
            partial(controller.attempt, partial(controller.toggle_notes, id)),
        )
        notes.setCheckable(True)
        notes.setChecked(bool(controller.parameters.choices(id)))
    if isinstance(control, Knob):
        menu.addAction("Type a value …", control.edit)
    default = parameter.text(parameter.default)
    menu.addAction(
        f"Back to {default}",
        lambda: controller.attempt(lambda: controller.change({id: parameter.default})),
    )
    return menu


def bindings(controller: ParameterController, id: str) -> list[dict[str, Any]]:
    """Return the bindings of a parameter to connected controllers, as data, the newest first."""
    from ...engine.control.midi.port_names import matches

    found: list[dict[str, Any]] = []
    controller.attempt(lambda: found.extend(controller.session.midi_bindings(id)))
    ports = controller.status.midi.ports if controller.status is not None else ()
    return [
        binding
        for binding in found
        if any(matches(binding["control"]["port"], port) for port in ports)
    ]


def change_bindings(controller: ParameterController, id: str, **values: Any) -> None:
    """Change all MIDI bindings of a parameter to connected controllers.

    Args:
        controller: whose session holds the bindings.
        id: of the parameter.
        values: fields of `Binding`, such as `range` or `takeover`.
    """
    for binding in bindings(controller, id):
        if "range" in values:
            binding |= {"values": None, "steps": None}
        changed = {**binding, **values}
        controller.attempt(partial(controller.session.midi_bind, changed))


def _forget(controller: ParameterController, id: str) -> None:
    for binding in bindings(controller, id):
        controller.attempt(partial(controller.session.midi_unbind, binding))


def _choose_range(control: QWidget, controller: ParameterController, id: str) -> None:
    from ..dialogs.midi_range import MidiRangeDialog

    dialog = MidiRangeDialog(PARAMETERS[id], bindings(controller, id), control.window())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.chosen.connect(lambda low, high: change_bindings(controller, id, range=(low, high)))
    dialog.open()
