"""Optimisers against formulas written out number by number."""

import numpy as np
import pytest

from innerear.engine.analysis.optimisers import Adam, Ascent

START = np.array([[1.0, -2.0, 0.5], [0.1, 0.2, 0.3]], np.float32)
PULLS = np.random.default_rng(3).standard_normal((7, 2, 3)).astype(np.float32)


def adam_by_hand(start: float, pulls: list[float], rate: float) -> float:
    mean = square = 0.0
    value = start
    for number, pull in enumerate(pulls, 1):
        mean = 0.9 * mean + 0.1 * pull
        square = 0.999 * square + 0.001 * pull**2
        value += rate * (mean / (1 - 0.9**number)) / ((square / (1 - 0.999**number)) ** 0.5 + 1e-8)
    return value


def test_adam_is_adam() -> None:
    climb, parameters = Adam(0.3).begin(), START
    for pull in PULLS:
        parameters = climb.step(parameters, pull)
    for place in np.ndindex(START.shape):
        pulls = [float(pull[place]) for pull in PULLS]
        assert parameters[place] == pytest.approx(
            adam_by_hand(float(START[place]), pulls, 0.3), rel=1e-4
        )


def test_adam_is_torch_s_adam() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(START, requires_grad=True)
    optimiser = torch.optim.Adam([theirs], lr=0.3, maximize=True)
    climb, ours = Adam(0.3).begin(), START
    for pull in PULLS:
        theirs.grad = torch.tensor(pull)
        optimiser.step()
        ours = climb.step(ours, pull)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-4)


def test_rows_that_leave_change_nothing_for_the_others() -> None:
    whole, part = Adam(0.3).begin(), Adam(0.3).begin()
    all_rows, rows = START, START
    for number, pull in enumerate(PULLS):
        all_rows = whole.step(all_rows, pull)
        if number == 3:
            stay = np.array([False, True])
            part.keep(stay)
            rows = rows[stay]
        rows = part.step(rows, pull if number < 3 else pull[1:])
    np.testing.assert_array_equal(rows[0], all_rows[1])


def test_ascent_takes_steps_of_one_length_along_the_gradient() -> None:
    climb = Ascent(0.25).begin()
    moved = climb.step(START, PULLS[0]) - START
    np.testing.assert_allclose(np.sqrt(np.mean(moved**2, axis=1)), 0.25, rtol=1e-4)
    cosine = (moved * PULLS[0]).sum(1) / np.linalg.norm(moved, axis=1)
    np.testing.assert_allclose(cosine, np.linalg.norm(PULLS[0], axis=1), rtol=1e-4)
    np.testing.assert_array_equal(climb.step(START, np.zeros_like(START)), START)
