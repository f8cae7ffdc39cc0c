"""What the window's controls act on: sets parameters, records changes, reports errors. No Qt."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...engine.control.presets import available_presets, load_preset
from ...engine.dreaming.target_sound import read_target_sound
from ...engine.errors import InnerearError
from ...engine.live.live_status import LiveStatus
from ...engine.live.session import Session
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.network_set import NetworkSet
from ...engine.packs.pack import Pack
from ...engine.packs.resolve import is_named, load
from ...engine.parameter import Value
from ...engine.parameters import PARAMETERS, SAFETY_SWITCHES, find_parameter
from ...engine.targets.target import Target

_gestures = itertools.count(1)


def new_gesture() -> int:
    """Return the number of a new gesture, such as one drag; its changes are undone together."""
    return next(_gestures)


@dataclass(frozen=True)
class Change:
    """A change of parameters by the user.

    Attributes:
        before, after: the values by id.
        text: what was done, for the user.
        gesture: changes of the same gesture are undone together; 0 for a change by itself.
    """

    before: Mapping[str, Value]
    after: Mapping[str, Value]
    text: str
    gesture: int = 0


class ParameterController:
    """Sets a session's parameters for the window."""

    def __init__(self, session: Session) -> None:
        """Work on a session; it may play already or start later."""
        self.session = session
        self.parameters = session.parameters
        self._preset = ""
        self.status: LiveStatus | None = None
        """The newest status of the audio server; None while nothing plays."""
        self.record: Callable[[Change], None] = lambda change: None
        """Called with every change by the user, as for undo."""
        self.show_message: Callable[[str], None] = lambda text: None
        """Called with one line for the user."""
        self.parameters.observe(self._follow_model)

    def change(self, values: Mapping[str, object], text: str = "", gesture: int = 0) -> None:
        """Set parameters, all or none, and record the change.

        Args:
            values: by id.
            text: what is done, for the user; by default the parameters' titles.
            gesture: see `Change`.

        Raises:
            InnerearError: a value that its parameter cannot take, a layer or target that the model
                does not have, or a target sound that cannot be used.
        """
        before = self.parameters.as_dict()
        self.apply(values)
        self._record(before, self.parameters.as_dict(), text, gesture)

    def apply(self, values: Mapping[str, object]) -> None:
        """Set parameters, all or none, without a record.

        Args:
            values: by id.

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

    @property
    def preset(self) -> str:
        """The name of the preset that any client played last."""
        return self.status.preset if self.status is not None else self._preset

    def play_preset(self, name: str) -> None:
        """Set all parameters to a preset's values, and record it as one change.

        Raises:
            InnerearError: there is no such preset, or its model is missing.
        """
        preset = load_preset(name)
        before = self.parameters.as_dict()
        self.session.play_preset(name)
        self._preset = preset.name
        self._record(before, preset.values(), preset.title or preset.name)

    def step_preset(self, step: int) -> None:
        """Play the next preset (1) or the previous one (-1), cyclically.

        Raises:
            InnerearError: the preset cannot be played here.
        """
        names = list(available_presets())
        at = names.index(self.preset) + step if self.preset in names else 0
        self.play_preset(names[at % len(names)])

    def act(self, name: str) -> None:
        """Do an action such as `panic` or `tap`; see `ACTIONS`.

        Raises:
            InnerearError: nothing plays.
        """
        self.session.action(name)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do what the user asked for; report an `InnerearError` by `show_message`.

        Returns:
            whether it was done.
        """
        try:
            action()
        except InnerearError as problem:
            self.show_message(str(problem))
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
        gesture: int = 0,
    ) -> None:
        """Record the values that differ, if any do, but for the switches that undo leaves alone."""
        changed = [id for id in after if after[id] != before[id] and id not in SAFETY_SWITCHES]
        if changed:
            self.record(
                Change(
                    {id: before[id] for id in changed},
                    {id: after[id] for id in changed},
                    text or ", ".join(PARAMETERS[id].title for id in changed),
                    gesture,
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
