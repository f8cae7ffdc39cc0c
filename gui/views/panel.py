"""The panel with spectrograms, activation history and meters."""

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from ...engine.arrays import Float
from ...engine.ipc.shared_state import SoundMemory
from ...engine.live.live_status import LiveStatus
from ...engine.packs.network import Activations
from .activation_history import ActivationHistory
from .feed import SoundFeed
from .meters import Meters
from .spectrograms import LANES, Spectrograms


class ViewsPanel(QWidget):
    """Reads the new sound and shows it in the views."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show silence."""
        super().__init__(parent)
        self.spectrograms = Spectrograms()
        self.history = ActivationHistory()
        self.meters = Meters()
        self._feed = SoundFeed()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(10)
        for view, share in ((self.spectrograms, 3), (self.history, 1)):
            splitter.addWidget(view)
            splitter.setStretchFactor(splitter.count() - 1, share)
        splitter.setSizes([900, 300])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(splitter, 1)
        row.addWidget(self.meters)

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
