"""How long blocks took: percentiles in a fixed amount of memory."""

import numpy as np

BINS_PER_SECOND = 100_000
LONGEST_SECONDS = 10.0


class Durations:
    """Counts durations to 10 microseconds; adding one allocates nothing."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts = np.zeros(round(LONGEST_SECONDS * BINS_PER_SECOND) + 1, np.int64)
        self.longest_ms = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self._counts[min(int(seconds * BINS_PER_SECOND), len(self._counts) - 1)] += 1
        self.longest_ms = max(self.longest_ms, 1000.0 * seconds)

    def percentile_ms(self, percent: float) -> float:
        """Return the duration that `percent` of all do not exceed, in milliseconds; 0 if none."""
        total = np.cumsum(self._counts)
        at = int(np.searchsorted(total, max(1.0, percent / 100.0 * float(total[-1]))))
        return min(1000.0 * (at + 1) / BINS_PER_SECOND, self.longest_ms)

    def summary_ms(self) -> dict[str, float]:
        """Return p50, p99, p999 and max, in milliseconds."""
        shares = {"p50": 50.0, "p99": 99.0, "p999": 99.9}
        found = {name: round(self.percentile_ms(share), 4) for name, share in shares.items()}
        return {**found, "max": round(self.longest_ms, 4)}
