"""What a desktop is told of Innerear: the text of its entry, and of the kinds of files it opens."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ..engine.control.presets import SUFFIX as PRESET_SUFFIX
from ..engine.packs.adding.archive import SUFFIX as PACK_SUFFIX

NAME = "innerear"
"""Of the entry and of the icon; the window says that it belongs to it."""
ICON = Path(__file__).resolve().parent / f"{NAME}.png"
"""256 pixels wide."""
OPENED_PRESET = f".{NAME}{PRESET_SUFFIX}"
"""How the name of a preset's file ends that a double click opens: a desktop knows files by the ends
of their names, and not every `.json` is ours."""

PRESET_TYPE = "application/x-innerear-preset+json"
PACK_TYPE = "application/x-innerear-pack+zip"
_KINDS = (
    (PRESET_TYPE, "Innerear preset", OPENED_PRESET, "application/json"),
    (PACK_TYPE, "Innerear model pack", PACK_SUFFIX, "application/zip"),
)
"""MIME type, description, end of the name, and the type that it is a case of."""

_QUOTED = str.maketrans({"\\": "\\\\\\\\", '"': '\\\\"', "`": "\\\\`", "$": "\\\\$", "%": "%%"})
"""In an argument between quotes, in a value that is itself a string of the entry's."""


def desktop_entry(command: Sequence[str]) -> str:
    """Return the text of the entry.

    Args:
        command: that opens the window, or a file whose name follows.
    """
    words = " ".join(f'"{word.translate(_QUOTED)}"' for word in command)
    return f"""\
[Desktop Entry]
Type=Application
Version=1.4
Name=Innerear
GenericName=Deep Dream for sound
Comment=Hear what a neural network hears
Exec={words} %f
Icon={NAME}
Terminal=false
Categories=AudioVideo;Audio;Music;
Keywords=deep dream;neural network;sonification;effect;
MimeType={PRESET_TYPE};{PACK_TYPE};
StartupWMClass={NAME}
"""


def mime_types() -> str:
    """Return the description of the kinds of files, for the shared MIME-info database."""
    kinds = "".join(
        f"""\
  <mime-type type={quoteattr(name)}>
    <comment>{escape(title)}</comment>
    <glob pattern={quoteattr("*" + end)} weight="60"/>
    <sub-class-of type={quoteattr(parent)}/>
    <icon name={quoteattr(NAME)}/>
  </mime-type>
"""
        for name, title, end, parent in _KINDS
    )
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
{kinds}</mime-info>
"""
