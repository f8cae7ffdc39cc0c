"""How a stream is doing, for displays and reports."""

from dataclasses import dataclass
from typing import Any

from ..dreaming.dream import Dream


@dataclass(frozen=True)
class Status:
    """How the stream is doing.

    Attributes:
        dream: the newest.
        dreams: how many there were.
        late: frames of the filter whose dream was late.
        age_ms_p50: median age of the newest dream, over the last frames.
        age_ms_p99: 99th percentile of the same.
        nan_resets: how often something that is no number had to be replaced by silence.
        limited: blocks in which the limiter worked.
        problem: what went wrong last, in words; empty when nothing did.
    """

    dream: Dream
    dreams: int
    late: int
    age_ms_p50: float
    age_ms_p99: float
    nan_resets: int
    limited: int
    problem: str

    @property
    def dreams_report(self) -> dict[str, Any]:
        """How many dreams there were, how many late, and how old: as reports give it."""
        age_ms = {"p50": round(self.age_ms_p50, 3), "p99": round(self.age_ms_p99, 3)}
        return {"count": self.dreams, "late": self.late, "age_ms": age_ms}
