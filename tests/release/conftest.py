"""The scripts of `release/` are no package: tests import them as their folder's."""

from pathlib import Path

import pytest

RELEASE = Path(__file__).resolve().parents[2] / "release"


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a test import the scripts; return their folder."""
    monkeypatch.syspath_prepend(str(RELEASE))
    return RELEASE
