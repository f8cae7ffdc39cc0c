"""Plays a recording as it is: with bypass on for as long as it plays, and as before after it."""

from pathlib import Path

from PySide6.QtCore import QObject

from ..state.parameter_controller import ParameterController
from .audio_server_jobs import AudioServerJobs


class PlainPlayback(QObject):
    """Turns bypass on for a recording, and back where another sound follows, or none."""

    def __init__(
        self, controller: ParameterController, audio_server: AudioServerJobs, parent: QObject
    ) -> None:
        """Play nothing yet.

        Args:
            controller: of the parameter `bypass`.
            audio_server: plays the recording, and says which files are opened.
            parent: owns this.
        """
        super().__init__(parent)
        self._controller, self._audio_server = controller, audio_server
        self._path: Path | None = None
        self._bypass = False
        audio_server.opening.connect(self._follow)
        audio_server.file_refused.connect(self.end)

    def play(self, path: Path) -> None:
        """Play a recording, in a loop."""
        if self._path is None:
            self._bypass = self._controller.parameters.switch("bypass")
        self._path = path
        self._controller.attempt(lambda: self._controller.apply({"bypass": True}))
        self._audio_server.play_file(path)

    def end(self) -> None:
        """Set bypass as it was, if a recording plays."""
        if self._path is not None:
            self._path = None
            self._controller.attempt(lambda: self._controller.apply({"bypass": self._bypass}))

    def _follow(self, path: Path) -> None:
        if path != self._path:
            self.end()
