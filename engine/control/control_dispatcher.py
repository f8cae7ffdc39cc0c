"""Does what MIDI controllers and clients ask for: actions, presets, slots, learning."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from pydantic import ValidationError

from ..errors import InnerearError, ParameterError, PresetError
from ..musical_position import MusicalPosition
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS, find_parameter
from .control_state import ControlState
from .midi import MidiController, MidiPorts
from .midi.mapping import Binding
from .midi.mapping_files import (
    default_mapping,
    first_error,
    load_mapping,
    save_mapping,
    shipped_bindings,
)
from .morph import UNSAVED, MorphSlots
from .preset_order import steps_from
from .presets import Preset, available_presets, load_preset, playable_problem, title_of
from .requests import (
    Answer,
    DoAction,
    MidiBind,
    MidiBindings,
    MidiCancel,
    MidiForget,
    MidiLearn,
    MidiMapping,
    MidiMessages,
    MidiUnbind,
    PlayPreset,
    Request,
    RestoreControls,
    SetSlot,
    StoreSlot,
    ToggleSlot,
)
from .status import ControlStatus, MidiStatus, SlotsStatus, SlotStatus
from .sync import Sync

LEARNED_MAPPING = "learned"
"""Name of the user's mapping that keeps what is learned while playing."""
LEARN_SECONDS = 60.0
"""A client that asked for a control to be learned may be gone: others want to play again."""
CLIENT_ACTIONS = ("record",)
"""Actions that clients do: the dispatcher counts how often they were requested."""
TOGGLES = ("mute", "dim", "freeze", "bypass")
"""Actions that turn the switch of their name."""


class ControlDispatcher:
    """Runs in the audio server, so that controllers work without a client.

    MIDI messages set parameters on the MIDI system's thread; actions that may take long wait for
    `poll`.
    """

    def __init__(
        self,
        parameters: ParameterSet,
        clear: Callable[[], None],
        set_transport: Callable[[bool], None] = lambda playing: None,
        state: ControlState | None = None,
    ) -> None:
        """Get ready; MIDI is opened by the first `poll`.

        Args:
            parameters: that are set.
            clear: ends dream and feedback, the sound goes on; may be called by any thread, and
                never waits.
            set_transport: plays (True) or pauses what can be paused: a file; called likewise.
            state: to go on with; by default that of a fresh start.
        """
        self._parameters = parameters
        self._waiting: deque[Callable[[], None]] = deque()
        self.requested = dict.fromkeys(CLIENT_ACTIONS, 0)
        """How often each of `CLIENT_ACTIONS` was requested."""
        state = state or ControlState()
        self.preset = state.preset
        """Name of the preset that was chosen last."""
        self.slots = MorphSlots(parameters, state.a, state.b)
        now: dict[str, Callable[..., None]] = {
            "panic": partial(self._toggle, "silenced"),
            "clear": clear,
            "tap": self._tap,
            **{id: partial(self._toggle, id) for id in TOGGLES},
            "transport-start": partial(set_transport, True),
            "transport-stop": partial(set_transport, False),
        }
        later: dict[str, Callable[..., None]] = {
            "preset": self._play_number,
            "next-preset": partial(self._step, 1),
            "previous-preset": partial(self._step, -1),
            **{name: partial(self._count, name) for name in CLIENT_ACTIONS},
        }
        self.actions: dict[str, Callable[..., None]] = {
            **now,
            **{name: partial(self._later, action) for name, action in later.items()},
        }
        mapping, self._news = default_mapping()
        self.midi = MidiController(parameters, self.actions, mapping)
        self._sync = Sync(parameters, self.midi)
        self._saved = mapping
        self._ports = MidiPorts(self.midi)
        parameters.observe(self._release)

    def poll(self, sound_plays: bool = True) -> list[str]:
        """Do the actions that wait; return what happened, one line each.

        Args:
            sound_plays: whether it does; see `MidiPorts.poll`.
        """
        news, self._news = self._news, []
        while self._waiting:
            try:
                self._waiting.popleft()()
            except InnerearError as problem:
                news.append(str(problem))
        news += self._ports.poll(sound_plays)
        news += self._sync.poll()
        self._keep_learned(news)
        return news

    def answer(self, request: Request) -> Answer:
        """Do what a client asks.

        Raises:
            InnerearError: it cannot be done, or is not for the dispatcher.
        """
        match request:
            case DoAction():
                self.midi.act(request.action, *request.arguments)
            case PlayPreset():
                before = self._controls()
                self._play(request.preset)
                return {"before": before, "after": self._controls()}
            case RestoreControls():
                self._restore(request)
            case SetSlot():
                preset = Preset(request.preset, request.values, request.title)
                self.slots.load(request.slot, preset)
            case StoreSlot():
                self.slots.store(request.slot)
            case ToggleSlot():
                return {"slot": self.slots.toggle()}
            case _:
                return self._answer_midi(request)
        return {}

    def _answer_midi(self, request: Request) -> Answer:
        match request:
            case MidiLearn():
                self.midi.learn(
                    request.target,
                    preset=request.preset,
                    keep=request.keep,
                    seconds=LEARN_SECONDS,
                )
            case MidiCancel():
                self.midi.cancel_learning()
            case MidiForget():
                self.midi.forget(request.target)
            case MidiBind():
                self.midi.bind(_binding(request.binding), keep=request.keep)
            case MidiUnbind():
                self.midi.unbind(_binding(request.binding))
            case MidiMessages():
                heard = self.midi.monitor.after(request.after)
                count = heard[-1].count if heard else request.after
                return {"count": count, "messages": [str(each) for each in heard]}
            case MidiBindings():
                return self._bindings(request)
            case MidiMapping():
                # What was learned stays, for the next start.
                self._saved = self.midi.mapping = load_mapping(request.mapping)
            case _:
                raise InnerearError(f"There is nothing to answer {request.name!r} with here.")
        return {}

    @property
    def state(self) -> ControlState:
        """What another dispatcher needs in order to go on from here."""
        return ControlState(self.preset, self.slots.a, self.slots.b)

    @state.setter
    def state(self, state: ControlState) -> None:
        self.preset = state.preset
        self.slots.hold(state.a, state.b)

    def _controls(self) -> dict[str, Any]:
        return {**self.state.as_dict(), "morph": self._parameters.number("morph")}

    def _restore(self, request: RestoreControls) -> None:
        state = ControlState.from_dict(request.controls)
        left = ControlState.from_dict(request.left)
        given = {"morph": request.controls.get("morph"), **request.values}
        values = {id: find_parameter(id).check(value) for id, value in given.items()}
        self.preset = state.preset
        self.slots.hold(
            state.a if _is_left(self.slots.a, left.a) else None,
            state.b if _is_left(self.slots.b, left.b) else None,
        )
        self._parameters.set("morph", values.pop("morph"))
        self.slots.set_between(values)

    def status(self) -> ControlStatus:
        """Return its status."""
        active = self.midi.activity
        return ControlStatus(
            preset=self.preset,
            slots=SlotsStatus(_slot(self.slots.a), _slot(self.slots.b)),
            requested=dict(self.requested),
            sync=self._sync.followed,
            midi=MidiStatus(
                ports=tuple(self._ports.names),
                problem=self._ports.problem or self.midi.problem,
                quiet_seconds=None if active is None else time.perf_counter() - active,
                learning=self.midi.learning,
                waiting=self.midi.waiting(),
                clock=self.midi.clock.running,
                bound=tuple(sorted(self.midi.bound_at(self._ports.names))),
                heard=self.midi.monitor.count,
            ),
        )

    def beats(self, transport: Callable[[], MusicalPosition | None]) -> float | None:
        """Return where the music is; see `Sync.beats`."""
        return self._sync.beats(transport)

    def close(self) -> None:
        """Close the MIDI ports."""
        self._ports.close()
        self._sync.close()
        self.slots.close()

    def _bindings(self, request: MidiBindings) -> Answer:
        found = [b for b in self.midi.mapping.resolved() if request.target in (None, b.target)]
        shipped = shipped_bindings()
        own = [binding for binding in reversed(found) if binding not in shipped]
        others = [binding for binding in found if binding in shipped]
        return {"bindings": [binding.model_dump(mode="json") for binding in (*own, *others)]}

    def _keep_learned(self, news: list[str]) -> None:
        """Save a mapping that was changed by learning, for the next start."""
        mapping = self.midi.mapping
        if mapping is not self._saved and self.midi.learning is None:
            self._saved = mapping
            try:
                save_mapping(mapping, LEARNED_MAPPING)
            except InnerearError as problem:
                news.append(str(problem))

    def _later(self, action: Callable[..., None], *arguments: Any) -> None:
        self._waiting.append(partial(action, *arguments))

    def _count(self, name: str) -> None:
        self.requested[name] += 1

    def _toggle(self, id: str) -> None:
        self._parameters.set(id, not self._parameters.switch(id))

    def _release(self, id: str, value: Value) -> None:
        """End a panic where the output level arrives at its minimum: from there it fades in."""
        if id == "output_db" and value == PARAMETERS[id].minimum:
            self._parameters.set("silenced", False)

    def _tap(self) -> None:
        tempo_bpm = self.midi.clock.tap(time.perf_counter())
        if tempo_bpm is not None:
            self._parameters.set("tempo_bpm", tempo_bpm)

    def _play_number(self, number: int) -> None:
        names = list(available_presets())
        if not 1 <= number <= len(names):
            raise ParameterError(f"There is no preset {number}: they are 1 to {len(names)}.")
        self._play(names[number - 1])

    def _step(self, direction: Literal[1, -1]) -> None:
        """Play the next preset that can be played here."""
        for name in steps_from(list(available_presets()), self.preset, direction):
            why = playable_problem(name)
            if not why:
                self._play(name)
                return
            self._news.append(f"Skipped the preset {title_of(name)}: it {why}.")
        raise PresetError("No preset can be played here.")

    def _play(self, name: str) -> None:
        """Play a preset: it goes into the slot that the morph knob is nearer to."""
        preset = load_preset(name)
        if preset.problem:
            raise PresetError(f"The preset {preset.title or name} {preset.problem}.")
        near_a = self._parameters.number("morph") < 0.5
        self._parameters.set("morph", 0.0 if near_a else 1.0)
        self.slots.load("a" if near_a else "b", preset)
        preset.apply(self._parameters)
        self.preset = preset.name


def _is_left(now: Preset, left: Preset | None) -> bool:
    """Return whether a slot still holds what was left there, or that with knobs turned since."""
    if left is None or now.name != left.name:
        return False
    return now.name != UNSAVED or now.values() == left.values()


def _binding(data: dict[str, Any]) -> Binding:
    try:
        return Binding.model_validate(data)
    except ValidationError as problem:
        line = first_error(problem)
        raise ParameterError(f"This MIDI binding cannot be: {line}") from None


def _slot(preset: Preset) -> SlotStatus:
    return SlotStatus(preset.name, preset.title)
