"""The output of commands: data as JSON, tables, progress on a terminal."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_STEPS = 500


def print_json(data: Any) -> None:
    """Print `data` on stdout as JSON in UTF-8, indented but for lists of plain values."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    print(to_json(data))


def to_json(data: Any) -> str:
    """Return `data` as JSON text with one line per row of numbers."""
    return _indented(data, "")


def _indented(data: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(data, dict) and data:
        lines = [f"{inner}{json.dumps(key)}: {_indented(data[key], inner)}" for key in data]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(data, list) and any(isinstance(item, dict | list) for item in data):
        return "[\n" + ",\n".join(inner + _indented(item, inner) for item in data) + f"\n{indent}]"
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    # The name of a file need not be UTF-8, but JSON must be.
    return text if _is_unicode(text) else json.dumps(data, allow_nan=False)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> None:
    """Print a table with aligned columns.

    Args:
        heads: of the columns.
        rows: of texts, each as many as `heads`.
        numbers: the columns that are aligned at the right.
    """
    table = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]
    for row in table:
        cells = [
            text.rjust(width) if column in numbers else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


@contextmanager
def progress_bar(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on stderr, on a terminal only.

    Args:
        title: what is being done.
        total: the amount of all work.

    Yields:
        A function to call with the amount done so far.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        shown = 0.0

        def advance(done: float) -> None:
            nonlocal shown
            if done - shown >= total / _STEPS:  # there are more blocks than steps of the bar
                shown = done
                progress.update(task, completed=done)

        yield advance
