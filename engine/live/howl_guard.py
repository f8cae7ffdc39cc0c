"""Turns down and says so where the output feeds the microphone."""

import time
from collections.abc import Callable

from ..ipc.shared_state import SoundMemory
from ..parameter_values import ParameterSet
from ..plugin.dream_bank import finite
from ..plugin.output_stage import DIM_GAIN
from .audio_callback import AudioCallback
from .howl_detector import STEP_SECONDS, HowlDetector

TURNED_DOWN = (
    "The output feeds the microphone: turned down by 20 dB. Move them apart or turn down, then"
    " release Dim."
)
SILENCED = (
    "The output still feeds the microphone: silenced. Move them apart or turn down, then press"
    " Panic again."
)


class HowlGuard:
    """Watches the shared sound; the server's main loop calls it while a sound input plays."""

    def __init__(
        self, parameters: ParameterSet, callback: AudioCallback, say: Callable[[str], None]
    ) -> None:
        """Get ready.

        Args:
            parameters: whose switches `dim` and `silenced` are set.
            callback: whose sound is watched, and turned down a little to find out.
            say: shows a message to people.
        """
        self._parameters, self._callback, self._say = parameters, callback, say
        self._memory: SoundMemory | None = None
        self._detector: HowlDetector | None = None
        self._due = 0.0

    def poll(self) -> None:
        """Look where it is time to."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + STEP_SECONDS
            self.step()

    def step(self) -> None:
        """Look at the newest sound, and turn down where it howls."""
        memory = self._callback.memory
        if memory is not self._memory or self._detector is None:
            self._memory = memory
            self._detector = HowlDetector(memory.sample_rate) if memory is not None else None
        detector = self._detector
        if memory is None or detector is None or memory.output.end < detector.frame:
            return
        heard, played = (
            finite(ring.read(detector.frame)).mean(axis=0) for ring in (memory.input, memory.output)
        )
        dimmed = self._parameters.switch("dim")
        howls = detector.step(heard, played / (DIM_GAIN if dimmed else 1.0))
        self._callback.gain = detector.gain
        if howls:
            self._parameters.set("silenced" if dimmed else "dim", True)
            self._say(SILENCED if dimmed else TURNED_DOWN)

    def pause(self) -> None:
        """Look at nothing: no sound input plays."""
        self._callback.gain = 1.0
        if self._detector is not None:
            self._detector.reset()
