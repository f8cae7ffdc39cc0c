"""The messages across the window: what is wrong with the sound or asked for, and what to do."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from ...engine.live.live_status import LiveStatus
from ..controls.notification_bar import NotificationBar
from ..jobs.audio_server_jobs import AudioServerJobs

_SILENT, _HEADPHONES, _LOST = "silent", "headphones", "lost"
"""Nothing plays; an input would be heard for the first time; a device has stopped."""


class Notices(QObject):
    """Puts messages with buttons into the notification bar, and takes them away again."""

    def __init__(
        self,
        bar: NotificationBar,
        audio_server: AudioServerJobs,
        ask_file: Callable[[], None],
        open_devices: Callable[[], None],
        open_models: Callable[[], None],
        replay: Callable[[Path], None],
    ) -> None:
        """Show nothing yet.

        Args:
            bar: shows the messages.
            audio_server: what their buttons ask.
            ask_file: asks for a sound file and plays it.
            open_devices: opens the dialog for sound devices.
            open_models: opens the dialog that adds models.
            replay: plays a recording as it is.
        """
        super().__init__(bar)
        self._bar, self._audio_server, self._replay = bar, audio_server, replay
        self._another_sound = {
            "Play the demo sound": audio_server.play_demo,
            "Open a sound file …": ask_file,
        }
        self._open_models = open_models
        self._devices = {"Devices …": open_devices}
        audio_server.refused.connect(self._show_refusal)
        audio_server.asked.connect(self._ask_for_headphones)
        audio_server.played.connect(lambda: bar.withdraw(_SILENT, _HEADPHONES))

    def show_status(self, status: LiveStatus | None, recording: bool) -> None:
        """Say whether a device has stopped, for as long as it is away.

        Args:
            status: of the audio server.
            recording: whether a recording is running.
        """
        if status is None or not status.lost_device:
            self._bar.withdraw(_LOST)
            return
        goes_on = "sound and recording go on by themselves" if recording else "it goes on by itself"
        self._bar.stand(
            _LOST,
            f"No sound: {status.lost_device} has stopped. Connect it, or start its sound server"
            f" (JACK, PipeWire): then {goes_on}. Or choose another device.",
            self._devices,
            alarm=True,
        )

    def show_server_lost(self, line: str) -> None:
        """Say why the audio server has ended and was not started again."""
        self._bar.stand(
            _SILENT,
            f"No sound: {line}",
            {
                "Start the sound again": self._audio_server.start_again,
                **self._another_sound,
                **self._devices,
            },
            alarm=True,
        )

    def show_recorded(self, path: str, seconds: float, problem: str) -> None:
        """Offer to play a recording that has ended; say why, if nobody ended it."""
        text = f"Recorded {seconds:.0f} s: {path}"
        actions = {"Replay": lambda: self._replay(Path(path))}
        self._bar.notify(f"{problem}  {text}" if problem else text, actions, alarm=bool(problem))

    def offer_model(self, text: str, model: str) -> None:
        """Say what a model is missing for, and offer to add it.

        Args:
            text: the message.
            model: its name.
        """
        self._bar.notify(text, {f"Add {model} …": self._open_models})

    def _show_refusal(self, line: str) -> None:
        self._bar.stand(
            _SILENT,
            f"{line}  A sound file can be played, seen and exported without a device.",
            {**self._another_sound, **self._devices, "Try again": self._audio_server.start},
        )

    def _ask_for_headphones(self) -> None:
        self._bar.stand(
            _HEADPHONES,
            "The sound input will be heard. A microphone that hears its own sound from loudspeakers"
            " howls: put headphones on first, or turn the loudspeakers down.",
            {
                "Play the input": self._audio_server.confirm_input,
                **self._another_sound,
                **self._devices,
            },
        )
