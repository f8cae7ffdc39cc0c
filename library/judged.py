"""What judges, which took no part, heard of an item: columns of its row, and more of them later."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.files import parse_json

JUDGED = ("item", "judges", "judged_before", "judged_after")
"""Columns that say what judges heard, and of which item."""


def judged(pairs: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """Return the columns for what judges heard.

    Args:
        pairs: name of a judge -> its scores before and after.
    """
    return {
        "judged_before": mean([before for before, _ in pairs.values()]),
        "judged_after": mean([after for _, after in pairs.values()]),
        "judges": json.dumps(pairs, ensure_ascii=False),
    }


def with_judges_of(newer: Mapping[str, Any], older: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what judges heard who listened to its item before, and not again.

    Args:
        newer, older: rows of the same item with the columns `JUDGED`; an older one that is damaged
            adds nothing.
    """
    now, before = _pairs(newer), _pairs(older)
    if now is None or before is None or set(before) <= set(now):
        return dict(newer)
    return {**newer, **judged({**before, **now})}


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are there; None where there are none."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def _pairs(row: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        found = parse_json(row["judges"])
    except (TypeError, ValueError):
        return None
    is_whole = isinstance(found, dict) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(score is None or isinstance(score, int | float) for score in pair)
        for pair in found.values()
    )
    return found if is_whole else None
