"""What the window's controls act on: sets parameters, records changes, reports errors. No Qt."""

import itertools
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ...engine.control.preset_order import steps_from
from ...engine.control.presets import available_presets, load_preset, playable_problem, title_of
from ...engine.dreaming.target_sound import read_target_sound
from ...engine.errors import InnerearError, PresetError
from ...engine.live.live_status import LiveStatus
from ...engine.live.session import Session
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.network_set import NetworkSet
from ...engine.packs.pack import Pack
from ...engine.packs.resolve import is_named, load
from ...engine.parameter import Value, nearest_note
from ...engine.parameters import PARAMETERS, SAFETY_SWITCHES, find_parameter
from ...engine.targets.target import Target

TURNS = 0
"""The gesture of a wheel and of keys: turns of the same parameters in a row are undone together."""
_TOLD_SECONDS = 0.5
"""After which the status tells of a preset that was played here."""
_gestures = itertools.count(TURNS + 1)


def new_gesture() -> int:
    """Return the number of a new gesture, such as one drag; its changes are undone together."""
    return next(_gestures)


@dataclass(frozen=True)
class Change:
    """A change of parameters by the user.

    Attributes:
        before, after: the values by id.
        text: what was done, for the user.
        gesture: changes of the same gesture are undone together; see `new_gesture` and `TURNS`.
        controls: of a preset that was played, the slots and the morph `before` and `after`.
    """

    before: Mapping[str, Value]
    after: Mapping[str, Value]
    text: str
    gesture: int
    controls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class ParameterController:
    """Sets a session's parameters for the window."""

    def __init__(self, session: Session) -> None:
        """Work on a session; it may play already or start later."""
        self.session = session
        self.parameters = session.parameters
        self._preset = session.control_state.preset
        self._told_at = -math.inf
        self._learned = ""
        self.greeting = ""
        """One line to show when the window opens."""
        self.status: LiveStatus | None = None
        """The newest status of the audio server; None while nothing plays."""
        self.record: Callable[[Change], None] = lambda change: None
        """Called with every change by the user, as for undo."""
        self.show_message: Callable[[str], None] = lambda text: None
        """Called with one line for the user."""
        self.parameters.observe(self._follow_model)

    def change(
        self, values: Mapping[str, object], text: str = "", gesture: int | None = None
    ) -> None:
        """Set parameters, all or none, as a hand did, and record the change.

        Args:
            values: by id.
            text: what is done, for the user; by default the parameters' titles.
            gesture: see `Change`; by default one of its own.

        Raises:
            InnerearError: a value that its parameter cannot take, a layer or target that the model
                does not have, or a target sound that cannot be used.
        """
        before = self.parameters.as_dict()
        after = {id: self.parameters[id] for id in self.apply(values)}
        self._record(before, after, text, gesture)

    def apply(self, values: Mapping[str, object]) -> Collection[str]:
        """Set parameters, all or none, without a record, as what nobody's hand did.

        Args:
            values: by id.

        Returns:
            the ids of what was set: with another model also those of its layer and target.

        Raises:
            InnerearError: see `change`.
        """
        checked = {id: find_parameter(id).check(value) for id, value in values.items()}
        if file := checked.get("target_sound"):
            read_target_sound(str(file), self.pack.sample_rate)
        if {"model", "layer", "target"} & checked.keys():
            self._set_words(checked)
        for id, value in checked.items():
            self.parameters.set(id, value)
        return checked.keys()

    def take_back(self, change: Change) -> None:
        """Set what a change has set to what it was before.

        Raises:
            InnerearError: see `change`.
        """
        self._restore(change.before, change.controls, "before", "after")

    def do_again(self, change: Change) -> None:
        """Set what a change has set once more.

        Raises:
            InnerearError: see `change`.
        """
        self._restore(change.after, change.controls, "after", "before")

    def _restore(
        self,
        values: Mapping[str, Value],
        controls: Mapping[str, Mapping[str, Any]],
        wanted: Literal["before", "after"],
        left: Literal["before", "after"],
    ) -> None:
        if not controls or not self.playing:
            self.apply(values)
            return
        self.session.restore_controls(controls[wanted], controls[left], values)
        self._preset, self._told_at = str(controls[wanted]["preset"]), time.monotonic()

    @property
    def preset(self) -> str:
        """The name of the preset that any client played last."""
        status = self.status
        if status is not None and time.monotonic() - self._told_at > _TOLD_SECONDS:
            self._preset = status.preset
        return self._preset

    def play_preset(self, name: str) -> None:
        """Set all parameters to a preset's values, and record it as one change.

        Raises:
            InnerearError: there is no such preset, or its model is missing.
        """
        preset = load_preset(name)
        before = self.parameters.as_dict()
        controls = self.session.play_preset(name)
        self._preset, self._told_at = preset.name, time.monotonic()
        if not self.playing:  # the audio server will begin with it
            self.session.control_state = replace(self.session.control_state, preset=preset.name)
        self._record(before, preset.values(), preset.title or preset.name, controls=controls)

    def step_preset(self, direction: Literal[1, -1]) -> None:
        """Play the next preset (1) or the previous one (-1), cyclically.

        Those that cannot be played here are skipped, with a message.

        Raises:
            PresetError: none can be played here.
        """
        skipped: list[str] = []
        for name in steps_from(list(available_presets()), self.preset, direction):
            why = playable_problem(name)
            if not why:
                try:
                    self.play_preset(name)
                except PresetError as problem:  # its network does not have what it names
                    why = f"cannot be played: {problem}"
            if not why:
                if skipped:
                    self.show_message(f"Skipped: {'; '.join(skipped)}.")
                return
            skipped.append(f"{title_of(name)} {why}")
        raise PresetError("No preset can be played here.")

    def toggle_notes(self, id: str) -> None:
        """Let a duration follow the tempo as the nearest note value, or no longer.

        Raises:
            InnerearError: it is no duration.
        """
        value = self.parameters[id]
        if isinstance(value, str):
            self.change({id: self.parameters.number(id)})
        else:
            self.change({id: nearest_note(float(value), self.parameters.number("tempo_bpm"))})

    def act(self, name: str) -> None:
        """Do an action such as `panic` or `tap`; see `ACTIONS`.

        Raises:
            InnerearError: nothing plays.
        """
        self.session.action(name)

    def learn(self, target: str) -> None:
        """Bind the MIDI control that is moved next to a parameter or an action.

        Raises:
            InnerearError: nothing plays.
        """
        self.session.midi_learn(target)
        self._learned = target

    def stop_learning(self, target: str | None = None) -> None:
        """Wait no longer for the control of a target; by default of the last one asked for here."""
        target = target or self._learned
        if target and self.status is not None and self.status.midi.learning == target:
            self.attempt(self.session.midi_cancel)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do what the user asked for; report an `InnerearError` by `show_message`.

        Returns:
            whether it was done.
        """
        try:
            action()
        except InnerearError as problem:
            self.show_message(problem.with_title)
            return False
        return True

    @property
    def pack(self) -> Pack | NetworkSet:
        """The network that was loaded last. Reading it changes nothing."""
        return self.session.pack

    def load_pack(self) -> Pack | NetworkSet:
        """Load the network that the parameter `model` names, unless it is loaded already.

        It is called whenever the session reports another model, whoever set it.

        Returns:
            the network.

        Raises:
            InnerearError: the model is missing or damaged; the network that was loaded is kept.
        """
        name = self.parameters.text("model")
        if not is_named(name, self.pack):
            self.session.set("model", name)
        return self.pack

    def _record(
        self,
        before: Mapping[str, Value],
        after: Mapping[str, Value],
        text: str = "",
        gesture: int | None = None,
        controls: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        """Record the values that differ, if any do, but for the switches that undo leaves alone."""
        changed = [id for id in after if after[id] != before[id] and id not in SAFETY_SWITCHES]
        if changed:
            self.record(
                Change(
                    {id: before[id] for id in changed},
                    {id: after[id] for id in changed},
                    text or ", ".join(PARAMETERS[id].title for id in changed),
                    new_gesture() if gesture is None else gesture,
                    controls,
                )
            )

    def _follow_model(self, id: str, value: Value) -> None:
        if id == "model":
            self.attempt(self.load_pack)

    @property
    def playing(self) -> bool:
        """Whether the audio server runs."""
        return self.status is not None

    def _set_words(self, values: dict[str, Value]) -> None:
        """Check model, layer and target together; keep layer and target if a new model has them."""
        now = {id: self.parameters.text(id) for id in ("model", "layer", "target")}
        wanted = {id: str(values.get(id, text)) for id, text in now.items()}
        if wanted["model"] == now["model"]:
            pack = self.load_pack()  # another client may have set it since the last poll
            Target(pack.layers, pack.classes, wanted["layer"], wanted["target"])
            return
        pack = load(wanted["model"])
        for id, fallback in (("layer", OUTPUT_LAYER), ("target", "auto")):
            try:
                words = {**wanted, "target": "auto"} if id == "layer" else wanted
                Target(pack.layers, pack.classes, words["layer"], words["target"])
            except InnerearError:
                if id in values:
                    raise
                wanted[id] = fallback
        self.session.set("model", wanted["model"])
        values |= wanted
