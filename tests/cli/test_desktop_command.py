"""`innerear desktop`: the entry starts this Python, and opens presets and packs."""

import sys
from pathlib import Path

import pytest

from innerear.engine.packs.adding.archive import write_archive
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet

from .conftest import Run


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.skipif(sys.platform != "linux", reason="desktop entries are for Linux")
def test_install_and_remove(run: Run, data: Path) -> None:
    outcome = run("desktop", "install")
    assert (outcome.status, outcome.err) == (0, "")
    entry = data / "applications" / "innerear.desktop"
    assert f"wrote {entry}\n" in outcome.out
    assert (
        f'Exec="{sys.executable}" "-P" "-m" "innerear.cli" "desktop" "open" %f' in entry.read_text()
    )
    outcome = run("desktop", "remove")
    assert f"removed {entry}\n" in outcome.out
    assert "not among the programs" in run("desktop", "remove").out


def test_on_another_system_one_line_says_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    outcome = run("desktop", "install")
    assert outcome.status == 2
    assert "innerear gui" in outcome.err


class Windows:
    """Stands for the window: what it was opened with."""

    def __init__(self) -> None:
        self.opened: list[tuple[ParameterSet, str]] = []
        self.whole: list[bool] = []

    def run(self, parameters: ParameterSet, greeting: str = "", whole: bool = False) -> int:
        self.opened.append((parameters, greeting))
        self.whole.append(whole)
        return 0


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    pytest.importorskip("PySide6", reason="PySide6 is missing (pip install 'innerear[gui]')")
    made = Windows()
    monkeypatch.setattr("innerear.gui.app.run", made.run)
    return made


def test_a_preset_is_opened(run: Run, windows: Windows, tmp_path: Path) -> None:
    (preset := tmp_path / "mine.innerear.json").write_text(
        '{"schema_version": 5, "title": "Mine", "description": "", "tags": [],'
        ' "parameters": {"step": 1.5}}'
    )
    assert run("desktop", "open", preset).status == 0
    ((parameters, greeting),) = windows.opened
    assert (parameters.number("step"), greeting) == (1.5, "")
    assert windows.whole == [True]


def test_a_packed_model_is_added_and_opened(
    run: Run, windows: Windows, tmp_path: Path, toy_pack: Path
) -> None:
    write_archive(toy_pack, packed := tmp_path / "toy.innerear-pack")
    assert run("desktop", "open", packed).status == 0
    ((parameters, greeting),) = windows.opened
    assert (parameters.text("model"), greeting) == ("toy-tones", "")
    assert windows.whole == [False]
    assert load_pack("toy-tones").name == "toy-tones"


def test_the_window_says_what_is_wrong_with_a_file(
    run: Run, windows: Windows, tmp_path: Path
) -> None:
    (broken := tmp_path / "mine.innerear.json").write_text("{")
    assert run("desktop", "open", broken).status == 0
    ((parameters, greeting),) = windows.opened
    assert parameters.as_dict() == ParameterSet().as_dict()
    assert "mine.innerear.json" in greeting


def test_without_a_file_the_window_begins_as_always(run: Run, windows: Windows) -> None:
    assert run("desktop", "open").status == 0
    ((parameters, greeting),) = windows.opened
    assert (parameters.as_dict(), greeting) == (ParameterSet().as_dict(), "")
