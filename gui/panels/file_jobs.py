"""Writes sound files in another process: the export of a file, and the replay of a log."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from ...engine.io.audio_files import SUFFIXES
from ...engine.parameters import SAFETY_SWITCHES
from ..controls.notification_bar import NotificationBar
from ..controls.question import agrees
from ..jobs.job_runner import JobRunner
from ..state.parameter_controller import ParameterController

_MOST_BUTTONS = 4
_OF_THE_ROOM = (*SAFETY_SWITCHES, "bypass")
"""Switches for those who listen now; a file that is written is not for them."""
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
        self._replayed: Mapping[int, Path] = {}
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
        """Write a whole file with the present parameters, however quiet it is in the room now."""
        values = self._controller.parameters.as_dict()
        self._start(
            do="export",
            source=str(source),
            destination=str(destination),
            parameters={id: value for id, value in values.items() if id not in _OF_THE_ROOM},
        )

    def ask_log(self) -> None:
        """Ask for the log of a performance and for the file into which it is replayed."""
        from ...engine.replay.reader import count_parts

        folder = QFileDialog.getExistingDirectory(self._window, "The log of a performance")
        parts = self._ask_parts(count_parts(Path(folder))) if folder else []
        if not parts:
            return
        path, _ = QFileDialog.getSaveFileName(self._window, "Replay into", f"{folder}.wav", _FILES)
        if path and self._may_replace(part_files(Path(path), parts), Path(path)):
            self.replay_log(Path(folder), Path(path), parts)

    def replay_log(self, folder: Path, destination: Path, parts: Sequence[int] = (1,)) -> None:
        """Replay parts of a logged performance, bit for bit; then offer to play them.

        Args:
            folder: the log.
            destination: the file to write; of several parts, see `part_files`.
            parts: their numbers, from 1.
        """
        files = part_files(destination, parts)
        names = {str(part): str(path) for part, path in files.items()}
        if self._start(do="replay", folder=str(folder), destinations=names):
            self._replayed = files

    def may_stop(self) -> bool:
        """Ask whether what is being written may be stopped; True where nothing is."""
        return not (self.jobs.busy and self._window.isVisible()) or agrees(
            self._window, "Stop it?", "A file is being written. Stop that, and close the window?"
        )

    def stop(self) -> None:
        """Stop the job, if one is running."""
        self.jobs.stop()

    def _ask_parts(self, count: int) -> list[int]:
        """Return the parts to replay; ask where there are several, which is after a restart."""
        if count < 2:
            return [1]  # a folder that is no log is reported by the replay
        words = [f"All {count} parts, a file each", *(f"Part {n}" for n in range(1, count + 1))]
        text, given = QInputDialog.getItem(
            self._window, "Replay a log", f"The log has {count} parts:", words, 0, False
        )
        if not given:
            return []
        return [words.index(text)] if text != words[0] else [*range(1, count + 1)]

    def _may_replace(self, files: Mapping[int, Path], asked: Path) -> bool:
        """Ask about files that are there already, unless the file dialog has asked."""
        there = [path.name for path in files.values() if path != asked and path.exists()]
        return not there or agrees(
            self._window, "Replace?", f"There is {', '.join(there)} already. Replace it?"
        )

    def _start(self, **request: object) -> bool:
        started = self.jobs.start(**request)
        if not started:
            self._controller.show_message("Another file is being written; wait until it is done.")
        return started

    def _end(self, answer: str, problem: bool) -> None:
        files, self._replayed = self._replayed, {}
        self._controller.show_message(answer)
        if files and not problem and self._window.isVisible():
            shown = dict(list(files.items())[:_MOST_BUTTONS])
            self._notifications.notify(
                answer,
                {
                    "Play it" if len(files) == 1 else f"Play part {part}": partial(self._play, path)
                    for part, path in shown.items()
                },
            )


def part_files(destination: Path, parts: Sequence[int]) -> dict[int, Path]:
    """Return the file of each part: the destination, or beside it where there are several.

    Args:
        destination: the file that was asked for, `concert.wav`.
        parts: numbers; of several, part 2 goes into `concert-part-2.wav`.
    """
    if len(parts) == 1:
        return {parts[0]: destination}
    stem, suffix = destination.stem, destination.suffix
    return {part: destination.with_name(f"{stem}-part-{part}{suffix}") for part in parts}
