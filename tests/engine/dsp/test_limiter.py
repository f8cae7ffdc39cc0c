import numpy as np
import pytest

from innerear.engine.dsp.limiter import Limiter
from innerear.engine.kernel.binding import bind
from innerear.engine.kernel.output import limit


def _limited(limiter: Limiter, block: np.ndarray, ceiling: float) -> bool:
    return bind(limit, limiter.state)(block, ceiling, limiter.fall) == 1.0


def test_the_limiter_never_lets_anything_through_and_leaves_the_quiet_alone() -> None:
    rng = np.random.default_rng(0)
    loud = (10 ** rng.uniform(-2, 2, (2, 5000)) * rng.choice((-1, 1), (2, 5000))).astype(np.float32)
    limiter = Limiter(48_000)
    assert _limited(limiter, loud, 0.9)
    assert np.abs(loud).max() <= 0.9
    quiet = rng.uniform(-0.9, 0.9, (2, 5000)).astype(np.float32)
    limiter.reset()
    before = quiet.copy()
    assert not _limited(limiter, quiet, 0.9)
    assert limiter.limited == 0
    np.testing.assert_array_equal(quiet, before)


def test_limiting_in_blocks_is_limiting_the_whole() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 4000)).astype(np.float32)
    whole, parts = noise.copy(), noise.copy()
    _limited(Limiter(44_100), whole, 0.8)
    limiter = Limiter(44_100)
    for start in range(0, 4000, 37):
        _limited(limiter, parts[:, start : start + 37], 0.8)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_after_a_peak_the_limiter_lets_go() -> None:
    limiter = Limiter(48_000)
    sound = np.full((1, 48_000), 0.5, np.float32)
    sound[0, 0] = 8.0
    _limited(limiter, sound, 1.0)
    assert sound[0, 1] == pytest.approx(0.5 / 8, rel=1e-2)
    assert sound[0, -1] == 0.5
    assert (np.diff(sound[0, 1:]) >= 0).all()
