"""Packs in one file, and our packs that the wheel leaves out: `innerear models add`."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.cli.shared.completion import complete_addable, complete_model
from innerear.engine.packs.adding import addable
from innerear.engine.packs.adding import download as downloading
from innerear.engine.packs.adding.archive import write_archive
from innerear.engine.packs.adding.download import PIECE, Published
from innerear.engine.packs.manifest import file_checksum
from innerear.engine.packs.pack import load_pack

from .conftest import Run, Server

Refused = Callable[..., str]
NAME = "toy-tones"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the user's own packs; no pack came with Innerear."""
    shipped, folder = tmp_path / "shipped", tmp_path / "user" / "models"
    shipped.mkdir()
    for module in ("pack", "store"):
        monkeypatch.setattr(f"innerear.engine.packs.{module}.SHIPPED_FOLDER", shipped)
        monkeypatch.setattr(f"innerear.engine.packs.{module}.user_folder", lambda: folder)
    return folder


@pytest.fixture
def packed(toy_pack: Path, tmp_path: Path) -> Path:
    """Return the file that carries the toy pack."""
    path = tmp_path / "toy.innerear-pack"
    write_archive(toy_pack, path)
    return path


@pytest.fixture
def released(packed: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Let the toy pack be one of ours that the wheel leaves out, and the server have its file."""
    monkeypatch.setattr(downloading, "PAUSE_SECONDS", 0.0)
    server.content = packed.read_bytes()
    file = Published("toy.innerear-pack", file_checksum(packed), packed.stat().st_size)
    monkeypatch.setitem(addable.RELEASED, NAME, file)
    monkeypatch.setattr(addable, "RELEASES", server.url.rpartition("/")[0])
    return file


def test_a_file_is_added(run: Run, packed: Path, home: Path) -> None:
    outcome = run("models", "add", packed)
    assert (outcome.status, outcome.out) == (0, f"Added {NAME}: {home / NAME}\n")
    assert load_pack(NAME).folder == home / NAME


def test_what_was_left_out_is_downloaded_and_resumed(
    run: Run, released: Published, server: Server, home: Path
) -> None:
    server.breaks_after = [PIECE]
    assert run("models", "add", NAME).status == 0
    assert server.ranges == [None, f"bytes={PIECE}-"]
    assert load_pack(NAME).folder == home / NAME


def test_what_was_left_out_is_taken_from_a_file(
    run: Run, released: Published, packed: Path, server: Server, home: Path
) -> None:
    assert run("models", "add", NAME, "--from", packed).status == 0
    assert (home / NAME).is_dir()
    assert not server.ranges


def test_another_file_is_refused(
    refused: Refused, released: Published, packed: Path, server: Server
) -> None:
    server.content = server.content[:-1] + b"x"
    assert "its checksum differs" in refused("models", "add", NAME)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("more", b"")
    assert "not the file of the release" in refused("models", "add", NAME, "--from", packed)
    assert "There is no file" in refused("models", "add", NAME, "--from", packed / "none")


def test_without_a_release_one_line_says_so(
    refused: Refused, released: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addable, "RELEASES", None)
    line = refused("models", "add", NAME)
    assert f"innerear models add {NAME} --from toy.innerear-pack" in line


@pytest.mark.parametrize("name", addable.RELEASED)
def test_a_model_that_is_not_here_is_known(name: str, refused: Refused) -> None:
    assert f"innerear models add {name}" in refused("models", "info", name)
    assert complete_model(name[:-1]) == [name]
    assert complete_addable(name[:-1]) == [name]


def test_what_came_with_innerear_is_not_added(
    refused: Refused, released: Published, tmp_path: Path
) -> None:
    (tmp_path / "shipped" / NAME).mkdir()
    assert "came with Innerear" in refused("models", "add", NAME)
