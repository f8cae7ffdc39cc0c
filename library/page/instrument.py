"""Sends a preset to the instrument that plays on this machine."""

from typing import Literal

from ...engine.control.presets import Preset
from ...engine.errors import DeviceError
from ...engine.live.registry import running_servers
from ...engine.live.session import Session

Slot = Literal["a", "b"]


def play_live(preset: Preset, slot: Slot | None = None) -> str:
    """Let the instrument that was started last play a preset: of a window, or `innerear live`.

    Args:
        preset: what it shall play.
        slot: where the preset is put; the morph knob stays. By default it goes into the slot that
            the knob is nearer to, and the knob goes there.

    Returns:
        what was done, in one line.

    Raises:
        InnerearError: nothing plays, or it cannot play this.
    """
    playing = running_servers(staying=False)
    if not playing:
        raise DeviceError("No instrument plays: start innerear gui, or innerear live, first.")
    session = Session.attach(playing[0])
    try:
        if slot is None:
            near: Slot = "a" if session.parameters.number("morph") < 0.5 else "b"
            preset.check_words()
            session.set("morph", 0.0 if near == "a" else 1.0)
            session.set_slot(near, preset.name, preset.parameters, preset.title)
            return "It plays."
        session.set_slot(slot, preset.name, preset.parameters, preset.title)
        return f"It is in slot {slot.upper()}."
    finally:
        session.detach()
