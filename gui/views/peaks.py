"""The ballistics of a peak meter: instant attack, slow release, peak hold. No Qt."""

import numpy as np

from ...engine.arrays import Float

FLOOR_DB = -60.0
FALL_DB_PER_SECOND = 24.0
HOLD_SECONDS = 1.6
LIGHT_SECONDS = 1.0
"""How long the limiter's light stays on."""


class Peaks:
    """The level and the held peak of each channel, in decibels of full scale."""

    def __init__(self, channels: int) -> None:
        """Start silent."""
        self.level_db: Float = np.full(channels, FLOOR_DB, np.float32)
        self.held_db: Float = self.level_db.copy()
        self._held_since = np.zeros(channels)
        self._time: float | None = None

    def update(self, sound: Float, time: float) -> None:
        """Take the sound since the last call.

        Args:
            sound: float32 (channels, samples); may be empty.
            time: now, in seconds of a monotonic clock.
        """
        passed = 0.0 if self._time is None else time - self._time
        self._time = time
        peak = np.abs(sound).max(axis=1, initial=0.0)
        now_db = 20.0 * np.log10(np.maximum(peak, 10.0 ** (FLOOR_DB / 20.0)))
        fall = np.float32(FALL_DB_PER_SECOND * passed)
        self.level_db = np.maximum(now_db, self.level_db - fall).clip(FLOOR_DB).astype(np.float32)
        higher = self.level_db >= self.held_db
        self._held_since[higher] = time
        expired = time - self._held_since > HOLD_SECONDS
        self.held_db = np.where(higher, self.level_db, self.held_db).astype(np.float32)
        self.held_db[expired] = np.maximum(self.level_db, self.held_db - fall)[expired]


class LimiterLight:
    """Is lit while the limiter works, and `LIGHT_SECONDS` longer."""

    def __init__(self) -> None:
        """Start dark."""
        self.lit = False
        self._count: int | None = None
        self._last = -np.inf

    def update(self, limited: int, time: float) -> None:
        """Take the number of limited blocks so far; see `Peaks.update` for the time."""
        if self._count is not None and limited > self._count:
            self._last = time
        self._count = limited
        self.lit = time - self._last < LIGHT_SECONDS
