"""Small pieces of Markdown."""

import inspect
import re
from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Return a text for a cell of a table: one line, in which nothing counts as markup but code."""
    line = " ".join(text.split()).replace("|", "\\|")
    parts = line.split("`")
    return "`".join(
        part if place % 2 else re.sub(r"([\[\]*_])", r"\\\1", part.replace("<", "&lt;"))
        for place, part in enumerate(parts)
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, whose cells are Markdown; `cell` makes that of a text."""
    return [_row(heads), "|" + "---|" * len(heads), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def dedented(text: str) -> str:
    """Return a help text without its indent, and without the marks that only a terminal reads."""
    return inspect.cleandoc(text).replace("\b\n", "")


def fenced(text: str, language: str = "") -> list[str]:
    """Return a text as the lines of a fenced block."""
    return [f"```{language}", *text.splitlines(), "```"]
