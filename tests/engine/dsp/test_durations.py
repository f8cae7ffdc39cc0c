import numpy as np
import pytest

from innerear.engine.dsp.durations import Durations


def test_percentiles_are_right_to_ten_microseconds() -> None:
    rng = np.random.default_rng(0)
    times = rng.exponential(0.002, 4567)
    durations = Durations()
    for time in times:
        durations.add(time)
    found = durations.summary_ms()
    for name, share in (("p50", 50), ("p99", 99), ("p999", 99.9)):
        expected = 1000 * np.percentile(times, share, method="inverted_cdf")
        assert found[name] == pytest.approx(expected, abs=0.011)
    assert found["max"] == pytest.approx(1000 * times.max(), abs=1e-3)


def test_none_at_all_and_longer_than_all() -> None:
    durations = Durations()
    assert durations.summary_ms() == {"p50": 0.0, "p99": 0.0, "p999": 0.0, "max": 0.0}
    durations.add(12.0)
    assert durations.summary_ms()["max"] == 12_000
