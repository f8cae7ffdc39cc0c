"""The window on a real sound stream, with a real MIDI controller, and on a real X display."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from innerear.engine.live.session import Session
from innerear.gui.dialogs.midi import MidiDialog
from innerear.gui.main_window import MainWindow
from innerear.gui.panels.midi_menu import change_bindings, midi_menu
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings

from ..waiting import wait_until
from .conftest import JackServer, Probe
from .midi_device import MidiDevice


@pytest.fixture
def window(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> Iterator[MainWindow]:
    """Return a window that plays through the server, with MIDI."""
    folders = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    for name, value in {**jack_server.environment, **dict.fromkeys(folders, str(tmp_path))}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INNEREAR_MIDI_API", "jack")
    with Session() as session:
        made = MainWindow(ParameterController(session), WindowSettings(input_confirmed=True))
        qtbot.addWidget(made, before_close_func=MainWindow.stop_and_quit)
        made.show()
        wait_until(qtbot, lambda: made.controller.playing and made.controller.status.playing)
        yield made


def test_a_right_click_learns_a_controller_both_ways(
    require: Callable[..., None], window: MainWindow, jack_server: JackServer, qtbot: QtBot
) -> None:
    require("rtmidi")
    controller, knob = window.controller, window.knobs.knobs["mix"]

    def soon(done: Callable[[], bool]) -> None:
        wait_until(qtbot, done)

    def choose(entry: str) -> None:
        menu = midi_menu(knob, controller, "mix")
        (action,) = (each for each in menu.actions() if each.text().startswith(entry))
        assert action.isEnabled(), entry
        action.trigger()

    with MidiDevice(jack_server) as device:
        soon(lambda: any("knobs" in port for port in controller.status.midi.ports))
        choose("Learn MIDI")
        soon(lambda: knob._learning)
        device.change(20, 20, 40, 60, 80, 100)
        soon(lambda: not knob._learning and knob._bound)
        window.dialogs.open("midi")
        dialog = window.dialogs.dialog("midi")
        assert isinstance(dialog, MidiDialog)
        assert dialog.table.item(0, 0).text() == "Mix"  # what was learned comes first
        device.change(20, *range(100, 128), *range(126, 63, -1))
        soon(lambda: controller.parameters["mix"] == pytest.approx(64 / 127))
        soon(lambda: knob.text == "0.50")
        soon(lambda: ": 64 \N{RIGHTWARDS ARROW} Mix" in dialog.monitor.toPlainText())
        assert window.status_line.text("midi").endswith("MIDI 1")

        # a hand on the window moves it away: the controller's knob waits and is shown
        qtbot.wait(200)  # a knob in motion would keep it
        controller.change({"mix": 0.25})
        device.change(20, 126, 125)
        soon(lambda: knob._hardware == pytest.approx(125 / 127, abs=0.001))
        assert controller.parameters["mix"] == 0.25

        change_bindings(controller, "mix", takeover="jump", range=(0.5, 0.0))
        device.change(20, 120, 127)
        soon(lambda: controller.parameters["mix"] == 0.0)
        device.change(20, 64, 0)
        soon(lambda: controller.parameters["mix"] == 0.5)

        choose("Forget MIDI")
        soon(lambda: "mix" not in controller.status.midi.bound)
        device.change(20, 10, 20, 30)
        qtbot.wait(300)
        assert controller.parameters["mix"] == 0.5
    # Its mark goes with the controller.
    controller.session.midi_bind(
        {"control": {"kind": "cc", "number": 1, "port": "knobs"}, "parameter": "mix"}
    )
    soon(lambda: not controller.status.midi.ports)
    assert not knob._bound
    assert "Takeover" not in [each.text() for each in midi_menu(knob, controller, "mix").actions()]


def test_devices_change_while_it_plays(window: MainWindow, probe: Probe, qtbot: QtBot) -> None:
    answers: list[str] = []
    settings = WindowSettings(channels=1, input_confirmed=True)
    window.audio_server.apply(settings, lambda: answers.append("open"), answers.append)
    wait_until(qtbot, lambda: bool(answers))
    assert answers == ["open"]
    wait_until(qtbot, lambda: window.controller.status.channels == 1)
    window.audio_server.apply(WindowSettings(output_device="nowhere"), lambda: None, answers.append)
    wait_until(qtbot, lambda: len(answers) == 2)
    assert "nowhere" in answers[1]
    assert window.settings.output_device is None
    wait_until(qtbot, lambda: window.controller.status.playing)


@pytest.mark.soak
def test_the_readme_pictures_are_taken_on_a_real_display(
    require: Callable[..., None], jack_server: JackServer, tmp_path: Path
) -> None:
    require("xvfb")
    with display(tmp_path) as name:
        environment = {**os.environ, "DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        command = [sys.executable, "-m", "innerear.gui.dev.screenshots", str(tmp_path)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for picture in ("gui.png", "gui-stage.png"):
        image = QImage(str(tmp_path / picture))
        assert (image.width(), image.height()) == (1280, 720)
        assert share_of_lit_cells(image) > 0.02, picture


def share_of_lit_cells(image: QImage) -> float:
    """Return how much of the network's place is as light as cells that hear something."""
    places = [(x, y) for x in range(20, 880, 5) for y in range(100, 520, 5)]
    lit = sum(image.pixelColor(x, y).lightnessF() > 0.4 for x, y in places)
    return lit / len(places)


@contextmanager
def display(folder: Path) -> Iterator[str]:
    """Run an X server without a screen; yield its name."""
    reading, writing = os.pipe()
    with (folder / "xvfb.log").open("w") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24"],
            pass_fds=[writing],
            stdout=log,
            stderr=log,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            yield f":{int(numbers.readline())}"
    finally:
        server.terminate()
        server.wait()
