"""How long blocks took: percentiles in a fixed amount of memory."""

import numpy as np

BINS_PER_SECOND = 100_000
LONGEST_SECONDS = 1.0


class Durations:
    """Counts durations to 10 microseconds, up to a second; adding one allocates nothing."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts = np.zeros(round(LONGEST_SECONDS * BINS_PER_SECOND) + 1, np.int64)
        self.longest_ms = 0.0

    def reset(self) -> None:
        """Forget all."""
        self._counts.fill(0)
        self.longest_ms = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self._counts[min(int(seconds * BINS_PER_SECOND), len(self._counts) - 1)] += 1
        self.longest_ms = max(self.longest_ms, 1000.0 * seconds)

    def summary_ms(self) -> dict[str, float]:
        """Return p50, p99, p999 and max, in milliseconds; zeros where there are none."""
        counted = np.cumsum(self._counts)
        found = {}
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
            at = int(np.searchsorted(counted, max(1.0, share * float(counted[-1]))))
            found[name] = round(min(1000.0 * (at + 1) / BINS_PER_SECOND, self.longest_ms), 4)
        return {**found, "max": round(self.longest_ms, 4)}
