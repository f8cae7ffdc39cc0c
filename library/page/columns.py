"""What the dreams of a library can be coloured, filtered and ranked by."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.files import parse_json
from ...engine.parameter import Parameter
from ..methods import METHODS
from ..query import setting_columns
from ..table import COLUMNS

Values = NDArray[np.float32]

FIRST = ("judged_after", "score_after", "target", "model", "sound", "method")
"""What comes first on the page; the settings that differ follow, then all else."""
_NOT_SHOWN = {"item", "sound_hash", "state", "reason", "made_at", "settings", "judges"}
_UNITS = {"db": "dB", "hz": "Hz"}

MOST_LISTED = 40
"""Of the texts of a column, so many can be chosen from a list; more are searched."""


@dataclass(frozen=True)
class Column:
    """A column of the page.

    Attributes:
        name: in a condition.
        title: for people.
        values: float32 [items]: the number, or the index of the text in `texts`; NaN where there
            is none.
        texts: sorted; empty where the column has numbers.
    """

    name: str
    title: str
    values: Values
    texts: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether it tells items apart."""
        found = self.values[np.isfinite(self.values)]
        return found.size > 0 and bool(found.min() < found.max() or found.size < self.values.size)

    def as_dict(self) -> dict[str, Any]:
        """Return what the page has to know in order to offer it, as JSON data."""
        found = self.values[np.isfinite(self.values)]
        about: dict[str, Any] = {"name": self.name, "title": self.title}
        if not self.texts:
            return about | {"kind": "number", "low": float(found.min()), "high": float(found.max())}
        counts = np.bincount(found.astype(np.int64), minlength=len(self.texts))
        return about | {
            "kind": "text",
            "texts": list(self.texts),
            "counts": counts.tolist(),
            "listed": len(self.texts) <= MOST_LISTED,
        }


def wanted_columns() -> list[str]:
    """Return the columns of a library's table from which those of the page are made."""
    shown = [
        name
        for name, (kind, _) in COLUMNS.items()
        if name not in _NOT_SHOWN and kind != "embedding"
    ]
    return ["item", "settings", *shown]


def setting_parameters() -> dict[str, Parameter]:
    """Return the settings that items may have and conditions can name, by id."""
    found: dict[str, Parameter] = {}
    for method in METHODS.values():
        found = {**method.settings, **found}
    return {id: parameter for id, parameter in found.items() if id in setting_columns()}


def columns_of(table: Any) -> dict[str, Column]:
    """Return the columns of the page, by name; those that are the same everywhere are left out.

    Args:
        table: a `pyarrow.Table` with `wanted_columns`.
    """
    made = {
        name: _column(name, _title(name), COLUMNS[name][0] == "text", table[name].to_pylist())
        for name in wanted_columns()
        if name not in ("item", "settings")
    }
    settings = _settings(table["settings"].to_pylist())
    order = [*FIRST, *settings, *made]
    made |= settings
    return {name: made[name] for name in dict.fromkeys(order) if made[name].differs}


def _settings(texts: Sequence[str | None]) -> dict[str, Column]:
    """Return a column for each setting, by its id."""
    # Many items share their settings, so each text is read once.
    read = {text: _read(text) for text in set(texts)}
    known = setting_parameters()
    ids = set().union(*read.values())
    made = {}
    for id in (each for each in known if each in ids):
        is_text = known[id].kind not in ("number", "integer choice")
        values = [read[text].get(id) for text in texts]
        made[id] = _column(id, known[id].title, is_text, values)
    return made


def _column(name: str, title: str, is_text: bool, values: Iterable[Any]) -> Column:
    if not is_text:
        with np.errstate(over="ignore"):  # what is too large is shown as missing, too
            numbers = np.array([_number(value) for value in values], np.float32)
        numbers[~np.isfinite(numbers)] = np.nan
        return Column(name, title, numbers)
    found = [None if value is None else _text(value) for value in values]
    texts = tuple(sorted({value for value in found if value is not None}))
    index = {text: number for number, text in enumerate(texts)}
    codes = [np.nan if value is None else index[value] for value in found]
    return Column(name, title, np.array(codes, np.float32), texts)


def _read(text: str | None) -> Mapping[str, Any]:
    try:
        data = parse_json(text or "{}")
    except ValueError:  # damaged: this item has no settings to choose by
        return {}
    return data if isinstance(data, dict) else {}


def _title(name: str) -> str:
    words, _, unit = name.rpartition("_")
    return f"{words} ({_UNITS[unit]})" if unit in _UNITS else name.replace("_", " ")


def _text(value: object) -> str:
    """Return a JSON value as DuckDB's `->>` writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
