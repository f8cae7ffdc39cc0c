"""The sound of a unit is heard on the cue output until it ends or is stopped."""

from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from innerear.gui.main_window import MainWindow

from ...waiting import wait_until


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, Event]]:
    """Return the outputs and the stops of sounds that play until they are stopped."""
    started: list[tuple[str | None, Event]] = []

    def play(sound: np.ndarray, rate: int, device: str | None, stop: Event) -> None:
        started.append((device, stop))
        assert stop.wait(20.0)

    monkeypatch.setattr("innerear.gui.network.hearing.play_sound", play)
    monkeypatch.setattr(
        "innerear.gui.network.hearing.find_unit_sound", lambda *_: (np.zeros(1, np.float32), 1)
    )
    return started


def test_a_sound_is_stopped_by_the_button_that_started_it(
    window: MainWindow, played: list[tuple[str | None, Event]], qtbot: QtBot
) -> None:
    button = window.network.inspector.button
    assert button.text() == "Hear"
    button.click()
    wait_until(qtbot, lambda: button.text() == "Stop" and bool(played))
    button.click()
    assert button.text() == "Hear"
    assert played[0][1].is_set()


def test_another_unit_is_heard_in_place_of_the_last(
    window: MainWindow, played: list[tuple[str | None, Event]], qtbot: QtBot
) -> None:
    button = window.network.inspector.button
    button.click()
    wait_until(qtbot, lambda: len(played) == 1)
    window.hearing.hear("stftcnn-robust.conv5", 3)
    wait_until(qtbot, lambda: len(played) == 2)
    assert played[0][1].is_set()
    assert button.text() == "Stop"
    window.hearing.stop()
    assert played[1][1].is_set()


def test_a_sound_is_heard_on_the_cue_output_or_else_on_the_output(
    window: MainWindow, played: list[tuple[str | None, Event]], qtbot: QtBot
) -> None:
    window.settings.output_device = "Box"
    for cue, expected in ((None, "Box"), ("Headphones", "Headphones")):
        window.settings.cue_device = cue
        window.hearing.toggle()
        wait_until(qtbot, lambda: len(played) > 0)
        assert played.pop()[0] == expected
        window.hearing.stop()


def test_closing_the_window_stops_the_sound(
    window: MainWindow, played: list[tuple[str | None, Event]], qtbot: QtBot
) -> None:
    window.hearing.toggle()
    wait_until(qtbot, lambda: bool(played))
    window.close()
    assert played[0][1].is_set()
