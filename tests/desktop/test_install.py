"""Installing writes into the user's data alone, and removing takes all of it away."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.desktop.install import DesktopError, install, remove


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


WRITTEN = {
    "applications/innerear.desktop",
    "mime/packages/innerear.xml",
    "icons/hicolor/scalable/apps/innerear.svg",
    "icons/hicolor/256x256/apps/innerear.png",
}


def test_what_is_written_is_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)  # a desktop without its programs
    (other := tmp_path / "applications" / "other.desktop").parent.mkdir()
    other.write_text("")
    written = install(tmp_path, ["/usr/bin/python3"])
    assert {path.relative_to(tmp_path).as_posix() for path in written} == WRITTEN
    assert _files(tmp_path) == {*WRITTEN, "applications/other.desktop"}
    install(tmp_path, ["/usr/bin/other"])  # again, as after a move
    assert "/usr/bin/other" in (tmp_path / "applications/innerear.desktop").read_text()
    assert set(remove(tmp_path)) == set(written)
    assert _files(tmp_path) == {"applications/other.desktop"}
    assert remove(tmp_path) == []


def test_the_desktop_knows_the_files_then(tmp_path: Path, require: Callable[..., None]) -> None:
    require("update-mime-database", "update-desktop-database")
    install(tmp_path, ["/usr/bin/python3"])
    types = (tmp_path / "mime/globs2").read_text().splitlines()
    assert "60:application/x-innerear-pack+zip:*.innerear-pack" in types
    assert "60:application/x-innerear-preset+json:*.innerear.json" in types
    cache = (tmp_path / "applications/mimeinfo.cache").read_text()
    assert "application/x-innerear-pack+zip=innerear.desktop;" in cache
    remove(tmp_path)
    assert "innerear" not in (tmp_path / "applications/mimeinfo.cache").read_text()
    assert "innerear" not in (tmp_path / "mime/globs2").read_text()


def test_a_folder_that_must_not_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "applications").write_text("a file")
    with pytest.raises(DesktopError, match="applications"):
        install(tmp_path, ["/usr/bin/python3"])


@pytest.mark.parametrize(("said", "shown"), [("one\nno room\n", "no room"), ("", "status 3")])
def test_a_program_of_the_desktop_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, shown: str
) -> None:
    failed = subprocess.CompletedProcess([], 3, "", said)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(DesktopError, match=f"update-mime-database fails: {shown}$"):
        install(tmp_path, ["/usr/bin/python3"])
