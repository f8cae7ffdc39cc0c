"""Starts, changes and leaves the sound for the window, without keeping it waiting."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ..controls.notice import Notice
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings
from .background import in_background


class Sound(QObject):
    """The instrument lives in a process of its own; this asks for it."""

    refused = Signal(str)
    """Why it could not be started, in one line."""

    def __init__(
        self,
        controller: ParameterController,
        settings: WindowSettings,
        notice: Notice,
        log: Path | None = None,
    ) -> None:
        """Get ready; nothing is started yet."""
        super().__init__()
        self._controller, self._settings, self._notice = controller, settings, notice
        self._log = log
        self._starting = self._left = False

    def start(
        self,
        done: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Start the instrument on the devices that the settings say; it outlives the window."""
        if self._starting:
            return
        self._starting = True
        wanted, session = self._settings, self._controller.session
        self._controller.say("Starting the sound …")

        def work() -> None:
            session.start(
                wanted.input_device,
                wanted.output_device,
                wanted.sample_rate,
                wanted.channels,
                keep_alive=True,
                log=self._log,
            )
            if self._left:  # the window was closed meanwhile, before anything was heard
                session.close()

        def begun(result: object) -> None:
            self._starting = False
            self._notice.dismiss()
            self._controller.say("")
            done()

        def refused(line: str) -> None:
            self._starting = False
            self._controller.say("")
            self.refused.emit(line)
            failed(line)

        in_background(work, begun, refused)

    def play_file(self, path: Path) -> None:
        """Play a sound file in the place of the input, in a loop; without a device, too."""
        wanted, session = self._settings, self._controller.session
        self._controller.say(f"Opening {path.name} …")
        output, rate = wanted.output_device, wanted.sample_rate

        def work() -> None:
            if self._controller.playing:
                session.open_file(path, output, rate)
            else:
                session.start_file(path, output, rate, keep_alive=True, log=self._log)

        def begun(result: object) -> None:
            self._notice.dismiss()
            self._controller.say(f"{path.name} plays; turn anything.")

        in_background(work, begun, self._controller.say)

    def leave_file(self) -> None:
        """Go back from a file to the input; where there is none, the file plays on."""
        self.apply(self._settings, lambda: None, self._controller.say)

    def apply(
        self, settings: WindowSettings, done: Callable[[], None], failed: Callable[[str], None]
    ) -> None:
        """Play through other devices, while it plays; where they cannot be, nothing changes.

        Args:
            settings: that say which.
            done: called when it plays.
            failed: called with what is wrong, in one line.
        """
        mine = self._settings
        wanted = {
            name: getattr(settings, name)
            for name in ("input_device", "output_device", "sample_rate", "channels")
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
        """Let the instrument play on, or stop it; without one, give up what was shared."""
        self._left = True
        session = self._controller.session
        if stop or not self._controller.playing:
            session.close()
        else:
            session.detach()
