import numpy as np
import pytest

from innerear.engine.dreaming.gradient_ascent import REFERENCE_SECONDS, GradientAscent

RATE, HOP, WINDOW = 1000, 10, 100


@pytest.mark.parametrize("updates", [1, 3, 10])
def test_a_sample_leaves_with_one_step_for_each_update(updates: int) -> None:
    recursion = GradientAscent(WINDOW, HOP, updates, RATE)
    left = []
    for _ in range(20):
        recursion.push(np.ones(HOP, np.float32))
        recursion.ascend(np.ones(recursion.active, np.float32))
        left.append(recursion.finished().copy())
    step = HOP / (REFERENCE_SECONDS * RATE)
    # What leaves after the n-th update came in `updates` - 1 updates before.
    np.testing.assert_allclose(np.concatenate(left[updates - 1 :]), updates * step, rtol=1e-6)


def test_at_the_reference_lookahead_the_dream_is_as_loud_as_the_sound() -> None:
    updates = round(REFERENCE_SECONDS * RATE / HOP)
    recursion = GradientAscent(1000, HOP, updates, RATE)
    for _ in range(updates):
        recursion.push(np.ones(HOP, np.float32))
        recursion.ascend(np.ones(recursion.active, np.float32))
    np.testing.assert_allclose(recursion.finished(), 1.0, rtol=1e-6)


def test_the_network_hears_the_sound_and_its_dream() -> None:
    recursion = GradientAscent(WINDOW, HOP, 2, RATE)
    sound = np.arange(HOP, dtype=np.float32)
    recursion.push(sound)
    recursion.ascend(np.ones(20, np.float32))
    dream = np.concatenate((np.zeros(80), np.full(20, HOP / (REFERENCE_SECONDS * RATE))))
    expected = np.concatenate((np.zeros(90), sound)) + 0.5 * dream
    np.testing.assert_allclose(recursion.sound_with_dream(0.5), expected, rtol=1e-6)


@pytest.mark.parametrize(("updates", "hops"), [(1, 1), (2, 1), (5, 3), (10, 5)])
def test_the_older_half_is_scaled_to_all_steps(updates: int, hops: int) -> None:
    recursion = GradientAscent(WINDOW, HOP, updates, RATE)
    for number in range(updates):
        recursion.push(np.full(HOP, number, np.float32))
        recursion.ascend(np.ones(recursion.active, np.float32))
    kept, dream = recursion.older_half()
    np.testing.assert_array_equal(recursion.sound[kept], np.repeat(np.arange(hops), HOP))
    np.testing.assert_allclose(dream, recursion.finished()[0], rtol=1e-6)


@pytest.mark.parametrize("updates", [0, 11])
def test_updates_that_do_not_fit_are_refused(updates: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        GradientAscent(WINDOW, HOP, updates, RATE)


def test_it_climbs_a_hill_whose_top_is_known() -> None:
    """Ascending -|x + d - goal|^2 / 2 brings x + d to the goal, sample by sample."""
    rng = np.random.default_rng(0)
    goal = rng.standard_normal(WINDOW + 40 * HOP).astype(np.float32)
    recursion = GradientAscent(WINDOW, HOP, 10, RATE)
    errors = []
    for number in range(40):
        recursion.push(np.zeros(HOP, np.float32))
        wanted = goal[number * HOP + HOP : number * HOP + HOP + WINDOW]
        recursion.ascend((wanted - recursion.sound_with_dream(1.0))[-recursion.active :] * 10)
        errors.append(np.abs(recursion.finished() - wanted[:HOP]).max())
    assert max(errors[10:]) < 0.01 * np.abs(goal).max()
