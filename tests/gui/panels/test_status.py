"""The status is shown on the status line, the top bar and the knobs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from innerear.engine.control.status import MidiStatus, SlotsStatus, SlotStatus
from innerear.engine.live.live_status import BlockTimes, LiveStatus
from innerear.engine.plugin.status import DreamAge, DreamStatus
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

STATUS = LiveStatus(
    playing=True,
    sample_rate=48_000,
    block_size=128,
    channels=2,
    latency_samples=960,
    block_ms=BlockTimes(p999=1.0),
    dreams=DreamStatus(9, 2, DreamAge(31.0, 60.0)),
    input="in",
    output="out",
    slots=SlotsStatus(SlotStatus("x", "Ice"), SlotStatus("y", "Fire")),
    preset="brass-halo",
    midi=MidiStatus(
        ports=("nano",),
        quiet_seconds=0.1,
        learning="mix",
        waiting={"step": 0.25},
        clock=True,
        bound=("step",),
    ),
)


def test_the_status_line_shows_the_status(window: MainWindow) -> None:
    window._show_status(STATUS)
    line = window.status_line
    assert line.text("latency") == "latency 20.0 ms"
    assert line.text("age") == "dream age 31 ms"
    assert line.text("late") == "late dreams 2"
    assert line.text("load") == "load 37 %" or line.text("load") == "load 38 %"
    assert line.text("midi") == "● MIDI 1"
    assert line.text("clock") == "● clock"
    assert line.text("xruns") == "dropouts 0"


def test_a_warning_has_a_sign_as_well_as_a_colour(window: MainWindow) -> None:
    from dataclasses import replace

    window._show_status(replace(STATUS, xruns=3, block_ms=BlockTimes(p999=2.5)))
    assert window.status_line.text("xruns") == "! dropouts 3"
    assert window.status_line.text("load") == "! load 94 %"


def test_controllers_are_shown_on_their_knobs(window: MainWindow) -> None:
    window.controller.status = STATUS
    window._show_status(STATUS)
    knobs = window.knobs.knobs
    assert knobs["step"]._hardware == 0.25
    assert knobs["step"]._bound
    assert knobs["mix"]._learning
    assert window.top.morph._names == ("Ice", "Fire")
    assert window.top.preset.text() == "\N{BULLET} Brass halo"  # the knobs are elsewhere
    window.controller.status = None
    window._show_status(None)
    assert knobs["step"]._hardware is None
    assert not knobs["mix"]._learning


def test_a_count_that_is_clicked_has_been_looked_at(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    resets: list[None] = []
    monkeypatch.setattr(
        window.controller.session, "reset_measurements", lambda: resets.append(None)
    )
    for name in ("load", "xruns", "late"):
        QTest.mouseClick(window.status_line._labels[name], Qt.MouseButton.LeftButton)
    assert len(resets) == 3


def test_panic_comes_first_and_shows_that_it_lasts(
    window: MainWindow, controller: ParameterController
) -> None:
    top = window.top
    assert top.panic.x() < top.switches["mute"].x() < top.menu_button.x()
    escape = window.actions_["silenced"]
    assert escape.shortcut().toString() == "Esc"
    escape.trigger()
    assert controller.parameters["silenced"] is True
    assert top.panic.isChecked()
    assert "Escape again" in window.status_line.message.text()
    window.history.undo()
    assert controller.parameters["silenced"] is True  # undo brings no howl back
    escape.trigger()
    assert controller.parameters["silenced"] is False
    assert not top.panic.isChecked()
