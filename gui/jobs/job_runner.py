"""Starts long work in another process and reports its progress and its end."""

import json
from typing import Any

from PySide6.QtCore import QObject, QProcess, Qt, Signal

from ...engine.python_process import module_command

_TIDYING_MS = 3000


class JobRunner(QObject):
    """Runs one job at a time; see `job_process` for the jobs that exist."""

    progressed = Signal(float, str)
    """The share that is done, 0 to 1, and a description of the job."""
    ended = Signal(str, bool)
    """A message for the user, and whether it is a problem."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without a job."""
        super().__init__(parent)
        self._process: QProcess | None = None
        self._answer: tuple[str, bool] | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return self._process is not None

    def start(self, **request: Any) -> bool:
        """Start a job.

        Args:
            request: `do` names the job; the rest are its arguments; see `job_process`.

        Returns:
            False if another job is still running; then nothing is started.
        """
        if self._process is not None:
            return False
        self._answer = None
        self._process = process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._refuse, Qt.ConnectionType.QueuedConnection)
        program, *arguments = module_command("innerear.gui.jobs.job_process", json.dumps(request))
        process.start(program, arguments)
        return True

    def stop(self) -> None:
        """Stop the job; it leaves no unfinished files."""
        if self._process is not None:
            self._answer = "Stopped.", False
            self._process.terminate()  # it takes its unfinished files away
            if not self._process.waitForFinished(_TIDYING_MS):
                self._process.kill()
                self._process.waitForFinished()

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            text = bytes(process.readLine().data()).decode(errors="replace")
            try:
                line = json.loads(text)
            except ValueError:  # output of a library
                continue
            if "progress" in line:
                self.progressed.emit(float(line["progress"]), str(line["what"]))
            else:
                self._answer = str(line.get("done") or line.get("error")), "error" in line

    def _refuse(self, error: QProcess.ProcessError) -> None:
        """End a job that could not even begin, of which Qt says no more."""
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._answer = f"The job cannot be started: {self._process.errorString()}.", True
            self._end()

    def _end(self) -> None:
        self._read()
        process, self._process = self._process, None
        if process is None:
            return
        if self._answer is None:
            errors = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
            last = errors.rpartition("\n")[2]
            self._answer = f"The job ended without an answer: {last}", True
        process.deleteLater()
        self.ended.emit(*self._answer)
