"""Everything that a key or the menu does, in one table. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One command of the window.

    Attributes:
        text: its name in the menu.
        keys: its shortcut, as Qt writes it, or several with " or " between them; empty for none.
        in_menu: whether the menu shows it; a command with a button of its own need not be there.
        checkable: whether it is on or off.
        under: the title of the sub-menu that it is in; empty for the menu itself.
    """

    text: str
    keys: str = ""
    in_menu: bool = True
    checkable: bool = False
    under: str = ""


COMMANDS: Mapping[str, Command | None] = {
    "open": Command("Open a sound file …", "Ctrl+O"),
    "target-sound": Command("Dream of a sound file …", "Ctrl+Shift+O"),
    "sidechain": Command("Dream of the sidechain"),
    "replay": Command("Replay a log …"),
    "devices": Command("Sound devices …", "Ctrl+D"),
    "midi": Command("MIDI …", "Ctrl+Shift+M"),
    "models": Command("Models …", "Ctrl+M"),
    "presets": Command("Presets …", "Ctrl+P"),
    "library": Command("Library …", "Ctrl+Shift+L"),
    "line-1": None,
    "undo": Command("Undo", "Ctrl+Z"),
    "redo": Command("Redo", "Ctrl+Shift+Z"),
    "next-preset": Command("Next preset", "Ctrl+Right", in_menu=False),
    "previous-preset": Command("Previous preset", "Ctrl+Left", in_menu=False),
    "to-a": Command("Go to A", "Ctrl+1", in_menu=False),
    "to-b": Command("Go to B", "Ctrl+2", in_menu=False),
    "freeze": Command("Freeze the dream", "Ctrl+Space", in_menu=False),
    "bypass": Command("Bypass", "Ctrl+B", in_menu=False),
    "tap": Command("Tap the tempo", "Ctrl+T", in_menu=False),
    "record": Command("Record", "Ctrl+R", in_menu=False),
    "silenced": Command("Panic: silence, until it is pressed again", "Esc", in_menu=False),
    "mute": Command("Mute", "Ctrl+U", in_menu=False),
    "dim": Command("Dim", "Ctrl+L", in_menu=False),
    "find": Command("Find a class", "Ctrl+F"),
    "network": Command("Go to the network", "Ctrl+N", in_menu=False),
    "hear": Command("Hear the unit", "Ctrl+H", in_menu=False),
    "line-2": None,
    "views": Command("Spectrograms and meters", "Ctrl+G", checkable=True),
    "stage": Command("Stage mode", "Ctrl+E", checkable=True),
    "full-screen": Command("Full screen", "F11", checkable=True),
    "zoom-in": Command("Larger", "Ctrl++ or Ctrl+=", under="Zoom"),
    "zoom-out": Command("Smaller", "Ctrl+-", under="Zoom"),
    "zoom-reset": Command("Usual size", "Ctrl+0", under="Zoom"),
    "presets-folder": Command("Presets", under="Open folder"),
    "models-folder": Command("Models", under="Open folder"),
    "recordings-folder": Command("Recordings", under="Open folder"),
    "documents": Command("Documentation …", "Shift+F1", under="Help"),
    "keys": Command("Keys …", "F1", under="Help"),
    "about": Command("About Innerear …", under="Help"),
    "line-3": None,
    "close": Command("Close the window; the sound goes on", "Ctrl+Q"),
    "quit": Command("Stop sound and quit", "Ctrl+Shift+Q"),
}
"""The commands by name, in the menu's order; None is a line between two groups."""


def keys_text() -> str:
    """Return the table of all keys, as rich text."""
    rows = [
        f"<tr><td><b>{command.keys}</b>&nbsp;&nbsp;</td><td>{command.text}</td></tr>"
        for command in COMMANDS.values()
        if command is not None and command.keys
    ]
    return (
        f"<table>{''.join(rows)}</table><br>"
        "<b>Knobs:</b> arrows, page, home and end turn (finer with Shift); digits or Enter type a"
        " value; Delete goes back to the default; the menu key learns MIDI.<br>"
        "<b>Network:</b> left and right choose a layer, up and down a unit, Enter dreams of it"
        " (Shift: in addition), Space plays it, plus and minus change a layer's weight."
    )
