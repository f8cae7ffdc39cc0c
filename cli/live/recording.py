"""Recording in `innerear live`: from the start, or when a key, MIDI or OSC asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.errors import InnerearError

if TYPE_CHECKING:
    from ...engine.live.live_status import LiveStatus
    from ...engine.live.session import Session


class RecordButton:
    """Starts and ends recordings, and shows a line for each."""

    def __init__(self, session: "Session", say: Callable[[str], None], with_input: bool) -> None:
        """Wait for the button.

        Args:
            session: that plays.
            say: shows the user one line.
            with_input: record the dry input too.
        """
        self._session, self._say, self._with_input = session, say, with_input
        self._problem = ""
        status = session.status()
        self._requested = 0 if status is None else status.requested.get("record", 0)

    def start(self, path: Path | None = None) -> None:
        """Begin a recording; see `Session.start_recording`."""
        recording = self._session.start_recording(path, self._with_input)
        beside = f" and the input to {recording.input_path}" if recording.input_path else ""
        self._problem = ""
        self._say(f"recording to {recording.path}{beside}")

    def stop(self) -> None:
        """End the recording, if there is one."""
        recording = self._session.recording
        if recording is None or not recording.active:
            return
        recording = self._session.stop_recording()
        self._show_problem()
        if recording is not None:
            self._say(f"recorded {recording.seconds:.1f} s to {recording.path}")

    def follow(self, status: "LiveStatus") -> None:
        """Start or end a recording where it was requested, and show what goes wrong."""
        self._show_problem()
        requested = status.requested.get("record", 0)
        presses = max(0, requested - self._requested)  # a new server counts from 0
        self._requested = requested
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

    def _show_problem(self) -> None:
        recording = self._session.recording
        if recording is not None and recording.problem and recording.problem != self._problem:
            self._problem = recording.problem
            self._say(recording.problem)
