"""Tests claims of the methods' sources on the shipped networks; see `docs/findings.md`.

python -m innerear.models.studies.findings onsets --folder training --output docs/figures
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...engine.files import write_beside
from ..sounds.bank import Bank, instrument_bank
from . import finding_onsets, finding_switched_off, finding_transposition

SAMPLE_RATE = 16_000
FINDINGS: dict[str, tuple[Callable[[Bank], dict[str, Any]], Callable[[dict[str, Any], Path], None]]]
FINDINGS = {
    "onsets": (finding_onsets.measure, finding_onsets.draw),
    "switched-off": (finding_switched_off.measure, finding_switched_off.draw),
    "transposition": (finding_transposition.measure, finding_transposition.draw),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one finding; write its numbers and its picture."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.models.studies.findings",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("finding", choices=FINDINGS)
    parser.add_argument(
        "--folder", type=Path, default=Path("training"), help="that innerear train keeps sounds in"
    )
    parser.add_argument(
        "--output", type=Path, default=Path(), help="the folder for NAME.json and NAME.png"
    )
    parser.add_argument("--render", action="store_true", help="of transposition: write sounds too")
    chosen = parser.parse_args(arguments)
    measure, draw = FINDINGS[chosen.finding]
    chosen.output.mkdir(parents=True, exist_ok=True)
    if chosen.render:
        for path in finding_transposition.render(chosen.output):
            print(f"wrote {path}")
    results = measure(instrument_bank(chosen.folder / "sounds", SAMPLE_RATE))
    with write_beside(chosen.output / f"{chosen.finding}.json") as beside:
        beside.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, chosen.output / f"{chosen.finding}.png")
    for key in ("baselines", "rows", "shifts", "decisions", "examples"):
        rows = results.get(key, [])
        for row in rows if isinstance(rows, list) else [rows]:
            print(key, *(f"{name}={value}" for name, value in row.items()))
    print(f"wrote {chosen.output / chosen.finding}.json and .png")


if __name__ == "__main__":
    main()
