"""The record button: from the window or a controller, into a file with the date in its name."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QToolButton

from ...engine.errors import InnerearError
from ...engine.files import disk_error
from ...engine.live.live_status import LiveStatus
from ...engine.live.recorder import Recorder, default_recording
from ..state.parameter_controller import ParameterController

Folder = Callable[[], Path]


def recordings_folder() -> Path:
    """Return where recordings go: a folder of ours in the user's music; it need not exist yet."""
    music = QStandardPaths.StandardLocation.MusicLocation
    return Path(QStandardPaths.writableLocation(music)) / "Innerear"


class RecordButton(QObject):
    """Begins and ends recordings, and shows on its button how long one is."""

    recorded = Signal(str, float)
    """A recording that is done: its file, and how many seconds."""

    def __init__(
        self,
        controller: ParameterController,
        button: QToolButton,
        folder: Folder = recordings_folder,
    ) -> None:
        """Take over a button.

        Args:
            controller: whose sound is recorded.
            button: that begins and ends it, and shows that it goes on.
            folder: gives where recordings go.
        """
        super().__init__(button)
        self._controller, self._button, self._folder = controller, button, folder
        self._recorder: Recorder | None = None
        self._asked: int | None = None
        button.setCheckable(True)
        button.show()

    @property
    def recording(self) -> bool:
        """Whether it goes on."""
        return self._recorder is not None and self._recorder.status.active

    def toggle(self) -> None:
        """Begin to record, or end it; say where the recording is."""
        if self._recorder is None:
            self._controller.attempt(self._begin)
        else:
            self.stop()
        self._show()

    def stop(self) -> None:
        """End the recording, if there is one."""
        if self._recorder is not None:
            done, self._recorder = self._recorder.stop(), None
            self._controller.say(done.problem or f"Recorded {done.seconds:.0f} s: {done.path}")
            self.recorded.emit(str(done.path), done.seconds)
            self._show()

    def show_status(self, status: LiveStatus | None) -> None:
        """Show how long the recording is; follow a controller that asks for one."""
        if self._recorder is not None and not self._recorder.status.active:
            self.stop()  # it broke off, and says why
        if status is not None:
            asked = status.requested.get("record", 0)
            if self._asked is not None and asked != self._asked:
                self.toggle()
            self._asked = asked
        self._show()

    def _begin(self) -> None:
        folder = self._folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise disk_error(folder, problem, InnerearError) from problem
        session = self._controller.session
        self._recorder = Recorder(lambda: session.sound, default_recording(folder))
        self._controller.say(f"Recording into {self._recorder.status.path}")

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
