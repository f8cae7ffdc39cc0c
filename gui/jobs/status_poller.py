"""Polls the session's status and activations thirty times a second, and supervises its server."""

import atexit
import threading

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from ..state.parameter_controller import ParameterController
from .background import in_background

FRAME_MS = 33
SUPERVISE_SECONDS = 0.1
"""Pause between two looks at whether the audio server is lost."""


class StatusPoller(QObject):
    """Polls the session; the window's views follow its signals.

    A thread supervises the audio server: the window's own may be waiting for its answer.
    """

    polled = Signal(object)
    """The newest `LiveStatus`, or None while nothing plays."""
    lost = Signal(str)
    """Why the audio server has ended and could not be started again."""
    activations = Signal(object)
    """What the network hears: layer -> activations (units,)."""

    def __init__(self, controller: ParameterController, parent: QObject | None = None) -> None:
        """Poll nothing until `start`."""
        super().__init__(parent)
        self._controller = controller
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.poll)
        self._ending = threading.Event()

    def start(self) -> None:
        """Begin to poll and to supervise."""
        self._timer.start()
        self._ending = threading.Event()
        atexit.register(self.stop)  # Qt waits for its threads, however the program ends
        self._supervise(self._ending)

    def stop(self) -> None:
        """Stop polling and supervising."""
        self._ending.set()
        atexit.unregister(self.stop)
        if isValid(self._timer):
            self._timer.stop()

    def poll(self) -> None:
        """Poll once and emit the signals."""
        controller, session = self._controller, self._controller.session
        session.parameters.poll()
        controller.status = session.status()
        self.polled.emit(controller.status)
        if controller.status is not None:
            self.activations.emit(controller.session.activations())

    def _supervise(self, ending: threading.Event) -> None:
        session = self._controller.session

        def work() -> None:
            while not ending.wait(SUPERVISE_SECONDS):
                session.supervise()

        def failed(line: str) -> None:
            if not ending.is_set():
                self.lost.emit(line)
                self._supervise(ending)

        in_background(work, failed=failed)
