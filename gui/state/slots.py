"""The two presets between which the morph parameter leads: A and B. No Qt."""

from dataclasses import replace
from typing import Literal

from ...engine.control.morph import MorphSlots
from ...engine.control.presets import Preset
from .parameter_controller import ParameterController

Slot = Literal["a", "b"]


class Slots:
    """Loads and stores A and B in the audio server, or in the window while nothing plays."""

    def __init__(self, controller: ParameterController) -> None:
        """Use the session of a controller."""
        self._controller = controller
        self._own: MorphSlots | None = None

    def load(self, slot: Slot, preset: Preset) -> None:
        """Put a preset into a slot.

        Raises:
            InnerearError: the preset's model is missing.
        """
        preset.check_words()
        if self._controller.playing:
            self._controller.session.set_slot(slot, preset.name, preset.parameters, preset.title)
        else:
            self._here().load(slot, preset)
            self._keep()

    def store(self, slot: Slot) -> None:
        """Store the present parameters in a slot.

        Raises:
            InnerearError: the audio server does not answer.
        """
        if self._controller.playing:
            self._controller.session.store_slot(slot)
        else:
            self._here().store(slot)
            self._keep()

    def go_to(self, slot: Slot) -> None:
        """Set the morph parameter to the end at which a slot lies."""
        self._controller.change({"morph": 0.0 if slot == "a" else 1.0}, f"go to {slot.upper()}")

    def names(self) -> tuple[str, str]:
        """Return the titles of the presets in A and B."""
        status = self._controller.status
        if status is not None:
            if self._own is not None:
                self._own.close()
                self._own = None
            return status.slots.a.label, status.slots.b.label
        own = self._here()
        return own.a.title or own.a.name, own.b.title or own.b.name

    def _here(self) -> MorphSlots:
        if self._own is None:
            state = self._controller.session.control_state
            self._own = MorphSlots(self._controller.parameters, state.a, state.b)
        return self._own

    def _keep(self) -> None:
        """Let the audio server begin with these slots."""
        own, session = self._here(), self._controller.session
        session.control_state = replace(session.control_state, a=own.a, b=own.b)
