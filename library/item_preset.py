"""An item of a library as a preset."""

from collections.abc import Mapping
from typing import Any

from ..engine.control.preset_file import PresetContent, preset_text
from ..engine.control.presets import Preset, name_of
from ..engine.errors import PresetError
from ..engine.files import parse_json
from .methods import METHODS

_LONGEST_TITLE = 60


def item_preset(row: Mapping[str, Any]) -> Preset:
    """Return the preset that an item was rendered with.

    An offline dream and the like have settings of their own, so of these only the aim is kept: the
    network, the layer and the target.

    Args:
        row: of the library's table; `settings` as JSON text, or as the data of it.

    Raises:
        InnerearError: its settings are damaged, or a value that its parameter cannot take.
    """
    settings = row["settings"]
    if isinstance(settings, str):
        try:
            settings = parse_json(settings)
        except ValueError:
            settings = None
    if not isinstance(settings, dict):
        raise PresetError("The settings of this item are damaged.")
    taken = METHODS["render"].settings if row.get("method") == "render" else ("layer",)
    values = {id: value for id, value in settings.items() if id in taken}
    values |= {id: row[id] for id in ("model", "target") if row.get(id)}
    title = " ".join(f"{row.get('target') or 'A dream'} of {row.get('sound') or 'a sound'}".split())
    printable = "".join(each for each in title if each.isprintable())[:_LONGEST_TITLE].strip()
    return Preset(
        readable_name(row), values, printable or "A dream", f"Item {row['item'][:12]} of a library."
    )


def preset_file(preset: Preset) -> str:
    """Return the text of a preset's file.

    Raises:
        PresetError: something in it that no preset's file may hold.
    """
    return preset_text(
        PresetContent(preset.title, preset.description, preset.parameters, preset.tags)
    )


def readable_name(row: Mapping[str, Any]) -> str:
    """Return the name, without a suffix, of a file that is made of an item."""
    words = name_of(f"{row.get('target') or ''} {row.get('sound') or ''}")[:40].strip("-")
    return f"{words}-{row['item'][:8]}".strip("-")
