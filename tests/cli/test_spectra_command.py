"""`innerear spectra`: pictures, tables, and a pack with new templates."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.packs import pack as pack_module
from innerear.engine.packs.pack import load_pack
from innerear.engine.packs.unit_grains import grains
from innerear.engine.packs.verify import verify

from .conftest import Run

Refused = Callable[..., str]
QUICK = ("--steps", 40)


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


def test_pictures_and_tables(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "spectra"
    outcome = run("spectra", toy_pack, "-o", folder, *QUICK)
    assert (outcome.status, outcome.err) == (0, "")
    names = {path.name for path in folder.iterdir()}
    pictures = {"spectra.png", "peaks.png", "filters.png"}
    tables = {"units.csv", "tones.csv", "output.csv", "summary.json", "spectra.npz"}
    assert names == pictures | tables
    for name in pictures:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    with np.load(folder / "spectra.npz", allow_pickle=False) as arrays:
        peaks, order = arrays["tones.peak_hz"], arrays["tones.order"]
        assert arrays["tones.magnitudes"].shape == (3, 801)
    with (folder / "units.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == ["tones"] * 3 + ["output"] * 3
    np.testing.assert_allclose([float(row["peak_hz"]) for row in rows[:3]], peaks, rtol=1e-5)
    with (folder / "tones.csv").open(newline="") as file:
        heads, *bands = list(csv.reader(file))
    assert heads == ["from_hz", *(f"unit {unit}" for unit in order)]
    assert len(bands) == 256
    assert float(bands[1][0]) == pytest.approx(8000 / 256)
    told = json.loads((folder / "summary.json").read_text())
    assert [each["layer"] for each in told["layers"]] == ["tones", "output"]


def test_results_are_replaced_only_by_force(
    run: Run, refused: Refused, toy_pack: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "summary.json").write_text("of another command")
    command = ("spectra", toy_pack, "-o", folder, "--layer", "tones", *QUICK)
    assert "summary.json is there already" in refused(*command)
    assert [path.name for path in folder.iterdir()] == ["summary.json"]
    assert run(*command, "--force").status == 0
    assert "--force" in refused(*command)


def test_one_layer_as_json(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    outcome = run("spectra", toy_pack, "-o", tmp_path / "s", "--layer", "tones", *QUICK, "--json")
    data = json.loads(outcome.out)
    assert [each["units"] for each in data["layers"]] == [3]
    assert (tmp_path / "s" / "tones.csv").exists()
    assert not (tmp_path / "s" / "output.csv").exists()


@pytest.mark.soak
def test_a_pack_with_new_templates(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    outcome = run(
        "spectra", toy_pack, "-o", tmp_path / "s", *QUICK, "--write-templates", "toy-retuned"
    )
    assert outcome.status == 0, outcome.err
    pack = load_pack("toy-retuned")
    assert "templates for the layers" in verify(pack.folder).checks
    assert pack.templates()["tones"].max(axis=1).min() == 1.0
    found = grains(pack, "tones", [0, 1, 2], 1024)
    assert np.abs(found).max() == 1.0
    assert "grains.npz" in pack.manifest.files
    # The original stays as it was.
    assert {path.name for path in toy_pack.iterdir()} == {
        "manifest.json", "hear.onnx", "dream.onnx",
    }  # fmt: skip
    outcome = run(
        "spectra", "toy-retuned", "-o", tmp_path / "again", *QUICK, "--seed", 1,
        "--write-templates", "toy-retuned",
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    assert verify(pack.folder)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--layer", "tons"), "Did you mean tones"),
        (("--parameterisation", "wave"), "Did you mean waveform"),
        (("--write-templates", "Big Name"), "cannot be called 'Big Name'"),
        (("--write-templates", "samplecnn-digits"), "came with Innerear"),
        (("--write-templates", "x", "--layer", "tones"), "leave --layer out"),
        (("--steps", "0"), "--steps"),
    ],
)
def test_what_cannot_be(
    refused: Refused, toy_pack: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    assert words in refused("spectra", toy_pack, "-o", tmp_path / "s", *options)
    assert not (tmp_path / "s").exists()
    assert not list(pack_module.user_folder().glob("*"))


def test_where_nothing_can_be_written(refused: Refused, toy_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "file" in refused("spectra", toy_pack, "-o", tmp_path / "file", *QUICK)
    assert "does not exist" in refused("spectra", toy_pack, "-o", tmp_path / "no" / "s", *QUICK)
