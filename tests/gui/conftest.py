"""A window without a screen, on a session that plays nothing yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from innerear.engine.live.registry import running_servers
from innerear.engine.live.session import Session
from innerear.gui.main_window import MainWindow
from innerear.gui.network.picture import Picture
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings
from innerear.gui.style.theme import Sizes, apply_theme

from ..waiting import wait_until


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Keep settings, presets, models and running audio servers of each test to itself."""
    for name in ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(folder))
    yield tmp_path
    for folder in running_servers():  # a window that closes lets the sound go on
        Session.attach(folder).close()


@pytest.fixture
def controller() -> Iterator[ParameterController]:
    """Return a controller on a session that plays nothing."""
    with Session() as session:
        yield ParameterController(session)


@pytest.fixture
def messages(controller: ParameterController) -> list[str]:
    """Return the messages that the controller shows, in order."""
    lines: list[str] = []
    controller.show_message = lines.append
    return lines


@pytest.fixture
def window(controller: ParameterController, qtbot: QtBot) -> MainWindow:
    """Return a window with the network's picture, that starts no sound."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, Sizes())
    made = MainWindow(controller, WindowSettings())
    made._begun = True  # what it does after the first paint is tested by itself
    qtbot.addWidget(made, before_close_func=MainWindow.stop_and_quit)
    made.show()
    made.network.begin()
    wait_until(qtbot, lambda: bool(made.network.picture.layers))
    return made


@pytest.fixture
def picture(controller: ParameterController) -> Picture:
    """Return the picture of the network that the knobs name."""
    return Picture.of(controller.pack)
