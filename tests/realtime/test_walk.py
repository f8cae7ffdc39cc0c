"""A walk through the window for every state of the sound: what a newcomer meets in a minute.

`make walk` takes it on a real X display and keeps the pictures.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from innerear.engine.io.file_stream import NO_DEVICE
from innerear.engine.live.registry import running_servers
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.gui.app import open_controller
from innerear.gui.main_window import MainWindow
from innerear.gui.state.settings import load_settings
from innerear.gui.style.theme import Sizes, apply_theme

from .conftest import JackServer, start_server

SOON_MS = 180_000
SIZES = ((1024, 600), (1280, 720), (1920, 1080))

pytestmark = pytest.mark.soak


class Walk:
    """Windows, a sound card that comes and goes, and pictures of what is seen."""

    def __init__(self, qtbot: QtBot, stack: ExitStack, folder: Path, name: str) -> None:
        """Begin without a sound card.

        Args:
            qtbot: waits, and closes the windows.
            stack: ends the servers that are still there at the end.
            folder: of the servers' logs.
            name: of the walk, for the pictures.
        """
        self._qtbot, self._stack, self._folder = qtbot, stack, folder
        self._name, self._pictures, self._server = name, 0, ExitStack()

    def start_server(self, inputs: int = 2) -> JackServer:
        """Start a JACK server under the name that the windows look for."""
        self._server = self._stack.enter_context(ExitStack())
        name = os.environ["JACK_DEFAULT_SERVER"]
        log = self._folder / "jackd.log"
        return self._server.enter_context(start_server(name, log, inputs, outputs=2))

    def kill_server(self, server: JackServer) -> None:
        """Let the server crash."""
        os.kill(server.pid, signal.SIGKILL)
        self._server.close()

    def open(self) -> MainWindow:
        """Open a window as `innerear gui` does."""
        controller = open_controller(ParameterSet(), restore=True)
        window = MainWindow(controller, load_settings())
        self._qtbot.addWidget(window, before_close_func=MainWindow.stop_and_quit)
        window.show()
        return window

    def until(self, window: MainWindow, true: Callable[[Any], object]) -> None:
        """Wait until something is true of the window's status, which must be there."""
        controller = window.controller
        self._qtbot.waitUntil(
            lambda: controller.status is not None and bool(true(controller.status)), timeout=SOON_MS
        )

    def until_said(self, window: MainWindow, words: str) -> None:
        """Wait until the standing message holds these words."""
        notice = window.notifications.standing
        self._qtbot.waitUntil(
            lambda: notice.isVisible() and words in notice.text.text(), timeout=SOON_MS
        )
        self.picture(window)

    def until_heard(self, window: MainWindow) -> None:
        """Wait until sound comes out."""

        def heard() -> bool:
            sound = window.controller.session.sound
            return sound is not None and np.abs(sound.output.read(4800)).max() > 0.01

        self._qtbot.waitUntil(heard, timeout=SOON_MS)
        self.picture(window)

    def press(self, window: MainWindow, label: str) -> None:
        """Press a button of the standing message."""
        buttons = window.notifications.standing.buttons
        (button,) = (each for each in buttons if each.text() == label)
        button.click()

    def picture(self, window: MainWindow) -> None:
        """Take a picture in each size, where a folder for pictures is named."""
        folder = os.environ.get("INNEREAR_WALK_PICTURES")
        if folder is None:
            return
        self._pictures += 1
        scale = window.devicePixelRatioF()
        for width, height in SIZES:
            window.resize(round(width / scale), round(height / scale))
            QTest.qWait(200)
            name = f"{self._name}-{self._pictures}-{width}x{height}.png"
            Path(folder).mkdir(parents=True, exist_ok=True)
            window.grab().save(str(Path(folder) / name))


@pytest.fixture
def walk(
    require: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
    request: pytest.FixtureRequest,
) -> Iterator[Walk]:
    """Return a walk with a home folder and a sound card of its own."""
    require("jackd", "libjack", "portaudio")
    for name in ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"innerear-walk-{os.getpid()}")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, Sizes())
    with ExitStack() as stack:
        yield Walk(qtbot, stack, tmp_path, request.node.originalname.removeprefix("test_"))
        for folder in running_servers():
            Session.attach(folder).close()


def test_no_sound_card(walk: Walk, qtbot: QtBot, tmp_path: Path) -> None:
    """A dream is seen and exported; a card that comes later is found."""
    window = walk.open()
    walk.until_said(window, "No sound input was found")
    assert window.network.demo.isVisible()
    walk.press(window, "Play the demo sound")
    walk.until(window, lambda s: s.output == NO_DEVICE and s.dreams.count > 3)
    assert window.notifications.isHidden()
    walk.until_heard(window)
    window.file_jobs.export(Path(window.controller.status.file.path), tmp_path / "dreamed.wav")
    qtbot.waitUntil(lambda: not window.file_jobs.jobs.busy, timeout=SOON_MS)
    assert np.abs(soundfile.read(tmp_path / "dreamed.wav")[0]).max() > 0.05
    walk.start_server()
    walk.until(window, lambda s: s.playing and s.output == "system")
    window.file_bar.leave.click()
    walk.until_said(window, "headphones")
    walk.press(window, "Play the input")
    walk.until(window, lambda s: s.playing and s.input == "system")
    assert window.notifications.isHidden()
    window.stop_and_quit()


def test_a_card_that_comes_before_anything_plays(walk: Walk) -> None:
    window = walk.open()
    walk.until_said(window, "No sound input was found")
    walk.start_server()
    walk.press(window, "Try again")
    walk.until_said(window, "headphones")
    walk.press(window, "Play the input")
    walk.until(window, lambda s: s.playing and s.input == "system")
    window.stop_and_quit()


def test_outputs_only(walk: Walk) -> None:
    """A file is heard."""
    walk.start_server(inputs=0)
    window = walk.open()
    walk.until_said(window, "No sound input was found")
    window.network.demo.click()
    walk.until(window, lambda s: s.playing and s.output == "system")
    walk.until_heard(window)
    window.stop_and_quit()


def test_full_duplex_and_a_second_window(walk: Walk) -> None:
    """All is as it was left: in a second window, after a killed engine, and after quitting."""
    walk.start_server()
    window = walk.open()
    walk.until_said(window, "headphones")
    walk.press(window, "Play the input")
    walk.until(window, lambda s: s.playing)
    window.controller.play_preset("no-waiting")
    window.slots.store("b")
    window.controller.change({"morph": 0.25})
    window.controller.change({"mix": 0.4})
    walk.until(window, lambda s: s.preset == "no-waiting" and not s.changing)
    QTest.qWait(1000)  # the audio server keeps what it would go on with every half second
    slots, knobs = window.slots.names(), window.controller.parameters.as_dict()

    def is_as_it_was(other: MainWindow) -> None:
        walk.until(other, lambda s: s.playing and s.preset == "no-waiting")
        assert other.slots.names() == slots
        assert other.controller.parameters.as_dict() == knobs

    second = walk.open()
    is_as_it_was(second)
    pid = second.controller.status.pid
    os.kill(pid, signal.SIGKILL)
    walk.until(second, lambda s: s.pid != pid)
    is_as_it_was(second)
    is_as_it_was(window)
    window.stop_and_quit()
    walk.until_said(second, "ended by another client")
    walk.press(second, "Start the sound again")
    is_as_it_was(second)
    assert second.notifications.isHidden()
    second.stop_and_quit()
    third = walk.open()
    is_as_it_was(third)
    third.stop_and_quit()


@pytest.mark.parametrize("mode", ["file", "live"])
def test_a_server_that_is_killed_and_comes_back(walk: Walk, mode: str, tmp_path: Path) -> None:
    """It plays on by itself, and so does the recording."""
    server = walk.start_server()
    window = walk.open()
    walk.until_said(window, "headphones")
    walk.press(window, "Play the input" if mode == "live" else "Play the demo sound")
    expected = "system" if mode == "live" else "demo-sound.wav"
    walk.until(window, lambda s: s.playing and s.input == expected and s.output == "system")
    window.recording._folder = lambda: tmp_path / "music"
    window.top.record.click()
    assert window.recording.recording
    for _ in range(2):
        walk.kill_server(server)
        walk.until_said(window, "No sound: system has stopped")
        assert window.notifications.standing.property("alarm") is True
        server = walk.start_server()
        walk.until(window, lambda s: s.playing and s.input == expected and s.output == "system")
        assert window.notifications.isHidden()
        if mode == "file":
            walk.until_heard(window)
    assert window.recording.recording
    window.top.record.click()
    assert window.notifications.passing.property("alarm") is False
    window.stop_and_quit()
