"""Starts, reopens and leaves the audio server for the window, without blocking it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from ...engine.io.device_choice import choose_device
from ...engine.io.device_search import look_for_devices
from ..state.left import save_left
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings, save_settings
from .background import InTurn, in_background
from .demo_sound import demo_sound

_OPENED = ("input_device", "output_device", "sample_rate", "channels", "sidechain", "connect")
ASK_FIRST = "Put headphones on first, then choose Play the input."


class AudioServerJobs(QObject):
    """Asks the audio server, which is a process of its own, on a thread of the pool."""

    refused = Signal(str)
    """Why the audio server could not be started, in one line."""
    asked = Signal()
    """An input would be heard for the first time: the user has to `confirm_input`."""
    source_changed = Signal(object)
    """What plays now: a file, or None for the input."""
    file_refused = Signal(Path)
    """A file that cannot be played; what played before plays on."""
    played = Signal()
    """Something plays now that did not before."""

    def __init__(
        self,
        controller: ParameterController,
        settings: WindowSettings,
        log: Path | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            controller: whose session the audio server belongs to.
            settings: say which devices are opened; changed by `apply`.
            log: a new folder, in which the performance is logged for a replay.
        """
        super().__init__()
        self._controller, self._settings = controller, settings
        self._log = log
        self.starting = False
        """Whether the audio server is being started."""
        self._left = False
        self._asked = 0
        """How often something was asked for."""
        self._changes = InTurn()
        """What is asked for last plays last, however long each takes."""
        self._confirmed: Callable[[], None] = self.start

    def start(
        self,
        done: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Start the audio server on the devices that the settings name; it outlives the window.

        Args:
            done: called when it plays.
            failed: called with the reason if it cannot be started.
        """
        wanted, session = self._settings, self._controller.session

        def work() -> None:
            session.start(
                wanted.input_device,
                wanted.output_device,
                wanted.sample_rate,
                wanted.channels,
                keep_alive=True,
                log=self._log,
                sidechain=wanted.sidechain,
                connect=wanted.connect,
            )

        def begun() -> None:
            self.source_changed.emit(None)
            done()

        def start() -> None:
            self._start(work, begun, failed)

        if wanted.input_confirmed:
            start()
            return

        def refuse(line: str) -> None:
            self.refused.emit(line)
            failed(line)

        self._ask_first(wanted.input_device, start, refuse)

    def start_again(self) -> None:
        """Play what played before the audio server ended."""
        self._start(self._controller.session.start_again)

    def confirm_input(self) -> None:
        """Go on with the input, now that the user is warned; and never ask again."""
        self._settings.input_confirmed = True
        self._controller.attempt(lambda: save_settings(self._settings))
        self._confirmed()

    def play_demo(self) -> None:
        """Play a short phrase, for those who have no sound at hand."""

        def play(path: object) -> None:
            assert isinstance(path, Path)
            if not self._left:
                self.play_file(path)

        in_background(demo_sound, play, self._controller.show_message)

    def play_file(self, path: Path) -> None:
        """Play a sound file instead of the input, in a loop; no sound device is needed."""
        wanted, session = self._settings, self._controller.session
        self._controller.show_message(f"Opening {path.name} …")

        def work() -> None:  # in its turn: what was asked for before is there
            output, rate = wanted.output_device, wanted.sample_rate
            if session.status() is not None:
                session.open_file(path, output, rate)
            else:
                session.start_file(path, output, rate, keep_alive=True, log=self._log)
                self._end_if_left()

        def begun(result: object) -> None:
            self._asked += 1  # a search for an input is outdated
            self.source_changed.emit(path)
            self.played.emit()
            self._controller.show_message(f"Playing {path.name}.")

        def refused(line: str) -> None:
            self._controller.show_message(line)
            self.file_refused.emit(path)

        self._changes.run(work, begun, refused)

    def leave_file(self) -> None:
        """Go back from a file to the input; if there is no input, the file plays on."""
        self.apply(self._settings, lambda: None, self._controller.show_message)

    def apply(
        self, settings: WindowSettings, done: Callable[[], None], failed: Callable[[str], None]
    ) -> None:
        """Open other devices, also while sound plays; if they fail, nothing changes.

        Args:
            settings: name the devices.
            done: called when they play.
            failed: called with the reason if they cannot be opened.
        """
        mine = self._settings
        mine.cue_device = settings.cue_device  # opened only when something is heard there
        before, wanted = _opened_by(mine), dict[str, Any]()

        def refused(line: str) -> None:
            _keep(mine, before)
            failed(line)

        def opened(result: object) -> None:
            _keep(mine, wanted)
            self._controller.attempt(lambda: save_settings(mine))
            self.source_changed.emit(None)
            self.played.emit()
            done()

        def work() -> None:  # in its turn: the settings are those that were opened before
            wanted.update(_opened_by(settings))
            self._controller.session.open_devices(**wanted)

        def reopen() -> None:
            self._changes.run(work, opened, failed)

        if not self._controller.playing:
            _keep(mine, _opened_by(settings))
            self.start(done, refused)
            if not mine.input_confirmed:
                failed(ASK_FIRST)
        elif mine.input_confirmed:
            reopen()
        else:
            self._ask_first(settings.input_device, reopen, failed)
            failed(ASK_FIRST)

    def leave(self, stop: bool) -> None:
        """Detach from the audio server, which plays on; or stop it. Store how it was left.

        Args:
            stop: end the sound. If nothing plays, the session is closed in any case.
        """
        self._left = True
        self._changes.end()
        self._asked += 1  # a search that is still going on is outdated
        controller, session = self._controller, self._controller.session
        controller.stop_learning()
        if stop:
            session.stop()  # the audio server writes what it plays when it ends
        controller.attempt(lambda: save_left(session))
        if stop or not controller.playing:
            session.close()
        else:
            session.detach()

    def _start(
        self,
        start: Callable[[], None],
        done: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda line: None,
    ) -> None:
        if self.starting:
            failed("The sound is being started; try again in a moment.")
            return
        self.starting = True
        self._controller.show_message("Starting the sound …")

        def work() -> None:
            start()
            self._end_if_left()

        def begun(result: object) -> None:
            self.starting = False
            self._controller.show_message("")
            self.played.emit()
            done()

        def refused(line: str) -> None:
            self.starting = False
            self._controller.show_message("")
            self.refused.emit(line)
            failed(line)

        self._changes.run(work, begun, refused)

    def _end_if_left(self) -> None:
        """End what was just started if the window was closed in the meantime."""
        if self._left:
            self._controller.session.close()

    def _ask_first(
        self, device: str | None, confirmed: Callable[[], None], missing: Callable[[str], None]
    ) -> None:
        """Ask for headphones before an input is heard; say so where there is no input at all."""
        self._confirmed = confirmed
        self._asked += 1
        number = self._asked

        def unless_outdated(say: Callable[[], None]) -> None:
            if number == self._asked:  # else something else was asked for during the search
                say()

        in_background(
            lambda: choose_device(look_for_devices(), device, "input"),
            lambda found: unless_outdated(self.asked.emit),
            lambda line: unless_outdated(lambda: missing(line)),
        )


def _opened_by(settings: WindowSettings) -> dict[str, Any]:
    """Return what of the settings says how devices are opened."""
    return {name: getattr(settings, name) for name in _OPENED}


def _keep(settings: WindowSettings, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
