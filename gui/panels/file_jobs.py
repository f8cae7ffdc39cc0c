"""Writes sound files in another process: the export of a file, and the replay of a log."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from ...engine.io.audio_files import SUFFIXES
from ..controls.notification_bar import NotificationBar
from ..jobs.job_runner import JobRunner
from ..state.parameter_controller import ParameterController

_FILES = f"Sound files ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


class FileJobs(QObject):
    """Asks for the files, runs one job at a time, and reports its progress."""

    def __init__(
        self,
        controller: ParameterController,
        notifications: NotificationBar,
        play: Callable[[Path], None],
        window: QWidget,
    ) -> None:
        """Write nothing yet.

        Args:
            controller: whose parameters an export uses, and who reports.
            notifications: offers to play a log that was replayed.
            play: plays a file without dreaming into it.
            window: over which files are asked for.
        """
        super().__init__(window)
        self._controller, self._notifications = controller, notifications
        self._play, self._window = play, window
        self._replayed: Path | None = None
        self.jobs = JobRunner(self)
        self.jobs.progressed.connect(
            lambda share, what: controller.show_message(f"{what}: {share:.0%}")
        )
        self.jobs.ended.connect(self._end)

    def ask_export(self, source: Path) -> None:
        """Ask where to write a file with the present parameters, and write it."""
        suggested = str(source.with_name(f"{source.stem}-dreamed.wav"))
        path, _ = QFileDialog.getSaveFileName(self._window, "Export", suggested, _FILES)
        if path:
            self.export(source, Path(path))

    def export(self, source: Path, destination: Path) -> None:
        """Write a whole file with the present parameters."""
        self._start(
            do="export",
            source=str(source),
            destination=str(destination),
            parameters=self._controller.parameters.as_dict(),
        )

    def ask_log(self) -> None:
        """Ask for the log of a performance and for the file into which it is replayed."""
        folder = QFileDialog.getExistingDirectory(self._window, "The log of a performance")
        if not folder:
            return
        path, _ = QFileDialog.getSaveFileName(self._window, "Replay into", f"{folder}.wav", _FILES)
        if path:
            self.replay_log(Path(folder), Path(path))

    def replay_log(self, folder: Path, destination: Path) -> None:
        """Replay a logged performance into a file, bit for bit; then offer to play it."""
        if self._start(do="replay", folder=str(folder), destination=str(destination)):
            self._replayed = destination

    def stop(self) -> None:
        """Stop the job, if one is running."""
        self.jobs.stop()

    def _start(self, **request: object) -> bool:
        started = self.jobs.start(**request)
        if not started:
            self._controller.show_message("Another file is being written; wait until it is done.")
        return started

    def _end(self, answer: str, problem: bool) -> None:
        path, self._replayed = self._replayed, None
        self._controller.show_message(answer)
        if path is not None and not problem and self._window.isVisible():
            self._notifications.notify(answer, {"Play it": lambda: self._play(path)})
