"""What is written: parts of a log, exports, recordings; and what stops them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from innerear.engine.live.live_status import LiveStatus
from innerear.engine.parameter_values import ParameterSet
from innerear.gui.main_window import MainWindow
from innerear.gui.panels import file_jobs
from innerear.gui.panels.file_jobs import FileJobs, part_files
from innerear.gui.state.parameter_controller import ParameterController

from ...waiting import wait_until


def test_each_part_has_a_file_of_its_own() -> None:
    out = Path("concert.flac")
    assert part_files(out, [2]) == {2: out}
    assert part_files(out, [1, 2]) == {
        1: Path("concert-part-1.flac"),
        2: Path("concert-part-2.flac"),
    }


@pytest.fixture
def asked(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[FileJobs, list[dict]]:
    """Return what asks, with a log of three parts to choose, and the jobs that it has started."""
    log = tmp_path / "concert"
    for part in ("part-001", "part-002", "part-003"):
        (log / part).mkdir(parents=True)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(log))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "c.wav"), ""))
    started: list[dict] = []

    def start(**request: object) -> bool:
        started.append(request)
        return True

    monkeypatch.setattr(window.file_jobs.jobs, "start", start)
    return window.file_jobs, started


@pytest.mark.parametrize(
    ("row", "files"),
    [
        (0, {"1": "c-part-1.wav", "2": "c-part-2.wav", "3": "c-part-3.wav"}),
        (2, {"2": "c.wav"}),
    ],
)
def test_the_parts_are_asked_for(
    asked: tuple[FileJobs, list[dict]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    row: int,
    files: dict[str, str],
) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda *args: (args[3][row], True))
    file_jobs, started = asked
    file_jobs.ask_log()
    (request,) = started
    assert request["destinations"] == {part: str(tmp_path / name) for part, name in files.items()}


def test_files_that_are_there_are_replaced_only_after_a_question(
    asked: tuple[FileJobs, list[dict]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "c-part-2.wav").touch()
    preset: list[object] = []

    def question(*args: object) -> QMessageBox.StandardButton:
        preset.append(args[-1])
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", question)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *args: (args[3][0], True))
    file_jobs, started = asked
    file_jobs.ask_log()
    assert not started
    assert preset == [QMessageBox.StandardButton.No]


def test_a_job_replays_every_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from innerear.gui.jobs import job_process

    replayed: list[tuple[Path, int]] = []
    monkeypatch.setattr(
        "innerear.engine.replay.replay.replay",
        lambda folder, destination, *, part, progress: replayed.append((destination, part)),
    )
    answer = job_process._replay(
        {"folder": str(tmp_path), "destinations": {"1": "a.wav", "2": "b.wav"}}
    )
    assert replayed == [(Path("a.wav"), 1), (Path("b.wav"), 2)]
    assert answer == "Replayed into a.wav, b.wav."


def test_a_file_is_written_as_if_nobody_had_muted_the_room(
    asked: tuple[FileJobs, list[dict]], controller: ParameterController, tmp_path: Path
) -> None:
    jobs, started = asked
    controller.apply({"mute": True, "dim": True, "silenced": True, "bypass": True, "mix": 0.5})
    jobs.export(tmp_path / "in.wav", tmp_path / "out.wav")
    values = ParameterSet(**started[0]["parameters"])
    assert not any(values[id] for id in ("mute", "dim", "silenced", "bypass"))
    assert values["mix"] == 0.5


def test_a_job_that_is_stopped_leaves_nothing(
    window: MainWindow, toy_pack: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "in.wav", np.zeros((16_000 * 600, 1), np.float32), 16_000)
    window.controller.change({"model": str(toy_pack)})
    shares: list[float] = []
    window.file_jobs.jobs.progressed.connect(lambda share, what: shares.append(share))
    window.file_jobs.export(tmp_path / "in.wav", tmp_path / "out.wav")
    wait_until(qtbot, lambda: bool(shares) and len(list(tmp_path.glob(".*.wav"))) > 0)
    window.file_jobs.stop()
    wait_until(qtbot, lambda: not window.file_jobs.jobs.busy)
    assert [path.name for path in tmp_path.glob("*.wav")] == ["in.wav"]


def test_a_window_that_is_ended_does_not_ask(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at a logout: nobody may be there."""
    monkeypatch.setattr(file_jobs, "agrees", lambda *_: pytest.fail("asked"))
    soundfile.write(tmp_path / "in.wav", np.zeros((16_000 * 600, 1), np.float32), 16_000)
    window.show()
    window.file_jobs.export(tmp_path / "in.wav", tmp_path / "out.wav")
    assert window.file_jobs.jobs.busy
    window.end()
    assert not window.isVisible()
    assert not window.file_jobs.jobs.busy
    assert [path.name for path in tmp_path.glob("*.wav")] == ["in.wav"]


def test_a_window_is_closed_while_a_file_is_written_only_after_a_yes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(window.file_jobs.jobs), "busy", property(lambda self: True))
    answers = [False]
    monkeypatch.setattr(file_jobs, "agrees", lambda *_: answers[-1])
    window.stop_and_quit()
    assert window.isVisible()
    answers.append(True)
    window.close()
    assert not window.isVisible()


def test_a_new_engine_counts_presses_of_record_from_0(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    button, toggled = window.recording, list[int]()
    monkeypatch.setattr(button, "toggle", lambda: toggled.append(presses))
    for presses in (2, 3, 0, 1, 3):
        button.show_status(LiveStatus(requested={"record": presses}))
    assert toggled == [3, 1]
