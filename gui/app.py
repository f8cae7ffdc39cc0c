"""Starts the window: joins the instrument that plays already, or begins with one of its own."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QApplication

from ..engine.errors import DeviceError, InnerearError
from ..engine.live.session import Session
from ..engine.parameter import Value
from ..engine.parameter_values import ParameterSet
from ..engine.parameters import PARAMETERS
from .main_window import MainWindow
from .state.parameter_controller import ParameterController
from .state.settings import load_settings
from .style.theme import Sizes, apply_theme


def application() -> QApplication:
    """Return the program's one `QApplication`, in the window's colours."""
    made = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(made, QApplication)
    made.setApplicationName("Innerear")
    made.setDesktopFileName("innerear")
    apply_theme(made, Sizes())
    return made


def open_session(parameters: ParameterSet, device: str = "cpu", join: bool = True) -> Session:
    """Return the session of the instrument that plays, or a new one that plays nothing yet.

    Args:
        parameters: values to begin with; of an instrument that plays only those are changed that
            differ from the defaults.
        device: where networks compute; see `load`.
        join: whether to look for an instrument that plays.

    Raises:
        InnerearError: an unknown model, layer or target.
    """
    if join:
        try:
            session = Session.attach()
        except DeviceError:  # none plays
            return Session(parameters=parameters, device=device)
        ParameterController(session).apply(_given(parameters))
        return session
    return Session(parameters=parameters, device=device)


def run(
    parameters: ParameterSet, device: str = "cpu", join: bool = True, log: Path | None = None
) -> int:
    """Show the window until it is closed; return the program's exit status.

    Args:
        parameters, device, join: see `open_session`.
        log: a new folder, in which the performance is logged for a replay.

    Raises:
        InnerearError: an unknown model, layer or target; or the sound plays already without a log.
    """
    made = application()
    session = open_session(parameters, device, join)
    if log is not None and session.status() is not None:
        session.detach()
        raise InnerearError("The sound plays already, without a log: stop it first, or --no-join.")
    window = MainWindow(ParameterController(session), load_settings(), log)
    window.crashes.install()
    signal.signal(signal.SIGINT, lambda *_: window.close())
    window.show()
    return made.exec()


def _given(parameters: ParameterSet) -> Mapping[str, Value]:
    values = parameters.as_dict()
    return {id: value for id, value in values.items() if value != PARAMETERS[id].default}
