"""`innerear library stats`: what a library holds."""

from ..shared.options import AsJson
from ..shared.output import print_json, print_table
from .options import LibraryAddress, shown

EXAMPLES = """
innerear library stats dreams
innerear library stats dreams --json
"""

_HEADS = (
    "model",
    "target",
    "items",
    "score_before",
    "score_after",
    "judged_before",
    "judged_after",
)


def stats(address: LibraryAddress, as_json: AsJson = False) -> None:
    """Count a library's items, and show mean scores by model and target."""
    from ...library.library import Library

    found = Library(address).stats()
    if as_json:
        print_json(found)
        return
    print(
        f"{shown(found['name'])}: {found['items']} items, {found['failed']} of them failed;"
        f" {found['seconds'] / 60:.1f} min of sound, {found['bytes'] / 1e6:.1f} MB,"
        f" made in {found['making_seconds'] / 60:.1f} min of work"
    )
    if found["scores"]:
        rows = [[shown(row[head]) for head in _HEADS] for row in found["scores"]]
        print_table(_HEADS, rows, numbers=set(range(2, len(_HEADS))))
    for reason, count in found["reasons"].items():
        print(f"{count} failed: {shown(reason)}")
