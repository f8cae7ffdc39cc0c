"""Windows that are opened at the same moment start one after the other."""

import threading
import time
from pathlib import Path

import pytest

from innerear.engine.errors import InnerearError
from innerear.gui.state import starting_turn
from innerear.gui.state.starting_turn import StartingTurn

pytest.importorskip("fcntl", reason="a system without such locks")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting_turn, "runtime_folder", lambda: tmp_path)


def test_the_next_window_waits_until_the_turn_ends() -> None:
    first, begun = StartingTurn(), threading.Event()
    second: list[StartingTurn] = []

    def begin() -> None:
        second.append(StartingTurn(60.0))
        begun.set()

    thread = threading.Thread(target=begin)
    thread.start()
    assert not begun.wait(0.2)
    first.end("told by a signal")
    first.end()
    assert begun.wait(60.0)
    thread.join()
    started = time.monotonic()
    StartingTurn(0.1).end()  # goes on without, where nobody makes room
    assert time.monotonic() - started >= 0.1
    second[0].end()


def test_without_a_folder_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise InnerearError("no folder can be written")

    monkeypatch.setattr(starting_turn, "runtime_folder", none)
    StartingTurn().end()
