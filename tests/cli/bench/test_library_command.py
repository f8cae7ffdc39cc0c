"""`innerear bench library` asks libraries of the sizes that it is told."""

import json
from collections.abc import Callable

from ..conftest import Run


def test_questions_at_a_small_size(run: Run, require: Callable[..., None]) -> None:
    require("library")
    outcome = run("bench", "library", "--rows", 50, "--rows", 20, "--repeat", 1, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    questions = json.loads(outcome.out)["questions"]
    assert [row["rows"] for row in questions] == [50] * 3 + [20] * 3
    assert {row["question"] for row in questions} == {"column", "setting", "nearest 20"}
    assert all(row["seconds"] > 0 for row in questions)
