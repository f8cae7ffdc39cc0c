"""The state of a stream, for displays and reports."""

from dataclasses import asdict, dataclass
from typing import Any

from ..dreaming.dream import Dream


@dataclass(frozen=True)
class DreamAge:
    """Ages of the newest dream over the last frames, in milliseconds.

    Attributes:
        p50: the median.
        p99: the 99th percentile.
    """

    p50: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True)
class DreamStatus:
    """How many dreams there were and how old they are.

    Attributes:
        count: dreams since the start.
        late: frames of the filter whose dream was late.
        age_ms: the newest dream's age.
    """

    count: int = 0
    late: int = 0
    age_ms: DreamAge = DreamAge()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data: `count`, `late`, and `age_ms` with `p50` and `p99`."""
        return asdict(self)


@dataclass(frozen=True)
class ProcessorStatus:
    """How a processor is doing.

    Attributes:
        dream: the newest.
        dreams: how many there were, how many were late, and their age.
        nan_resets: how often NaN or infinity was replaced by silence.
        limited: blocks in which the limiter worked.
        problem: the newest error, in one line; empty when there is none.
    """

    dream: Dream
    dreams: DreamStatus
    nan_resets: int
    limited: int
    problem: str
