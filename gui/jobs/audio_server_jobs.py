"""Starts, reopens and leaves the audio server for the window, without blocking it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ..controls.notification_bar import NotificationBar
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings
from .background import in_background


class AudioServerJobs(QObject):
    """Asks the audio server, which is a process of its own, on a thread of the pool."""

    refused = Signal(str)
    """Why the audio server could not be started, in one line."""

    def __init__(
        self,
        controller: ParameterController,
        settings: WindowSettings,
        notifications: NotificationBar,
        log: Path | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            controller: whose session the audio server belongs to.
            settings: say which devices are opened; changed by `apply`.
            notifications: cleared when sound plays.
            log: a new folder, in which the performance is logged for a replay.
        """
        super().__init__()
        self._controller, self._settings = controller, settings
        self._notifications = notifications
        self._log = log
        self._starting = self._left = False

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
        if self._starting:
            return
        self._starting = True
        wanted, session = self._settings, self._controller.session
        self._controller.show_message("Starting the sound …")

        def work() -> None:
            session.start(
                wanted.input_device,
                wanted.output_device,
                wanted.sample_rate,
                wanted.channels,
                keep_alive=True,
                log=self._log,
                sidechain=wanted.sidechain,
            )
            if self._left:  # the window was closed in the meantime
                session.close()

        def begun(result: object) -> None:
            self._starting = False
            self._notifications.dismiss()
            self._controller.show_message("")
            done()

        def refused(line: str) -> None:
            self._starting = False
            self._controller.show_message("")
            self.refused.emit(line)
            failed(line)

        in_background(work, begun, refused)

    def play_file(self, path: Path) -> None:
        """Play a sound file instead of the input, in a loop; no sound device is needed."""
        wanted, session = self._settings, self._controller.session
        self._controller.show_message(f"Opening {path.name} …")
        output, rate = wanted.output_device, wanted.sample_rate

        def work() -> None:
            if self._controller.playing:
                session.open_file(path, output, rate)
            else:
                session.start_file(path, output, rate, keep_alive=True, log=self._log)

        def begun(result: object) -> None:
            self._notifications.dismiss()
            self._controller.show_message(f"Playing {path.name}.")

        in_background(work, begun, self._controller.show_message)

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
        wanted = {
            name: getattr(settings, name)
            for name in ("input_device", "output_device", "sample_rate", "channels", "sidechain")
        }
        before = {name: getattr(mine, name) for name in wanted}

        def keep() -> None:
            for name, value in wanted.items():
                setattr(mine, name, value)

        def refused(line: str) -> None:
            for name, value in before.items():
                setattr(mine, name, value)
            failed(line)

        def opened(result: object) -> None:
            keep()
            done()

        if self._controller.playing:
            session = self._controller.session
            in_background(lambda: session.open_devices(**wanted), opened, refused)
        else:
            keep()
            self.start(done, refused)

    def leave(self, stop: bool) -> None:
        """Detach from the audio server, which plays on; or stop it.

        Args:
            stop: end the sound. If nothing plays, the session is closed in any case.
        """
        self._left = True
        session = self._controller.session
        if stop or not self._controller.playing:
            session.close()
        else:
            session.detach()
