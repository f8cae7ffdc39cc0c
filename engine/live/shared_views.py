"""What an audio server shows its clients in the memory that they share."""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from ..arrays import Float
from ..dsp.band_filter import DECIBELS
from ..errors import InnerearError
from ..ipc.shared_parameters import SharedParameterSet
from ..ipc.shared_state import SOUND_FILE, SharedState, SoundMemory
from ..packs.network import Activations
from .live_status import LiveStatus


class SharedViews(ABC):
    """Reads status, activations, filter and sound; changes nothing, and never waits."""

    folder: Path
    """What the server and its clients share."""
    parameters: SharedParameterSet
    _shared_state: SharedState

    def __init__(self) -> None:
        """Begin before anything was read."""
        self._status: tuple[str, LiveStatus] = ("", LiveStatus())
        self._sound: SoundMemory | None = None

    @abstractmethod
    def status(self) -> LiveStatus | None:
        """Return what the audio server reported last; None where none was started."""

    def activations(self) -> Activations:
        """Return the network's newest activations: layer -> (units,); empty when not playing."""
        return self._shared_state.activations(self._newest_status().layers)

    def dreamed_filter_db(self) -> Float | None:
        """Return the gains of the filter that is dreamed now, in decibels, at the present step.

        Returns:
            (bins,), from 0 Hz to half the sample rate, before the level of each frame is kept; None
            while no filter is dreamed, or it has been finished for frames that wait (`aligned`).
        """
        log_gain = self._shared_state.filter()
        if log_gain is None:
            return None
        return np.asarray(DECIBELS * self.parameters.number("step") * log_gain, np.float32)

    @property
    def sound(self) -> SoundMemory | None:
        """The newest seconds of input, dream and output; None when not playing."""
        status = self.status()
        if status is None or not status.channels:
            return None
        shape = status.channels, status.sample_rate
        sound = self._sound
        if sound is None or not sound.current or (sound.channels, sound.sample_rate) != shape:
            try:
                self._sound = sound = SoundMemory(self.folder / SOUND_FILE, *shape)
            except InnerearError:  # the server is making it anew
                return None
        return sound

    def _newest_status(self) -> LiveStatus:
        text = self._shared_state.status()
        if text != self._status[0]:
            self._status = text, LiveStatus.from_json(text)
        return self._status[1]
