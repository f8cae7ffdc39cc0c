"""The sound of a unit is found on a thread, and played."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from innerear.engine.errors import DeviceError
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

LAYER = "stftcnn-robust.conv5"


def test_the_sound_of_a_unit_excites_it(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[tuple[np.ndarray, int]] = []
    monkeypatch.setattr(
        "innerear.gui.main_window.play_sound",
        lambda sound, rate, device: played.append((sound, rate)),
    )
    window.network.view.unit_opened.emit(LAYER, 12)
    assert window.network.inspector.button.text() == "Searching …"
    qtbot.waitUntil(lambda: bool(played), timeout=60_000)
    qtbot.waitUntil(window.network.inspector.button.isEnabled)
    (sound, rate), pack = played[0], controller.pack
    assert rate == pack.sample_rate
    noise = np.random.default_rng(0).normal(0, sound.std(), pack.window).astype(np.float32)
    heard, before = (pack.hear(each)[LAYER][0, 12].mean() for each in (sound[: pack.window], noise))
    assert heard > 2 * before


def test_a_unit_that_cannot_be_played_is_reported(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DeviceError("The unit's sound cannot be played: no device.")

    monkeypatch.setattr("innerear.gui.main_window.find_unit_sound", lambda *_: (np.zeros(1), 1))
    monkeypatch.setattr("innerear.gui.main_window.play_sound", fail)
    window.network.inspector.button.click()
    qtbot.waitUntil(lambda: "no device" in window.status_line.message.text())
    assert window.network.inspector.button.isEnabled()
