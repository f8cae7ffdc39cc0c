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
        self._asked: list[Path] = []  # recordings that are still being opened
        self._plays = False
        self._bypass = False
        audio_server.source_changed.connect(self._follow)
        audio_server.file_refused.connect(self._refuse)

    def play(self, path: Path) -> None:
        """Play a recording, in a loop."""
        if not (self._plays or self._asked):
            self._bypass = self._controller.parameters.switch("bypass")
        self._asked.append(path)
        self._controller.attempt(lambda: self._controller.apply({"bypass": True}))
        self._audio_server.play_file(path)

    def end(self) -> None:
        """Set bypass as it was, if a recording plays."""
        if self._plays or self._asked:
            self._plays = False
            self._asked.clear()
            self._restore()

    def _follow(self, source: Path | None) -> None:
        if source in self._asked:
            self._asked.remove(source)
            self._plays = True
        elif self._plays:
            self._plays = False
            if not self._asked:
                self._restore()

    def _refuse(self, path: Path) -> None:
        if path in self._asked:
            self._asked.remove(path)
            if not (self._plays or self._asked):
                self._restore()

    def _restore(self) -> None:
        self._controller.attempt(lambda: self._controller.apply({"bypass": self._bypass}))
