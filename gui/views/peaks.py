"""The ballistics of a peak meter: up at once, down slowly, the highest kept a while. No Qt."""

import numpy as np

from ...engine.arrays import Float

FLOOR_DB = -60.0
FALL_DB_PER_SECOND = 24.0
HOLD_SECONDS = 1.6
LIGHT_SECONDS = 1.0


class Peaks:
    """Levels of some channels, and the highest of late, in decibels of full scale."""

    def __init__(self, channels: int) -> None:
        """Begin silent."""
        self.level_db: Float = np.full(channels, FLOOR_DB, np.float32)
        self.held_db: Float = self.level_db.copy()
        self._held_since = np.zeros(channels)
        self._time: float | None = None

    def update(self, sound: Float, time: float) -> None:
        """Take what was heard since the last time.

        Args:
            sound: (channels, samples), may be empty.
            time: now, in seconds of any clock that only goes forward.
        """
        passed = 0.0 if self._time is None else time - self._time
        self._time = time
        peak = np.abs(sound).max(axis=1, initial=0.0)
        now_db = 20.0 * np.log10(np.maximum(peak, 10.0 ** (FLOOR_DB / 20.0)))
        fall = np.float32(FALL_DB_PER_SECOND * passed)
        self.level_db = np.maximum(now_db, self.level_db - fall).clip(FLOOR_DB).astype(np.float32)
        higher = self.level_db >= self.held_db
        self._held_since[higher] = time
        tired = time - self._held_since > HOLD_SECONDS
        self.held_db = np.where(higher, self.level_db, self.held_db).astype(np.float32)
        self.held_db[tired] = np.maximum(self.level_db, self.held_db - fall)[tired]


class LimiterLight:
    """Is lit while the limiter works, and a moment longer, so that it is seen."""

    def __init__(self) -> None:
        """Begin dark."""
        self.lit = False
        self._count: int | None = None
        self._last = -np.inf

    def update(self, limited: int, time: float) -> None:
        """Take how often the limiter has worked so far; see `Peaks.update` for the time."""
        if self._count is not None and limited > self._count:
            self._last = time
        self._count = limited
        self.lit = time - self._last < LIGHT_SECONDS
