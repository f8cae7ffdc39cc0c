"""`innerear plugin` installs built bundles, says what is there, and removes them."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear._version import VERSION
from innerear.plugin.build import fingerprint
from innerear.plugin.formats import FORMATS
from innerear.plugin.record import write_record

from .conftest import Run

LV2, VST3, CLAP = FORMATS.values()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give the user an empty home, and no compiler."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("LV2_PATH", raising=False)
    monkeypatch.setenv("CXX", "no-such-compiler")
    return tmp_path


@pytest.fixture
def built(home: Path) -> Path:
    """Put bundles where `innerear plugin build` does, with libraries that nobody loads."""
    folder = home / "data/innerear/plugin"
    for format_ in FORMATS.values():
        bundle = folder / format_.bundle
        (bundle / format_.binary).parent.mkdir(parents=True)
        (bundle / format_.binary).write_bytes(b"library")
        write_record(bundle, VERSION, fingerprint())
    return folder


def test_all_formats_are_installed_and_removed(run: Run, built: Path, home: Path) -> None:
    bundles = [home / f".{name}" / format_.bundle for name, format_ in FORMATS.items()]
    outcome = run("plugin", "install")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [f"installed {bundle}" for bundle in bundles]
    status = run("plugin", "status").out
    for format_, bundle in zip(FORMATS.values(), bundles, strict=True):
        (line,) = (line for line in status.splitlines() if line.startswith(format_.title))
        assert str(bundle) in line
        assert VERSION in line
        assert sys.executable in line
    outcome = run("plugin", "remove")
    assert outcome.out.splitlines() == [f"removed {bundle}" for bundle in bundles]
    assert not any(bundle.exists() for bundle in bundles)


def test_only_what_is_named_is_installed(run: Run, built: Path, home: Path) -> None:
    assert run("plugin", "install", "vst3", "--vst3-folder", home / "mine").status == 0
    assert (home / "mine/Innerear.vst3").is_dir()
    assert not (home / ".lv2").exists()
    assert not (home / ".vst3").exists()
    assert "VST3 is not installed in" in run("plugin", "remove", "vst3").out
    assert run("plugin", "remove", "vst3", "--vst3-folder", home / "mine").status == 0
    assert list((home / "mine").iterdir()) == []


def test_status_as_json(run: Run, built: Path, home: Path) -> None:
    run("plugin", "install", "lv2", "clap")
    (home / ".lv2/innerear.lv2/python.txt").write_text("/gone/python\n")
    write_record(home / ".clap/innerear", "0.0.1", "of other sources")
    lv2, vst3, clap = json.loads(run("plugin", "status", "--json").out)["formats"]
    assert lv2 == {
        "format": "lv2",
        "built": str(built / "innerear.lv2"),
        "installed": str(home / ".lv2/innerear.lv2"),
        "version": VERSION,
        "is_current": True,
        "python": "/gone/python",
        "python_exists": False,
    }
    assert (vst3["installed"], vst3["version"], vst3["python"]) == (None, None, None)
    assert (clap["version"], clap["is_current"]) == ("0.0.1", False)
    text = run("plugin", "status").out
    assert "/gone/python is missing" in text
    assert "0.0.1, not this one: innerear plugin install" in text


@pytest.mark.parametrize("command", ["build", "install"])
def test_without_a_compiler_it_says_what_to_install(
    refused: Callable[..., str], command: str
) -> None:
    assert "apt install g++ dpf-source" in refused("plugin", command)


def test_what_is_not_ours_is_left_alone(
    refused: Callable[..., str], run: Run, built: Path, home: Path
) -> None:
    shutil.copytree(built / CLAP.bundle, home / ".clap/innerear")
    (home / ".clap/innerear/innerear.json").unlink()
    assert "is not what innerear installed" in refused("plugin", "install")
    assert "CLAP is not installed" in run("plugin", "remove", "clap").out
    assert (home / ".clap/innerear/Innerear.clap").exists()


def test_an_unknown_format_is_refused(refused: Callable[..., str]) -> None:
    message = refused("plugin", "install", "au")
    assert all(name in message for name in FORMATS)
