"""What the window lists of a library of dreams. No Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...engine.control.presets import Preset
from ...engine.errors import InnerearError
from ...engine.parameters import PARAMETERS

if TYPE_CHECKING:
    from ...library.library import Library

_AIM = ("model", "target")
MOST = 200
"""So many items are listed at most."""


@dataclass(frozen=True)
class ListedItem:
    """One item.

    Attributes:
        text: its line in the list.
        details: what else is known of it, a line each.
        preset: with its settings; None where it has none.
        problem: why it has none; empty where it has.
    """

    text: str
    details: tuple[str, ...]
    preset: Preset | None
    problem: str = ""


def list_items(library: "Library", where: str) -> list[ListedItem]:
    """Return the items that meet a condition, those that judges hear best first.

    Args:
        library: that is asked.
        where: an SQL expression, as for `Library.find`; empty for all.

    Raises:
        LibraryError: the condition cannot be asked, or the library is damaged.
    """
    from ...library.item_preset import item_preset

    listed = []
    for row in library.find(where, limit=MOST).drop_columns(["embedding"]).to_pylist():
        if row["state"] != "done":
            continue
        preset, problem = None, ""
        try:
            preset = item_preset(row)
        except InnerearError as reason:
            problem = str(reason)
        scores = [("judged", row["judged_after"]), ("score", row["score_after"])]
        words = [f"{name} {value:.2f}" for name, value in scores if value is not None]
        title = " \N{MIDDLE DOT} ".join(each for each in (row["target"], row["sound"]) if each)
        listed.append(
            ListedItem(
                " \N{MIDDLE DOT} ".join([title or row["method"], *words]),
                (f"{row['method']}, {row['model']}", *_settings(preset), row["item"]),
                preset,
                problem,
            )
        )
    return listed


def _settings(preset: Preset | None) -> list[str]:
    """Return a line that says what was set, but for the aim; none where nothing was."""
    values = preset.parameters.items() if preset is not None else ()
    said = [f"{PARAMETERS[id].title} {value}" for id, value in values if id not in _AIM]
    return [", ".join(said)] if said else []
