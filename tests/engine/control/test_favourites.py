"""Favourite presets are kept from one time to the next."""

from pathlib import Path

import pytest

from innerear.engine.control.favourites import (
    favourite_presets,
    favourites_file,
    rename_favourite,
    set_favourite,
)
from innerear.engine.errors import PresetError


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_favourites_are_kept_and_renamed() -> None:
    assert favourite_presets() == frozenset()
    for name in ("a", "b"):
        set_favourite(name, True)
    set_favourite("a", False)
    set_favourite("a", False)
    assert favourite_presets() == {"b"}
    rename_favourite("b", "c")
    rename_favourite("a", "d")
    assert favourite_presets() == {"c"}


@pytest.mark.parametrize("content", ["{", "7", '{"a": 1}', "[1, null]"])
def test_a_damaged_file_has_none(content: str) -> None:
    favourites_file().parent.mkdir(parents=True)
    favourites_file().write_text(content)
    assert favourite_presets() == frozenset()
    for change in (lambda: set_favourite("b", True), lambda: rename_favourite("a", "b")):
        with pytest.raises(PresetError, match="mend it, or delete it"):
            change()
    assert favourites_file().read_text() == content, "what somebody could still mend is kept"


def test_a_folder_that_cannot_be_written_is_said_in_one_line() -> None:
    favourites_file().parent.parent.write_text("a file")
    with pytest.raises(PresetError, match="cannot be written"):
        set_favourite("a", True)
