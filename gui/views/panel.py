"""The panel with spectrograms, activation history and meters."""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from ...engine.arrays import Float
from ...engine.ipc.shared_state import SoundMemory
from ...engine.live.live_status import LiveStatus
from ...engine.packs.network import Activations
from ..controls.later import Later
from .feed import LANES, SoundFeed
from .meters import Meters

if TYPE_CHECKING:
    from .activation_history import ActivationHistory
    from .spectrograms import Spectrograms


class ViewsPanel(QWidget):
    """Reads the new sound and shows it in the views."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show silence."""
        super().__init__(parent)
        self._aim: Collection[str] = ()
        self._spectrograms, self._history = Later(_make_spectrograms), Later(self._make_history)
        self.meters = Meters()
        self._feed = SoundFeed()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(10)
        for view, share in ((self._spectrograms, 3), (self._history, 1)):
            splitter.addWidget(view)
            splitter.setStretchFactor(splitter.count() - 1, share)
        splitter.setSizes([900, 300])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(splitter, 1)
        row.addWidget(self.meters)

    @property
    def spectrograms(self) -> "Spectrograms":
        """The spectrograms of input, dream and output."""
        return self._spectrograms.widget

    @property
    def history(self) -> "ActivationHistory":
        """The history of the layers' activations."""
        return self._history.widget

    def show_aim(self, layers: Collection[str]) -> None:
        """Mark the layers that are excited; see `ActivationHistory.show_aim`."""
        self._aim = layers
        if self._history.is_made:
            self.history.show_aim(layers)

    def show_sound(self, status: LiveStatus | None, memory: SoundMemory | None) -> None:
        """Add the sound since the last call, while something plays.

        Args:
            status: of the audio server; None while it does not run.
            memory: the newest sound; None while nothing plays.
        """
        if status is None or not status.playing or memory is None or not self.isVisible():
            return
        new = self._feed.take(memory, status.latency_samples)
        sounds = {lane: getattr(new, lane) for lane in LANES}
        now = time.monotonic()
        self.spectrograms.show_sound(new.sample_rate, sounds)
        self.meters.show_sound(sounds, now)
        self.meters.show_limited(status.limited, now)

    def show_filter(self, gains_db: Float | None, sample_rate: int) -> None:
        """Show the filter that is dreamed now; see `Session.dreamed_filter_db`."""
        if self.isVisible():
            self.spectrograms.show_filter(gains_db, sample_rate)

    def show_activations(self, activations: Activations) -> None:
        """Add the newest activations, layer -> (units,), to the history."""
        if self.isVisible():
            self.history.show_activations(activations, time.monotonic())

    def _make_history(self) -> "ActivationHistory":
        from .activation_history import ActivationHistory

        history = ActivationHistory()
        history.show_aim(self._aim)
        return history


def _make_spectrograms() -> "Spectrograms":
    from .spectrograms import Spectrograms

    return Spectrograms()
