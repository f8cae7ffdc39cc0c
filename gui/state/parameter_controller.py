"""What the window's controls act on: a session's parameters, turned with a memory. No Qt."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...engine.control.presets import available_presets, load_preset
from ...engine.errors import InnerearError
from ...engine.live.live_status import LiveStatus
from ...engine.live.session import Session
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.pack import Pack, load
from ...engine.parameter import Value
from ...engine.parameters import PARAMETERS, find_parameter
from ...engine.targets.target import Target

_gestures = itertools.count(1)


def new_gesture() -> int:
    """Return a number that no gesture has had: all turns of one drag are undone together."""
    return next(_gestures)


@dataclass(frozen=True)
class Change:
    """Parameters that were turned by hand.

    Attributes:
        before, after: their values by id.
        text: what was done, for people.
        gesture: turns of the same gesture are one change; 0 for a turn by itself.
    """

    before: Mapping[str, Value]
    after: Mapping[str, Value]
    text: str
    gesture: int = 0


class ParameterController:
    """Turns parameters for the window, tells who records that, and says what went wrong."""

    def __init__(self, session: Session) -> None:
        """Work on a session; it may play already or begin later."""
        self.session = session
        self.parameters = session.parameters
        self._preset = ""
        self.status: LiveStatus | None = None
        """How the instrument was doing at the last look."""
        self.record: Callable[[Change], None] = lambda change: None
        """Told of every change by hand, as for undo."""
        self.say: Callable[[str], None] = lambda text: None
        """Shows one line to people."""
        self.parameters.observe(self._follow_model)

    def turn(self, values: Mapping[str, object], text: str = "", gesture: int = 0) -> None:
        """Set parameters, all or none, and have it recorded.

        Args:
            values: by id.
            text: what is done, for people; by default the parameters' titles.
            gesture: see `Change`.

        Raises:
            InnerearError: a value that its parameter cannot take, or words the model does not know.
        """
        before = self.parameters.as_dict()
        self.apply(values)
        after = self.parameters.as_dict()
        changed = [id for id in after if after[id] != before[id]]
        if not changed:
            return
        text = text or ", ".join(PARAMETERS[id].title for id in changed)
        self.record(
            Change(
                {id: before[id] for id in changed}, {id: after[id] for id in changed}, text, gesture
            )
        )

    def apply(self, values: Mapping[str, object]) -> None:
        """Set parameters, all or none, without a record; see `turn`."""
        checked = {id: find_parameter(id).check(value) for id, value in values.items()}
        if {"model", "layer", "target"} & checked.keys():
            self._set_words(checked)
        for id, value in checked.items():
            self.parameters.set(id, value)

    @property
    def preset(self) -> str:
        """The preset that was chosen last, by whoever."""
        return self.status.preset if self.status is not None else self._preset

    def play_preset(self, name: str) -> None:
        """Turn all knobs to where a preset wants them, and have it recorded as one change.

        Raises:
            InnerearError: there is no such preset, or it cannot be played here.
        """
        preset = load_preset(name)
        before = self.parameters.as_dict()
        self.session.play_preset(name)
        self._preset = preset.name
        after = preset.values()
        changed = [id for id in after if after[id] != before[id]]
        if changed:
            self.record(
                Change(
                    {id: before[id] for id in changed},
                    {id: after[id] for id in changed},
                    preset.title or preset.name,
                )
            )

    def step_preset(self, step: int) -> None:
        """Play the next preset (1) or the one before (-1), round and round.

        Raises:
            InnerearError: it cannot be played here.
        """
        names = list(available_presets())
        at = names.index(self.preset) + step if self.preset in names else 0
        self.play_preset(names[at % len(names)])

    def act(self, name: str) -> None:
        """Do what a button of a controller does: `panic`, `tap`, and so on.

        Raises:
            InnerearError: nothing plays.
        """
        self.session.action(name)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something that a user asked for; say in one line why it cannot be done, if so."""
        try:
            action()
        except InnerearError as problem:
            self.say(str(problem))
            return False
        return True

    @property
    def pack(self) -> Pack:
        """The network that was loaded last. Reading it changes nothing."""
        return self.session.pack

    def load_pack(self) -> Pack:
        """Load the network that the parameter `model` names, unless it is loaded already.

        It is called whenever the session reports another model, whoever set it.

        Returns:
            the network.

        Raises:
            InnerearError: the model is missing or damaged; the network that was loaded is kept.
        """
        name = self.parameters.text("model")
        if name not in (self.pack.name, str(self.pack.folder)):
            self.session.set("model", name)
        return self.pack

    def _follow_model(self, id: str, value: Value) -> None:
        if id == "model":
            self.attempt(self.load_pack)

    @property
    def playing(self) -> bool:
        """Whether an instrument runs."""
        return self.status is not None

    def _set_words(self, values: dict[str, Value]) -> None:
        """Check model, layer and target together; a new model keeps what it knows of the old."""
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
