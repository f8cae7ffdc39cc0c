"""Whoever turns the knobs beside the window: MIDI, buttons, presets, the morph between two."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..actions import ACTIONS
from ..errors import InnerearError, ParameterError, nearest
from ..parameter_values import ParameterSet
from .midi import MidiController, MidiPorts
from .midi.mapping import Binding
from .midi.mapping_files import default_mapping, load_mapping, save_mapping
from .morph import MorphSlots
from .presets import Preset, available_presets, load_preset

Request = Mapping[str, Any]
Answer = Mapping[str, Any]

LEARNED_MAPPING = "learned"
"""The user's own mapping, in which what is learned while playing is kept."""
FRONT_ACTIONS = ("record",)
"""Actions that a front does: it counts how often they were asked for."""


class ControlDispatcher:
    """Lives in the instrument's process, so that a controller goes on working without a window.

    MIDI messages turn parameters straight from their own thread; actions that may take long wait
    for `poll`.
    """

    def __init__(self, parameters: ParameterSet, panic: Callable[[], None]) -> None:
        """Get ready; MIDI is opened by the first `poll`.

        Args:
            parameters: that are turned.
            panic: silences all that sounds.
        """
        self._parameters = parameters
        self._waiting: deque[Callable[[], None]] = deque()
        self.asked = dict.fromkeys(FRONT_ACTIONS, 0)
        """How often each of `FRONT_ACTIONS` was asked for."""
        self.preset = ""
        """The preset that was chosen last."""
        self.slots = MorphSlots(parameters)
        now: dict[str, Callable[..., None]] = {
            "panic": panic,
            "tap": self._tap,
            "bypass": partial(self._toggle, "bypass"),
            "freeze": partial(self._toggle, "freeze"),
        }
        later: dict[str, Callable[..., None]] = {
            "preset": self._play_number,
            "next-preset": partial(self._step, 1),
            "previous-preset": partial(self._step, -1),
            **{name: partial(self._ask, name) for name in FRONT_ACTIONS},
        }
        self.actions: dict[str, Callable[..., None]] = {
            **now,
            **{name: partial(self._later, action) for name, action in later.items()},
        }
        self._requests: dict[str, Callable[[Request], Answer | None]] = {
            "action": self._act,
            "preset": lambda request: self._play(str(request["name"])),
            "slot": self._load_slot,
            "store-slot": self._store_slot,
            "toggle-slot": lambda request: {"slot": self.slots.toggle()},
            "midi-learn": self._learn,
            "midi-cancel": lambda request: self.midi.cancel_learning(),
            "midi-forget": lambda request: self.midi.forget(request["target"]),
            "midi-bind": self._bind,
            "midi-bindings": self._bindings,
            "midi-mapping": self._map,
        }
        mapping, self._news = default_mapping()
        self.midi = MidiController(parameters, self.actions, mapping)
        self._saved = mapping
        self._ports = MidiPorts(self.midi)

    def poll(self) -> list[str]:
        """Do what waits; return what happened, a line each."""
        news, self._news = self._news, []
        while self._waiting:
            try:
                self._waiting.popleft()()
            except InnerearError as problem:
                news.append(str(problem))
        news += self._ports.poll()
        self._keep_learned(news)
        return news

    def answer(self, do: str, request: Request) -> Answer | None:
        """Do what a front asks; None where it is nothing of ours.

        Raises:
            InnerearError: it cannot be done.
        """
        asked = self._requests.get(do)
        return None if asked is None else asked(request) or {}

    def status(self) -> dict[str, Any]:
        """Return how it stands, as data."""
        active = self.midi.activity
        return {
            "preset": self.preset,
            "slots": {"a": self._slot(self.slots.a), "b": self._slot(self.slots.b)},
            "asked": self.asked,
            "midi": {
                "ports": list(self._ports.names),
                "problem": self._ports.problem or self.midi.problem,
                "quiet_seconds": None if active is None else time.perf_counter() - active,
                "learning": self.midi.learning,
                "waiting": self.midi.waiting(),
                "clock": self.midi.clock.running,
                "bound": sorted(self.midi.bound),
            },
        }

    def beats(self) -> float | None:
        """Return where in the music a MIDI clock is, in beats; None where none runs."""
        clock = self.midi.clock
        return clock.beats_at(time.perf_counter()) if clock.running else None

    def close(self) -> None:
        """Close the MIDI ports."""
        self._ports.close()
        self.slots.close()

    def _act(self, request: Request) -> None:
        name = request["name"]
        if name not in self.actions:
            raise ParameterError(f"There is no action {name!r}. {nearest(str(name), ACTIONS)}")
        self.actions[name](*request.get("arguments", ()))

    def _load_slot(self, request: Request) -> None:
        preset = Preset(request["name"], request["values"], request.get("title", ""))
        self.slots.load(request["slot"], preset)

    def _store_slot(self, request: Request) -> None:
        self.slots.store(request["slot"])

    def _learn(self, request: Request) -> None:
        self.midi.learn(
            request["target"], preset=request.get("preset"), keep=request.get("keep", False)
        )

    def _bind(self, request: Request) -> None:
        try:
            binding = Binding(**request["binding"])
        except ValueError as problem:
            raise ParameterError(f"This MIDI binding cannot be: {problem}") from problem
        self.midi.bind(binding, keep=request.get("keep", True))

    def _bindings(self, request: Request) -> Answer:
        target = request.get("target")
        found = [b for b in self.midi.mapping.resolved() if target in (None, b.target)]
        return {"bindings": [binding.model_dump(mode="json") for binding in found]}

    def _map(self, request: Request) -> None:
        self.midi.mapping = load_mapping(str(request["name"]))

    @staticmethod
    def _slot(preset: Preset) -> dict[str, str]:
        return {"name": preset.name, "title": preset.title}

    def _keep_learned(self, news: list[str]) -> None:
        """Save a mapping that was changed by learning, so that it is there the next time."""
        mapping = self.midi.mapping
        if mapping is not self._saved and self.midi.learning is None:
            self._saved = mapping
            try:
                save_mapping(mapping, LEARNED_MAPPING)
            except InnerearError as problem:
                news.append(str(problem))

    def _later(self, action: Callable[..., None], *arguments: Any) -> None:
        self._waiting.append(partial(action, *arguments))

    def _ask(self, name: str) -> None:
        self.asked[name] += 1

    def _toggle(self, id: str) -> None:
        self._parameters.set(id, not self._parameters.switch(id))

    def _tap(self) -> None:
        tempo_bpm = self.midi.clock.tap(time.perf_counter())
        if tempo_bpm is not None:
            self._parameters.set("tempo_bpm", tempo_bpm)

    def _play_number(self, number: int) -> None:
        names = list(available_presets())
        if not 1 <= number <= len(names):
            raise ParameterError(f"There is no preset {number}: they are 1 to {len(names)}.")
        self._play(names[number - 1])

    def _step(self, direction: int) -> None:
        names = list(available_presets())
        at = names.index(self.preset) + direction if self.preset in names else 0
        self._play(names[at % len(names)])

    def _play(self, name: str) -> None:
        """Play a preset: it goes into the slot that the morph knob is nearer to."""
        preset = load_preset(name)
        near_a = self._parameters.number("morph") < 0.5
        self._parameters.set("morph", 0.0 if near_a else 1.0)
        self.slots.load("a" if near_a else "b", preset)
        preset.apply(self._parameters)
        self.preset = preset.name
