"""Starts the window: joins the sound that plays already, or starts its own."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from ..desktop.entry import ICON, NAME
from ..engine.errors import DeviceError, InnerearError
from ..engine.ipc.large_blocks import share_pools
from ..engine.live.session import Session
from ..engine.parameter import Value
from ..engine.parameter_values import ParameterSet
from ..engine.parameters import PARAMETERS
from .main_window import MainWindow
from .state.left import load_left
from .state.parameter_controller import ParameterController
from .state.settings import load_settings
from .state.starting_turn import StartingTurn
from .style.theme import Sizes, apply_theme

NO_WINDOW = 2
"""Exit status where no window can be opened."""


def application() -> QApplication:
    """Return the process's `QApplication` with the window's colours; make it if there is none.

    Where there is no display, or a library of its own is missing, Qt ends the process; here it does
    so with one line and the status `NO_WINDOW`.
    """
    with _one_line_where_qt_gives_up():
        made = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(made, QApplication)
    made.setApplicationName("Innerear")
    made.setDesktopFileName(NAME)
    made.setWindowIcon(QIcon(str(ICON)))
    apply_theme(made, Sizes())
    return made


def open_controller(
    parameters: ParameterSet,
    device: str = "cpu",
    join: bool = True,
    restore: bool = False,
    whole: bool = False,
) -> ParameterController:
    """Return what the window acts on: the sound that plays already, or a session without sound.

    Args:
        parameters: the initial values.
        device: where networks compute; see `load`.
        join: whether to look for a sound that plays already.
        restore: whether to begin as the last window was left, where no values are given.
        whole: whether a sound that plays already takes all values that presets store; in any case
            it takes those that differ from the defaults.

    Raises:
        InnerearError: an unknown model, layer or target.
    """
    if join:
        try:
            session = Session.attach()
        except DeviceError:  # nothing plays
            return _begin(parameters, device, restore)
        controller = ParameterController(session)
        if not whole:
            controller.apply(_given(parameters))
            return controller
        stored = {id: parameters[id] for id, p in PARAMETERS.items() if p.stored}
        try:
            controller.apply({**_given(parameters), **stored})
        except InnerearError as problem:  # the sound goes on, and is shown
            controller.greeting = str(problem)
        return controller
    return _begin(parameters, device, restore)


def _begin(parameters: ParameterSet, device: str, restore: bool) -> ParameterController:
    """Return a controller on a session without sound."""
    left = load_left() if restore and not _given(parameters) else None
    greeting = ""
    if left is not None:
        try:
            session = Session(parameters=left.parameters, device=device)
            session.control_state = left.control
            return ParameterController(session)
        except InnerearError as problem:  # its model was removed, say
            greeting = f"It cannot begin as it was left: {problem}"
    controller = ParameterController(Session(parameters=parameters, device=device))
    controller.greeting = greeting
    return controller


def run(
    parameters: ParameterSet,
    device: str = "cpu",
    join: bool = True,
    log: Path | None = None,
    restore: bool = True,
    greeting: str = "",
    whole: bool = False,
) -> int:
    """Show the window until it is closed; return the program's exit status.

    Args:
        parameters, device, join, restore, whole: see `open_controller`.
        log: a new folder, in which the performance is logged for a replay.
        greeting: what the window says first, such as what was wrong with a file to open.

    Raises:
        InnerearError: an unknown model, layer or target; or the sound plays already without a log.
    """
    share_pools()
    made = application()
    turn = StartingTurn() if join else None
    controller = open_controller(parameters, device, join, restore, whole)
    controller.greeting = greeting or controller.greeting
    if log is not None and controller.session.status() is not None:
        controller.session.detach()
        raise InnerearError("The sound plays already, without a log: stop it first, or --no-join.")
    window = MainWindow(controller, load_settings(), log)
    window.crashes.install()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # at a logout, too, it is kept how it was left
        number = getattr(signal, name, None)  # not every system has them all
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: window.end())
    window.show()
    if turn is not None:
        _end_when_begun(turn, window)
    return made.exec()


def _end_when_begun(turn: StartingTurn, window: MainWindow) -> None:
    """End the turn once the sound plays, or is not going to without the user."""
    if window.controller.session.status() is not None:
        turn.end()
    jobs = window.audio_server
    for told in (jobs.played, jobs.refused, jobs.asked, jobs.file_refused):
        told.connect(turn.end)


def why_no_window(said: str) -> str:
    """Return in one line why Qt opens no window, and what to do.

    Args:
        said: what Qt said first.
    """
    if sys.platform == "linux" and "QT_QPA_PLATFORM" not in os.environ:
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
            return "there is no display here; on a terminal, play with: innerear live"
        if find_library("xcb-cursor") is None:
            return "Qt needs the library xcb-cursor; install it: sudo apt install libxcb-cursor0"
    reason = " ".join(said.split()).rstrip(".")
    return f"Qt cannot open one: {reason}; on a terminal, play with: innerear live"


@contextmanager
def _one_line_where_qt_gives_up() -> Iterator[None]:
    said: list[str] = []

    def listen(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        said.append(text)
        if kind == QtMsgType.QtFatalMsg:  # Qt aborts as soon as this returns
            print("innerear: error: no window:", why_no_window(said[0]), file=sys.stderr)
            sys.stderr.flush()
            os._exit(NO_WINDOW)

    before = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
    for text in said:
        print(text, file=sys.stderr)


def _given(parameters: ParameterSet) -> Mapping[str, Value]:
    """Return the values that differ from the defaults."""
    values = parameters.as_dict()
    return {id: value for id, value in values.items() if value != PARAMETERS[id].default}
