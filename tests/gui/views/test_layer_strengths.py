"""Layer strengths do not depend on the scale of the layers."""

import numpy as np

from innerear.gui.views.layer_strengths import LOWEST_HEIGHT, LayerStrengths


def _units(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_height_is_relative_to_the_recent_range_whatever_the_scale() -> None:
    for scale in (0.01, 1.0, 1000.0):
        strengths = LayerStrengths({"conv": 2})
        assert strengths.measure({"conv": scale * _units(1, 0)})[0, 0] == 1.0
        low = strengths.measure({"conv": scale * _units(0.2, 0)})[0, 0]
        middle = strengths.measure({"conv": scale * _units(0.6, 0)})[0, 0]
        assert abs(low - LOWEST_HEIGHT) < 0.02
        assert low < middle < 1.0


def test_an_almost_constant_layer_stays_high() -> None:
    strengths = LayerStrengths({"conv": 1})
    heights = [strengths.measure({"conv": _units(1 + 0.01 * (at % 2))})[0, 0] for at in range(50)]
    assert min(heights) > 0.9


def test_the_mean_shows_how_many_units_join() -> None:
    strengths = LayerStrengths({"one": 4, "all": 4})
    found = strengths.measure({"one": _units(2, 0, 0, 0), "all": _units(3, 3, 3, 3)})
    np.testing.assert_allclose(found[:, 1], [0.25, 1.0])


def test_a_layer_that_is_missing_silent_or_nan_is_dark() -> None:
    strengths = LayerStrengths({"a": 2, "b": 2, "c": 2, "d": 2})
    heard = {"a": _units(0, 0), "b": _units(np.nan, 1), "d": _units(1, -1)}
    found = strengths.measure(heard)
    assert not found[:3].any()
    assert found[3].tolist() == [1.0, 0.5]
