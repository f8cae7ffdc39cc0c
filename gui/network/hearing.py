"""Lets the sound of a unit be heard, and stops it: what the button *Hear* does."""

from threading import Event
from typing import Any

from PySide6.QtCore import QObject

from ..jobs.background import in_background
from ..jobs.unit_sound import find_unit_sound, play_sound
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings
from .panel import NetworkPanel


class Hearing(QObject):
    """Finds the sounds of units on a thread, and plays them into the cue output."""

    def __init__(
        self, controller: ParameterController, settings: WindowSettings, network: NetworkPanel
    ) -> None:
        """Play nothing yet.

        Args:
            controller: whose model the units belong to, and which shows messages.
            settings: name the output.
            network: shows the unit and the state of its sound.
        """
        super().__init__(network)
        self._controller, self._settings, self._network = controller, settings, network
        self._wanted: Event | None = None
        """Stops the sound that was asked for last; None once it is over."""
        network.inspector.heard.connect(self.toggle)

    def toggle(self) -> None:
        """Stop the sound that is heard; if there is none, play that of the unit shown."""
        unit = self._network.inspector.unit
        if self._wanted is not None:
            self.stop()
        elif unit is not None:
            self.hear(*unit)

    def hear(self, layer: str, unit: int) -> None:
        """Find the sound that excites a unit most, and play it in place of the last one."""
        model = self._controller.parameters.text("model")
        self.stop()
        self._wanted = wanted = Event()
        self._network.inspector.show_unit(self._network.picture, layer, unit)
        self._network.inspector.show_hearing("searching")
        in_background(
            lambda: find_unit_sound(model, layer, unit),
            lambda found: self._play(wanted, found),
            lambda line: self._end(wanted, line),
        )

    def stop(self) -> None:
        """Stop the sound, if one is heard or searched for."""
        if self._wanted is not None:
            self._wanted.set()
            self._end(self._wanted)

    def _play(self, wanted: Event, found: Any) -> None:
        if wanted is not self._wanted:  # stopped, or another unit is wanted by now
            return
        self._network.inspector.show_hearing("playing")
        sound, sample_rate = found
        device = self._settings.cue_device or self._settings.output_device
        in_background(
            lambda: play_sound(sound, sample_rate, device, wanted),
            lambda _: self._end(wanted),
            lambda line: self._end(wanted, line),
        )

    def _end(self, wanted: Event, line: str = "") -> None:
        if wanted is not self._wanted:
            return
        self._wanted = None
        self._network.inspector.show_hearing("silent")
        if line:
            self._controller.show_message(line)
