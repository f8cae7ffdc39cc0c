"""Polls the session's status and activations thirty times a second."""

from PySide6.QtCore import QObject, QTimer, Signal

from ..state.parameter_controller import ParameterController
from .background import in_background

FRAME_MS = 33


class StatusPoller(QObject):
    """Polls the session; the window's views follow its signals."""

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
        self._supervising = False

    def start(self) -> None:
        """Begin to poll."""
        self._timer.start()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()

    def poll(self) -> None:
        """Poll once and emit the signals; a server that is lost is started again in a thread."""
        controller, session = self._controller, self._controller.session
        session.parameters.poll()
        if session.is_lost and not self._supervising:
            self._supervising = True
            in_background(session.supervise, self._supervised, self._failed)
        controller.status = session.status()
        self.polled.emit(controller.status)
        if controller.status is not None:
            self.activations.emit(controller.session.activations())

    def _supervised(self, result: object) -> None:
        self._supervising = False

    def _failed(self, line: str) -> None:
        self._supervising = False
        self.lost.emit(line)
