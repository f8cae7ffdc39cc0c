"""The sound of a unit is found on a thread, and played."""

from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from innerear.engine.errors import DeviceError
from innerear.gui.jobs.unit_sound import play_sound
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

from ...waiting import wait_until

LAYER = "stftcnn-robust.conv5"


def test_the_sound_of_a_unit_excites_it(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[tuple[np.ndarray, int]] = []
    monkeypatch.setattr(
        "innerear.gui.network.hearing.play_sound",
        lambda sound, rate, device, stop: played.append((sound, rate)),
    )
    window.network.view.unit_opened.emit(LAYER, 12)
    assert window.network.inspector.button.text() == "Searching …"
    wait_until(qtbot, lambda: bool(played))
    wait_until(qtbot, window.network.inspector.button.isEnabled)
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

    monkeypatch.setattr("innerear.gui.network.hearing.find_unit_sound", lambda *_: (np.zeros(1), 1))
    monkeypatch.setattr("innerear.gui.network.hearing.play_sound", fail)
    window.network.inspector.button.click()
    wait_until(qtbot, lambda: "no device" in window.status_line.message.text())
    assert window.network.inspector.button.isEnabled()


class _Output:
    """An output that keeps what is written, and asks for a stop after some blocks."""

    def __init__(self, stop: Event, blocks: int) -> None:
        self.stop, self.blocks = stop, blocks
        self.written: list[np.ndarray] = []

    def __call__(self, *_: object, **__: object) -> "_Output":
        return self

    def __enter__(self) -> "_Output":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, block: np.ndarray) -> None:
        self.written.append(block)
        if len(self.written) == self.blocks:
            self.stop.set()


@pytest.mark.parametrize("blocks", [3, 1000])
def test_a_sound_plays_to_its_end_or_fades_out_when_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    sounddevice = pytest.importorskip("sounddevice")
    output = _Output(Event(), blocks)
    monkeypatch.setattr(sounddevice, "OutputStream", output)
    monkeypatch.setattr(sounddevice, "query_devices", lambda *_: {"default_samplerate": 8000.0})
    sound = np.full(8000, 0.4, np.float32)
    play_sound(sound, 8000, None, output.stop)
    heard = np.concatenate(output.written)
    assert heard.shape[1] == 2
    if blocks == 3:
        assert len(heard) == 4 * len(output.written[0])
        assert heard[-1, 0] == 0.0
        assert np.abs(np.diff(heard[:, 0])).max() < 0.01
    else:
        assert np.array_equal(heard[:, 0], sound)
