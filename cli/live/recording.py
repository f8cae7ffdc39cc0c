"""Records in `innerear live`: from the start, or whenever a key, MIDI or OSC asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.errors import InnerearError

if TYPE_CHECKING:
    from ...engine.live.live_status import LiveStatus
    from ...engine.live.session import Session


class RecordButton:
    """Begins and ends recordings, and says so."""

    def __init__(self, session: "Session", say: Callable[[str], None], with_input: bool) -> None:
        """Wait for the button.

        Args:
            session: that plays.
            say: tells the user one line.
            with_input: record the dry input too.
        """
        self._session, self._say, self._with_input = session, say, with_input
        self._problem = ""
        status = session.status()
        self._asked = 0 if status is None else status.requested.get("record", 0)

    def start(self, path: Path | None = None) -> None:
        """Begin a recording; see `Session.start_recording`."""
        recording = self._session.start_recording(path, self._with_input)
        beside = f" and the input to {recording.input_path}" if recording.input_path else ""
        self._problem = ""
        self._say(f"recording to {recording.path}{beside}")

    def stop(self) -> None:
        """End the recording, where one goes on."""
        recording = self._session.recording
        if recording is None or not recording.active:
            return
        recording = self._session.stop_recording()
        self._tell_problem()
        if recording is not None:
            self._say(f"recorded {recording.seconds:.1f} s to {recording.path}")

    def follow(self, status: "LiveStatus") -> None:
        """Begin or end where somebody asked for it, and tell what goes wrong."""
        self._tell_problem()
        asked = status.requested.get("record", 0)
        presses, self._asked = max(0, asked - self._asked), asked  # it counts anew when restarted
        if presses % 2 == 0:
            return
        recording = self._session.recording
        if recording is not None and recording.active:
            self.stop()
            return
        try:
            self.start()
        except InnerearError as problem:
            self._say(str(problem))

    def _tell_problem(self) -> None:
        recording = self._session.recording
        if recording is not None and recording.problem and recording.problem != self._problem:
            self._problem = recording.problem
            self._say(recording.problem)
