"""The option --judge: what networks that took no part hear in a file before and after."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ...engine.analysis.judging.judges import Judge

BLOCK = 65_536

JudgeNames = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        metavar="<name>",
        help="A pack that listens before and after, and says its score of the target; may be given"
        " again.",
    ),
]


def load_judges(names: Sequence[str] | None) -> "list[Judge]":
    """Load the judges, before anything is dreamed.

    Raises:
        ModelError: there is no such pack.
    """
    from ...engine.analysis.judging.judges import Judge
    from ...engine.packs.pack import load_pack

    return [Judge(load_pack(name)) for name in names or ()]


def judge_files(
    judges: "Sequence[Judge]", source: Path, destination: Path, target: str
) -> list[dict[str, Any]]:
    """Let judges listen to a file and to the dream of it.

    Args:
        judges: who listen.
        source, destination: the two files.
        target: what was dreamed of, in words.

    Returns:
        For each its name; `class`, what it calls the target, None where it has no such class; and
        where it has, mean scores (0..1) and ranks before and after, and the gain in log-odds.
    """
    from ...engine.analysis.judging.judges import log_odds

    found: list[dict[str, Any]] = []
    for judge in judges:
        name = judge.class_for(target)
        row: dict[str, Any] = {"judge": judge.name, "target": target, "class": name}
        if name is not None:
            before, after = (_score(judge, path, target) for path in (source, destination))
            row["score_before"], row["score_after"] = before.mean, after.mean
            row["log_odds_gain"] = float(log_odds(after.mean) - log_odds(before.mean))
            row["rank_before"], row["rank_after"] = before.rank, after.rank
        found.append(row)
    return found


def print_judged(rows: Sequence[dict[str, Any]]) -> None:
    """Print a line for each judge."""
    for row in rows:
        print(judged_line(row))


def judged_line(row: dict[str, Any]) -> str:
    """Return in one line what a judge hears, a row of `judge_files`."""
    if row["class"] is None:
        return (
            f"{row['judge']} cannot judge {row['target']!r}: a judge needs a class of its own as"
            " the target"
        )
    return (
        f"{row['class']} to {row['judge']}: {row['score_before']:.4f} before,"
        f" {row['score_after']:.4f} after (rank {row['rank_before']} to {row['rank_after']})"
    )


def _score(judge: "Judge", path: Path, target: str) -> Any:
    from ...engine.io.audio_files import SoundReader

    with SoundReader(path) as reader:
        return judge.score(judge.listen_stream(reader.blocks(BLOCK), reader.sample_rate), target)
