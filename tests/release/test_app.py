"""The program that needs no Python: what its arguments mean, and how its picture is read."""

import runpy
import struct
import sys
from pathlib import Path

import numpy as np
import pytest


def test_its_other_processes_are_modules_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    from start_app import start

    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: ran.append((name, sys.argv)))
    monkeypatch.setattr(sys, "argv", ["innerear"])
    assert start(["-m", "innerear.engine.live", "folder"]) == 0
    assert ran == [("innerear.engine.live", ["innerear.engine.live", "folder"])]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [([], ["gui"]), (["demo", "out"], ["demo", "out"]), (["-m", "os"], ["-m", "os"])],
)
def test_all_else_is_the_command(
    arguments: list[str], meant: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from start_app import start

    called: list[list[str]] = []
    monkeypatch.setattr("innerear.cli.main", lambda given: called.append(given) or 7)
    assert start(arguments) == 7
    assert called == [meant]


def test_a_display_is_read(tmp_path: Path) -> None:
    from try_app import read_screen

    pixels = np.arange(2 * 3 * 4, dtype=np.uint8)
    header = struct.pack(">6I", 104, 7, 2, 24, 3, 2).ljust(76, b"\0") + struct.pack(">I", 2)
    content = header.ljust(104, b"\0") + bytes(2 * 12) + pixels.tobytes() + b"more"
    (file := tmp_path / "screen").write_bytes(content)
    np.testing.assert_array_equal(read_screen(file), pixels.reshape(2, 3, 4))
