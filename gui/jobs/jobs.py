"""Long work in a process beside the window: starts it, tells its progress, and how it ended."""

import json
import sys
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal


class Jobs(QObject):
    """Does one job at a time; see `job` for what there is to do."""

    progressed = Signal(float, str)
    """The share that is done, 0 to 1, and what is being done."""
    ended = Signal(str, bool)
    """What to tell people, and whether it is a problem."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._process: QProcess | None = None
        self._answer: tuple[str, bool] | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being done."""
        return self._process is not None

    def start(self, **request: Any) -> bool:
        """Begin a job; False where another is not done yet."""
        if self._process is not None:
            return False
        self._answer = None
        self._process = process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._end)
        process.start(sys.executable, ["-m", "innerear.gui.jobs.job", json.dumps(request)])
        return True

    def stop(self) -> None:
        """End the job; nothing half-done stays."""
        if self._process is not None:
            self._answer = "Stopped.", False
            self._process.kill()
            self._process.waitForFinished()

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            text = bytes(process.readLine().data()).decode(errors="replace")
            try:
                line = json.loads(text)
            except ValueError:  # a library's chatter
                continue
            if "progress" in line:
                self.progressed.emit(float(line["progress"]), str(line["what"]))
            else:
                self._answer = str(line.get("done") or line.get("error")), "error" in line

    def _end(self) -> None:
        self._read()
        process, self._process = self._process, None
        if process is None:
            return
        if self._answer is None:
            said = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
            last = said.rpartition("\n")[2]
            self._answer = f"It ended without an answer: {last}", True
        process.deleteLater()
        self.ended.emit(*self._answer)
