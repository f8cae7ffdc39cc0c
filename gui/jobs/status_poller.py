"""The window's heartbeat: looks thirty times a second at how the instrument does."""

from PySide6.QtCore import QObject, QTimer, Signal

from ...engine.errors import InnerearError
from ..state.parameter_controller import ParameterController

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
        self._told = ""

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look once, and tell."""
        controller = self._controller
        try:
            controller.status = controller.session.status()
        except InnerearError as problem:  # as of a device that is gone when it is started again
            controller.status = None
            if str(problem) != self._told:
                self._told = str(problem)
                controller.say(self._told)
        self.beat.emit(controller.status)
        if controller.status is not None:
            self.heard.emit(controller.session.activations())
