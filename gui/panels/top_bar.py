"""The bar at the top of the window: panic and mute, model, preset, morph, undo, switches, menu."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QMenu, QToolButton, QWidget

from ...engine.control.presets import (
    Preset,
    available_presets,
    load_preset,
    playable_problem,
    title_of,
)
from ...engine.control.status import MidiStatus
from ...engine.live.live_status import LiveStatus
from ...engine.packs.pack import available_packs
from ...engine.parameter import Value
from ...engine.parameters import PARAMETERS, SAFETY_SWITCHES
from ..controls.binding import bind, follow
from ..controls.choice import Choice
from ..controls.folding_row import FoldingRow
from ..controls.model_choice import ModelChoice
from ..controls.morph import MorphSlider
from ..controls.preset_drop import PresetDrop
from ..controls.steady import SteadyButton, SteadyToolButton
from ..controls.switch import Switch
from ..state.commands import COMMANDS
from ..state.groups import switches
from ..state.model_descriptions import describe_model
from ..state.model_words import named_models, toggle_model
from ..state.parameter_controller import ParameterController
from ..state.played_preset import CHANGED, PlayedPreset
from ..state.slots import Slot, Slots
from ..state.undo import UndoHistory
from .actions import offer_folded
from .midi_menu import offer_midi

_WIDEST_PRESET = "Between brass and flute"
_NARROWEST_PRESET = "Tunnel drone"
_WIDEST_RECORDING = "\N{BLACK CIRCLE} 88:88"


class TopBar(FoldingRow):
    """Holds what is changed rarely, and what must be at hand at once.

    In a narrow window the less important controls are in the menu, see `FoldingRow`; panic stays.
    """

    def __init__(
        self,
        controller: ParameterController,
        slots: Slots,
        history: UndoHistory,
        parent: QWidget | None = None,
    ) -> None:
        """Make all controls and bind them; the main window connects the buttons with its actions.

        Args:
            controller: what the controls act on.
            slots: the presets A and B.
            history: of the buttons for undo and redo.
            parent: the widget that holds the bar.
        """
        super().__init__(parent)
        self._controller, self._slots = controller, slots
        self._played = PlayedPreset(controller)
        self.setProperty("panel", True)
        self.model = ModelChoice(PARAMETERS["model"])
        self.model.setMinimumContentsLength(11)
        self.model.setSizeAdjustPolicy(
            Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.models = _tool("+")
        self.models.setAccessibleName("Several models")
        self.models.setToolTip("Let several models dream together")
        self.models.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.models.setMenu(QMenu("Several models", self.models))
        self.models.menu().aboutToShow.connect(self._offer_several)
        self.preset = SteadyButton("Presets", _WIDEST_PRESET, _NARROWEST_PRESET)
        self.previous, self.next = (
            _tool("\N{BLACK LEFT-POINTING TRIANGLE}"),
            _tool("\N{BLACK RIGHT-POINTING TRIANGLE}"),
        )
        self.a, self.b = self._slot_button("a"), self._slot_button("b")
        self.morph = MorphSlider(PARAMETERS["morph"])
        self.undo, self.redo = (
            _tool("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}"),
            _tool("\N{CLOCKWISE OPEN CIRCLE ARROW}"),
        )
        self.switches = {parameter.id: Switch(parameter) for parameter in switches()}
        self.tap = _tool("Tap")
        self.record = SteadyToolButton("Rec", _WIDEST_RECORDING)
        self.record.setObjectName("record")
        self.record.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panic = self.switches["silenced"]
        self.panic.setObjectName("panic")
        self.stage = _tool("Stage")
        self.menu_button = _tool("\N{TRIGRAM FOR HEAVEN}")
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (*self.switches.values(), self.tap, self.record, self.panic, self.stage):
            button.setProperty("narrow", True)
        self._lay_out()
        self._bind(history)

    def show_status(self, status: LiveStatus | None) -> None:
        """Show the preset, the names of A and B, and the MIDI state of the morph slider."""
        self.morph.show_names(*self._slots.names())
        midi = status.midi if status is not None else MidiStatus()
        self.morph.show_hardware(midi.waiting.get("morph"))
        self.morph.show_midi("morph" in midi.bound, midi.learning == "morph")
        text = self._played.text
        if self.preset.text() != text:
            changed = ", changed" if self._played.is_changed else ""
            self.preset.setText(text)
            self.preset.setAccessibleName(f"Preset {text.removeprefix(CHANGED).strip()}{changed}")

    def bind_actions(self, actions: Mapping[str, QAction], menu: QMenu) -> None:
        """Let the buttons trigger actions, and the menu list those whose buttons have no room.

        Args:
            actions: by their names in `COMMANDS`.
            menu: of the window.
        """
        self.menu_button.setMenu(menu)
        self.stage.setCheckable(True)
        triggers: dict[QAbstractButton, str] = {
            self.preset: "presets",
            self.next: "next-preset",
            self.previous: "previous-preset",
            self.tap: "tap",
            self.record: "record",
            self.stage: "stage",
        }
        for button, name in triggers.items():
            action = actions[name]
            button.clicked.connect(action.trigger)
            keys = action.shortcut().toString()
            button.setToolTip(f"{action.text().replace(' …', '')}  ({keys})")
            if button is not self.preset:
                button.setAccessibleName(action.text())
        for id, switch in self.switches.items():
            if id in actions:
                keys = actions[id].shortcut().toString()
                switch.setToolTip(f"{switch.toolTip()}<br>({keys})")
        others: dict[QAbstractButton, str] = {
            self.a: "to-a",
            self.b: "to-b",
            self.undo: "undo",
            self.redo: "redo",
        }
        several = self.models.menu().menuAction()
        offer_folded(
            menu,
            self,
            {
                **{button: actions[name] for button, name in (triggers | others).items()},
                **{each: actions.get(id) or _click(each) for id, each in self.switches.items()},
                self.model: several,
                self.models: several,
            },
        )

    def offer_models(self) -> None:
        """List the models that are installed now."""
        self.model.offer(tuple(available_packs()))
        self.model.show_value(self._controller.parameters["model"])

    def offer_presets(self) -> None:
        """Read the presets again: some were saved, renamed or deleted."""
        self._played.forget()

    def set_stage(self, stage: bool) -> None:
        """Hide what is not used on stage, or show everything."""
        rare = (self.model, self.models, self.undo, self.redo, self.tap)
        self.leave_out(rare if stage else ())

    def _lay_out(self) -> None:
        first = tuple(self.switches[id] for id in SAFETY_SWITCHES)
        others = tuple(each for each in self.switches.values() if each not in first)
        self.add_group(*first)
        self.add_group(self.model, self.models, stretch=(2, 0))
        self.add_group(self.previous, self.preset, self.next, stretch=(0, 3, 0))
        self.add_group(self.a, self.morph, self.b, stretch=(0, 3, 0))
        self.add_group(self.undo, self.redo)
        self.add_group(self.tap, *others, self.record)
        self.add_group(self.stage, self.menu_button)
        self.fold_in_order(
            (
                (self.switches["dim"],),
                (self.models,),
                (self.stage,),
                (self.tap,),
                (self.undo, self.redo),
                (self.previous, self.next),
                (self.model,),
                (self.a, self.b),
                (self.morph,),
                (self.record,),
                (self.preset,),
                others,
            )
        )

    def _bind(self, history: UndoHistory) -> None:
        controller = self._controller
        bound: tuple[Choice | MorphSlider | Switch, ...] = (
            self.model,
            self.morph,
            *self.switches.values(),
        )
        for control in bound:
            bind(control, controller)
            offer_midi(control, controller, control.parameter.id)
        self.a.clicked.connect(lambda: controller.attempt(lambda: self._slots.go_to("a")))
        self.b.clicked.connect(lambda: controller.attempt(lambda: self._slots.go_to("b")))
        PresetDrop(self.a, lambda read, place: self._take("a", read))
        PresetDrop(self.b, lambda read, place: self._take("b", read))
        PresetDrop(
            self.morph,
            lambda read, place: self._take(
                "a" if 2 * place.x() < self.morph.width() else "b", read
            ),
        )
        follow(self, controller.parameters, "morph", self._show_slot)
        self.undo.clicked.connect(history.undo)
        self.redo.clicked.connect(history.redo)
        self.destroyed.connect(history.observe(lambda: self._show_history(history)))

    def _take(self, slot: Slot, read: Callable[[], Preset]) -> None:
        """Put a preset that was dropped into a slot."""

        def load() -> None:
            preset = read()
            self._slots.load(slot, preset)
            title = preset.title or preset.name
            self._controller.show_message(f"{title} is in slot {slot.upper()}.")

        self._controller.attempt(load)

    def _show_history(self, history: UndoHistory) -> None:
        for button, name, text, enabled in (
            (self.undo, "Undo", history.undo_text, history.can_undo),
            (self.redo, "Redo", history.redo_text, history.can_redo),
        ):
            button.setAccessibleName(name)
            button.setToolTip(f"{f'{name} {text}'.strip()}  ({_keys(name)})")
            button.setEnabled(enabled)

    def _show_slot(self, value: Value) -> None:
        for button, end in ((self.a, 0.0), (self.b, 1.0)):
            button.setChecked(float(value) == end)

    def _slot_button(self, slot: Slot) -> QToolButton:
        """Make the button of A or B: a click goes there, its menu loads and stores a preset."""
        button = _tool(slot.upper())
        button.setCheckable(True)
        button.setAccessibleName(f"Preset slot {slot.upper()}")
        button.setToolTip(
            f"Go to {slot.upper()}; right-click to load or store a preset there, or drop one"
        )
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(
            lambda place: self.slot_menu(slot).popup(button.mapToGlobal(place))
        )
        button.clicked.connect(lambda: self._show_slot(self._controller.parameters["morph"]))
        return button

    def slot_menu(self, slot: Slot) -> QMenu:
        """Return the menu of a slot."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = slot.upper()
        controller, slots = self._controller, self._slots
        menu.addAction(
            f"Store what plays in {name}", lambda: controller.attempt(lambda: slots.store(slot))
        )
        load = menu.addMenu(f"Load into {name}")
        for preset in available_presets():
            action = QAction(title_of(preset), load)
            action.setEnabled(not playable_problem(preset))
            action.triggered.connect(
                lambda _=False, p=preset: controller.attempt(
                    lambda: slots.load(slot, load_preset(p))
                )
            )
            load.addAction(action)
        return menu

    def _offer_several(self) -> None:
        """List the models with a tick at those that play; a click adds one or takes it out."""
        menu = self.models.menu()
        menu.clear()
        model = self._controller.parameters.text("model")
        menu.setToolTipsVisible(True)
        packs = available_packs()
        for name in packs:
            action = menu.addAction(name)
            words = describe_model(name, packs)
            action.setToolTip(f"{words.title}\n{words.line}")
            action.setCheckable(True)
            action.setChecked(name in named_models(model))
            action.triggered.connect(
                lambda _=False, n=name: self._controller.attempt(
                    lambda: self._controller.change({"model": toggle_model(model, n)})
                )
            )


def _keys(name: str) -> str:
    command = COMMANDS[name.lower()]
    return command.keys if command is not None else ""


def _click(switch: Switch) -> QAction:
    """Return an action for a switch that no command of the window turns."""
    action = QAction(switch.parameter.title, switch)
    action.triggered.connect(switch.click)
    return action


def _tool(text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("narrow", len(text) == 1)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
