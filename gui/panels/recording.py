"""The record button: records what plays into a file that is named by the date."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QToolButton

from ...engine.errors import InnerearError
from ...engine.files import disk_error
from ...engine.live.live_status import LiveStatus
from ...engine.live.recorder import Recorder, default_recording
from ..jobs.folders import recordings_folder
from ..state.parameter_controller import ParameterController

Folder = Callable[[], Path]


class RecordButton(QObject):
    """Starts and stops recordings, and shows on a button how long one is."""

    recorded = Signal(str, float, str)
    """The paths of a finished recording, its length in seconds, and what was wrong; or empty."""

    def __init__(
        self,
        controller: ParameterController,
        button: QToolButton,
        folder: Folder = recordings_folder,
    ) -> None:
        """Take over a button.

        Args:
            controller: whose sound is recorded.
            button: starts and stops a recording, and shows its length.
            folder: returns the folder for recordings.
        """
        super().__init__(button)
        self._controller, self._button, self._folder = controller, button, folder
        self._recorder: Recorder | None = None
        self._requests: int | None = None
        button.setCheckable(True)
        button.show()

    @property
    def recording(self) -> bool:
        """Whether a recording is running."""
        return self._recorder is not None and self._recorder.status.active

    def toggle(self) -> None:
        """Start a recording, or stop it and report its path."""
        if self._recorder is None:
            self._controller.attempt(self._begin)
        else:
            self.stop()
        self._show()

    def stop(self) -> None:
        """Stop the recording, if there is one."""
        if self._recorder is not None:
            done, self._recorder = self._recorder.stop(), None
            self._controller.show_message(
                done.problem or f"Recorded {done.seconds:.0f} s: {done.path}"
            )
            self.recorded.emit(str(done.path), done.seconds, done.problem)
            self._show()

    def show_status(self, status: LiveStatus | None) -> None:
        """Show the length of the recording; start or stop it if a MIDI controller asked."""
        if self._recorder is not None and not self._recorder.status.active:
            self.stop()  # it failed; its status has the reason
        if status is not None:
            requests = status.requested.get("record", 0)
            before = requests if self._requests is None else self._requests
            if max(0, requests - before) % 2:  # a new server counts from 0
                self.toggle()
            self._requests = requests
        self._show()

    def _begin(self) -> None:
        folder = self._folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise disk_error(folder, problem, InnerearError) from problem
        session = self._controller.session
        self._recorder = Recorder(lambda: session.sound, default_recording(folder))
        self._controller.show_message(f"Recording into {self._recorder.status.path}")

    def _show(self) -> None:
        on = self._recorder is not None
        text = "Rec"
        if self._recorder is not None:
            minutes, seconds = divmod(int(self._recorder.status.seconds), 60)
            text = f"\N{BLACK CIRCLE} {minutes}:{seconds:02d}"
        if self._button.text() != text:
            self._button.setText(text)
        if self._button.isChecked() != on:
            self._button.setChecked(on)
