"""The window's heartbeat: looks thirty times a second at how the instrument does."""

from PySide6.QtCore import QObject, QTimer, Signal

from ..state.parameter_controller import ParameterController
from .background import in_background

FRAME_MS = 33


class StatusPoller(QObject):
    """Polls the session; everything that moves in the window hangs on its signals."""

    beat = Signal(object)
    """The `LiveStatus`, or None while nothing plays."""
    heard = Signal(object)
    """Layer -> activations."""

    def __init__(self, controller: ParameterController, parent: QObject | None = None) -> None:
        """Get ready; `start` begins."""
        super().__init__(parent)
        self._controller = controller
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.look)
        self._supervising = False

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look once, and tell."""
        controller, session = self._controller, self._controller.session
        session.parameters.poll()
        if session.is_lost and not self._supervising:
            self._supervising = True
            in_background(session.supervise, self._supervised, self._supervised)
        controller.status = session.status()
        self.beat.emit(controller.status)
        if controller.status is not None:
            self.heard.emit(controller.session.activations())

    def _supervised(self, problem: object) -> None:
        """The server is back, or a line says why it cannot be started again."""
        self._supervising = False
        if isinstance(problem, str):
            self._controller.say(problem)
