"""`innerear models` lists, describes and checks model packs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Run

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def _only_the_toy(toy_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", toy_pack.parent)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))


def test_list(run: Run) -> None:
    outcome = run("models", "list")
    assert (outcome.status, outcome.err) == (0, "")
    assert "toy-tones  Toy tones" in outcome.out
    (model,) = json.loads(run("models", "list", "--json").out)["models"]
    assert model["classes"] == ["Low tone", "High tone", "Middle tone"]


def test_list_without_any(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", tmp_path)
    assert run("models", "list").out == "No model pack is installed.\n"
    assert json.loads(run("models", "list", "--json").out) == {"models": [], "damaged": []}


def test_info(run: Run, toy_pack: Path) -> None:
    for name in ("toy-tones", toy_pack):
        outcome = run("models", "info", name)
        assert (outcome.status, outcome.err) == (0, "")
        assert "16000 Hz, 1600 samples" in outcome.out
        assert "Low tone, High tone, Middle tone" in outcome.out
    data = json.loads(run("models", "info", "toy-tones", "--json").out)
    assert data["name"] == "toy-tones"
    assert data["layers"][1]["units"] == 3


def test_verify(run: Run) -> None:
    outcome = run("models", "verify")
    assert (outcome.status, outcome.out, outcome.err) == (0, "toy-tones: verified\n", "")


def test_verify_finds_a_file_that_was_changed(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_pack, tmp_path / "toy-tones")
    with (tmp_path / "toy-tones" / "hear.onnx").open("ab") as file:
        file.write(b"x")
    outcome = run("models", "verify", tmp_path / "toy-tones", "toy-tones")
    assert outcome.status == 2
    assert outcome.out == f"{tmp_path / 'toy-tones'}: damaged\ntoy-tones: verified\n"
    assert outcome.err.startswith("innerear: error: ")
    assert "checksum" in outcome.err
    assert outcome.err.count("\n") == 1


def test_an_unknown_model_lists_the_nearest(refused: Refused) -> None:
    for command in ("info", "verify"):
        assert "Did you mean toy-tones?" in refused("models", command, "toytones")


def test_one_damaged_manifest_hides_no_other_pack(
    run: Run, toy_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(toy_pack, tmp_path / "a-whole-one")
    shutil.copytree(toy_pack, tmp_path / "b-damaged")
    (tmp_path / "b-damaged" / "manifest.json").write_text("{")
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", tmp_path)
    outcome = run("models", "list")
    assert outcome.status == 0
    assert "toy-tones" in outcome.out
    assert "b-damaged  damaged: see innerear models verify" in outcome.out
    outcome = run("models", "verify")
    assert outcome.status == 2
    assert outcome.out == "a-whole-one: verified\nb-damaged: damaged\n"
    assert outcome.err.count("\n") == 1


def test_compact_stores_tensors_once(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "toy-tones"
    shutil.copytree(toy_pack, folder)
    outcome = run("models", "compact", folder)
    assert (outcome.status, outcome.out, outcome.err) == (
        0,
        "toy-tones: 0.04 MB, before 0.06 MB\n",
        "",
    )
    assert (folder / "tensors.bin").stat().st_size == 2 * 3 * 1600 * 4
    assert run("models", "verify", folder).status == 0
    assert run("models", "compact", folder).out == "toy-tones: 0.04 MB, before 0.04 MB\n"


def test_compact_leaves_a_damaged_pack_as_it_is(
    refused: Refused, toy_pack: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "toy-tones"
    shutil.copytree(toy_pack, folder)
    (folder / "dream.onnx").write_bytes(b"cut")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "checksum" in refused("models", "compact", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
