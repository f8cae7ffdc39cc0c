"""SECURITY.md: each claim names a test that is there, or says that it has none."""

import re
from pathlib import Path

from .fuzz.readers import TARGETS

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def claims() -> list[str]:
    """Return the points of lists, and the rows of tables but for their heads."""
    points = re.findall(r"^- .*(?:\n  .*)*", TEXT, re.MULTILINE)
    rows = re.findall(r"^\| (?!listener|what is read).*", TEXT, re.MULTILINE)
    return points + rows


def test_every_claim_names_a_test_or_says_that_it_has_none() -> None:
    known = {f"`{name}`" for name in TARGETS}
    signs = {"`tests/", "*no test", *known}
    without = [claim for claim in claims() if not any(sign in claim for sign in signs)]
    assert len(claims()) > 50
    assert not without


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", TEXT)
    assert len(named) > 25
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_target_of_fuzzing_is_listed() -> None:
    assert not [name for name in TARGETS if f"`{name}`" not in TEXT]
