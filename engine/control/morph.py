"""Morphs between two presets, A and B, with one knob."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from ..errors import ParameterError
from ..parameter import NOTE_BEATS, Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS
from ..targets.grammar import split_target
from ..targets.target_mix import blend, on_layer
from .presets import Preset

MIDDLE = 0.5
HYSTERESIS = 0.02
"""How far past the middle a knob must go before what cannot be mixed changes: no flicker there."""

Slot = Literal["a", "b"]
EMPTY, UNSAVED = "empty", "unsaved"
"""Names in a slot: nothing was put there yet; what played was stored there, and is no preset."""


def morph(a: Preset, b: Preset, position: float, beyond: bool | None = None) -> dict[str, Value]:
    """Return the values between two presets.

    Numbers move as their knobs would, each by its own curve. The dream's direction (layer and
    target) is the weighted mix of both where the model is the same. All else changes once, at the
    middle: what needs a new `prepare`, such as the model; choices, switches and note values.

    Args:
        a: what a position of 0 is.
        b: what a position of 1 is.
        position: 0 to 1.
        beyond: whether what cannot be mixed is B's; by default from the middle on.

    Returns:
        the value of every parameter that presets hold, by id.
    """
    return _between(a.values(), b.values(), position, beyond)


def _between(
    a: Mapping[str, Value], b: Mapping[str, Value], position: float, beyond: bool | None = None
) -> dict[str, Value]:
    if position <= 0.0 or position >= 1.0:
        return dict(a if position <= 0.0 else b)
    beyond = position >= MIDDLE if beyond is None else beyond
    nearer = b if beyond else a
    values = {
        id: _mixed(id, a[id], b[id], position) if _mixes(id, a[id], b[id]) else nearer[id]
        for id in a
    }
    if not values.get("target_sound", True):  # the one that has a target sound lends it
        values["target_sound"] = a["target_sound"] or b["target_sound"]
    words = (a.get("layer"), a.get("target")), (b.get("layer"), b.get("target"))
    if words[0] != words[1] and a["model"] == b["model"]:
        try:
            values["target"] = _direction(*words, position)
        except ParameterError:  # typed wrongly, and reported where it was typed
            values["target"] = nearer["target"]
    return values


def _mixes(id: str, a: Value, b: Value) -> bool:
    """Whether there is something between two values of a parameter."""
    parameter = PARAMETERS[id]
    numbers = parameter.kind in ("number", "duration") and not {a, b} & set(NOTE_BEATS)
    return numbers and not parameter.structural and a != b


def _mixed(id: str, a: Value, b: Value, position: float) -> Value:
    parameter = PARAMETERS[id]
    start, end = parameter.position(a), parameter.position(b)
    return parameter.at_position(start + (end - start) * position)


def _direction(
    a: tuple[Value | None, Value | None], b: tuple[Value | None, Value | None], position: float
) -> str:
    """Return the target between two pairs of layer and target, each part on its own layer."""
    parts = [
        tuple(on_layer(term, str(layer)) for term in split_target(str(target)))
        for layer, target in (a, b)
    ]
    share = round(position, 2)  # a moving knob makes a hundred texts, not thousands
    return blend([(parts[0], 1.0 - share), (parts[1], share)])


class MorphSlots:
    """Two slots, A and B, and the `morph` knob of a parameter set between them.

    Only parameters in which A and B differ are moved. While the knob is at an end, changes to other
    parameters are kept in the slot at that end, so that an A/B comparison loses nothing.
    """

    def __init__(
        self, parameters: ParameterSet, a: Preset | None = None, b: Preset | None = None
    ) -> None:
        """Watch the `morph` knob; nothing moves before it does.

        Args:
            parameters: that are moved.
            a: for slot A; by default the present parameters.
            b: for slot B; likewise.
        """
        self._parameters = parameters
        now = Preset.of(parameters, EMPTY)
        self._presets: dict[Slot, Preset] = {"a": a or now, "b": b or now}
        self._lock = threading.RLock()
        self._moving = False
        self._beyond = parameters.number("morph") >= MIDDLE
        self._plan()
        self._end: Callable[[], None] = parameters.observe(self._observe)

    @property
    def a(self) -> Preset:
        """What slot A holds."""
        return self._presets["a"]

    @property
    def b(self) -> Preset:
        """What slot B holds."""
        return self._presets["b"]

    def load(self, slot: Slot, preset: Preset) -> None:
        """Put a preset into a slot; it is heard at once as far as the knob is not at the other.

        Raises:
            InnerearError: its model is not installed, or does not know its layer or target.
        """
        preset.check_words()
        with self._lock:
            self._presets[slot] = preset
            self._plan()
            if self._parameters.number("morph") != (1.0 if slot == "a" else 0.0):
                self._set(_between(self.a.values(), self.b.values(), *self._place()))

    def hold(self, a: Preset | None, b: Preset | None) -> None:
        """Put presets into both slots; None leaves one. Nothing moves before the knob does."""
        with self._lock:
            self._presets = {"a": a or self.a, "b": b or self.b}
            self._plan()

    def set_between(self, values: Mapping[str, Value]) -> None:
        """Set parameters that lie between the slots, as the knob would: neither slot keeps them."""
        with self._lock:
            self._set(values)

    def store(self, slot: Slot, name: str = UNSAVED, title: str = "") -> Preset:
        """Keep the present parameters in a slot, and return them as a preset."""
        with self._lock:
            self._presets[slot] = Preset.of(self._parameters, name, title)
            self._plan()
            return self._presets[slot]

    def toggle(self) -> Slot:
        """Move the `morph` knob to the end that is farther away; return that slot."""
        slot: Slot = "a" if self._parameters.number("morph") >= MIDDLE else "b"
        self._parameters.set("morph", 0.0 if slot == "a" else 1.0)
        return slot

    def close(self) -> None:
        """Stop following the `morph` knob."""
        self._end()

    def _plan(self) -> None:
        """Note which parameters differ, so that moving the knob costs little."""
        a, b = self.a.values(), self.b.values()
        words = ("model", "layer", "target")  # together they are one direction
        differ = {id for id in a if a[id] != b[id]}
        if differ & set(words):
            differ.update(words)
        self._from = {id: a[id] for id in a if id in differ}
        self._to = {id: b[id] for id in a if id in differ}

    def _observe(self, id: str, value: Value) -> None:
        if id == "morph":
            with self._lock:
                self._move()
        elif not self._moving and PARAMETERS[id].stored:
            self._keep(id, value)

    def _keep(self, id: str, value: Value) -> None:
        """Keep a value that was set by hand, in the slot that plays alone."""
        position = self._parameters.number("morph")
        if position not in (0.0, 1.0):
            return
        slot: Slot = "a" if position == 0.0 else "b"
        with self._lock:
            preset = self._presets[slot]
            self._presets[slot] = replace(preset, parameters={**preset.parameters, id: value})
            self._plan()

    def _move(self) -> None:
        if self._from:
            self._set(_between(self._from, self._to, *self._place()))

    def _place(self) -> tuple[float, bool]:
        """Return the knob's position, and whether it is beyond the middle."""
        position = self._parameters.number("morph")
        self._beyond = position >= MIDDLE + (-HYSTERESIS if self._beyond else HYSTERESIS)
        return position, self._beyond

    def _set(self, values: Mapping[str, Value]) -> None:
        self._moving = True
        try:
            for id, value in values.items():
                self._parameters.set(id, value)
        finally:
            self._moving = False
