"""The dream as a sum of partials: its gradient, its limits, and its end with the sound."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from innerear.engine.dreaming.ascent import AscentShape
from innerear.engine.dreaming.partials_ascent import MOST_ADDED, PartialsAscent
from innerear.engine.dsp.partial_row import from_row
from innerear.engine.packs.network import GradientSource
from innerear.engine.packs.resolve import load
from innerear.engine.parameter_values import ParameterSet

RATE, HOP = 16_000, 400
VALUES = ParameterSet()


def _shape(**changes: Any) -> AscentShape:
    sizes: dict[str, Any] = {
        "window": 8000, "hop": HOP, "updates": 10, "sample_rate": RATE, "stream_rate": 48_000,
        "n_fft": 1024, "shapes_present": True,
    }  # fmt: skip
    return AscentShape(**{**sizes, **changes})


def _tone(seconds: float = 0.5, hertz: float = 300.0, harmonics: int = 5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    parts = [np.cos(2 * np.pi * hertz * k * time + k) / k for k in range(1, harmonics + 1)]
    return np.asarray(0.2 * np.sum(parts, axis=0), np.float32)


def _hops(sound: np.ndarray) -> Iterator[np.ndarray]:
    for at in range(0, len(sound) - HOP + 1, HOP):
        yield sound[at : at + HOP]


def _random_gradient(ascent: PartialsAscent, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(len(ascent.sound)).astype(np.float32)


def _climb(ascent: PartialsAscent, sound: np.ndarray) -> list[np.ndarray]:
    """Ascend a gradient that never changes its mind; return what is finished after each hop."""
    finished = []
    for number, hop in enumerate(_hops(sound)):
        ascent.push(hop)
        ascent.heard(1.0)
        ascent.ascend(_random_gradient(ascent, number), VALUES)
        finished.append(ascent.finished())
    return finished


@pytest.fixture(scope="module")
def network() -> GradientSource:
    return load("samplecnn-instruments").gradient_source()


def test_the_slopes_are_those_of_a_real_network(network: GradientSource) -> None:
    shape = _shape(window=network.window)
    ascent = PartialsAscent(shape)
    _climb(ascent, _tone(1.2))
    direction = {"output": np.eye(len(network.classes), dtype=np.float32)[3]}

    def objective() -> float:
        return network.gradient(ascent.heard(1.0), direction).objective

    found = network.gradient(ascent.heard(1.0), direction).waveform.copy()
    slopes = ascent.slopes(found)
    assert np.abs(slopes).max() > 0.0
    amplitudes = ascent._amplitudes[1:]
    steepest = np.argsort(-np.abs(slopes), axis=None)[:5]
    for hop, slot in zip(*np.unravel_index(steepest, slopes.shape), strict=True):
        kept, small = amplitudes[hop, slot], 0.005
        scores = []
        for by in (-small, small):
            amplitudes[hop, slot] = kept + by
            scores.append(objective())
        amplitudes[hop, slot] = kept
        assert (scores[1] - scores[0]) / (2 * small) == pytest.approx(slopes[hop, slot], rel=0.1)


def test_the_slopes_are_exact_where_the_objective_is_linear() -> None:
    ascent = PartialsAscent(_shape())
    _climb(ascent, _tone())
    gradient = _random_gradient(ascent)
    slopes = ascent.slopes(gradient)
    before = ascent.heard(1.0).copy()
    change = np.random.default_rng(1).standard_normal(slopes.shape).astype(np.float32)
    ascent._amplitudes[1:] += change
    rise = float(gradient @ (ascent.heard(1.0) - before))
    assert rise == pytest.approx(float(np.sum(slopes * change)), rel=1e-3)


@pytest.mark.parametrize("shapes_present", [True, False])
def test_ascent_raises_a_real_networks_score(network: GradientSource, shapes_present: bool) -> None:
    ascent = PartialsAscent(_shape(window=network.window, shapes_present=shapes_present))
    for target in ("Flute", "Brass"):
        ascent.reset()
        unit = network.classes.index(target)
        direction = {"output": np.eye(len(network.classes), dtype=np.float32)[unit]}
        for hop in _hops(_tone(1.5)):
            ascent.push(hop)
            ascent.ascend(network.gradient(ascent.heard(1.0), direction).waveform, VALUES)
        scores = [
            float(network.gradient(ascent.heard(step), direction).activations["output"][unit])
            for step in (0.0, 1.0)
        ]
        assert scores[1] > scores[0]


@pytest.mark.parametrize("shapes_present", [True, False])
def test_the_dream_ends_with_the_sound(shapes_present: bool) -> None:
    sound = np.concatenate((_tone(), np.zeros(4000, np.float32)))
    ascent = PartialsAscent(_shape(shapes_present=shapes_present))
    _climb(ascent, sound)
    dream = ascent.heard(1.0) - ascent.sound
    stop = len(ascent.sound) - 4000
    assert np.abs(dream[stop - HOP : stop]).max() > 0.01
    assert not dream[stop + HOP :].any()  # 25 ms later, exactly
    assert not ascent.spectrum().any()


def test_silence_gives_exactly_nothing() -> None:
    ascent = PartialsAscent(_shape())
    finished = _climb(ascent, np.zeros(8000, np.float32))
    assert not np.any(finished)
    assert not ascent.heard(1.0).any()
    assert not ascent.spectrum().any()


@pytest.mark.parametrize("shapes_present", [True, False])
def test_what_is_added_is_bounded(shapes_present: bool) -> None:
    ascent = PartialsAscent(_shape(shapes_present=shapes_present))
    for hop in _hops(_tone(1.0, harmonics=1)):
        ascent.push(hop)
        # Along the dream itself: what is beside the sound becomes louder and louder.
        ascent.ascend(ascent.heard(1.0) - ascent.sound, VALUES)
    _, gain, amplitude = from_row(ascent.spectrum())
    assert gain.max() <= 0.0
    assert np.sqrt(0.5 * np.sum(amplitude**2)) == pytest.approx(MOST_ADDED, rel=0.01)


@pytest.mark.parametrize("shapes_present", [True, False])
def test_the_level_is_kept(shapes_present: bool) -> None:
    ascent = PartialsAscent(_shape(shapes_present=shapes_present))
    _climb(ascent, _tone(1.0))
    dreamed, middle = ascent.heard(1.0), slice(2000, 5000)
    assert np.linalg.norm((dreamed - ascent.sound)[middle]) > 0.2 * np.linalg.norm(dreamed[middle])
    ratio = np.linalg.norm(dreamed[middle]) / np.linalg.norm(ascent.sound[middle])
    assert abs(20.0 * np.log10(ratio)) < 1.0


def test_the_range_limits_lift_and_cut() -> None:
    lowest = []
    for range_db in (0.0, 3.0, 12.0):
        ascent = PartialsAscent(_shape())
        for number, hop in enumerate(_hops(_tone(1.0))):
            ascent.push(hop)
            gradient = _random_gradient(ascent, number // 8)
            ascent.ascend(gradient, ParameterSet(range_db=range_db))
        _, gain, _ = from_row(ascent.spectrum())
        assert gain.min() >= 10.0 ** (-range_db / 20.0) - 1.0 - 1e-6
        assert gain.max() <= 10.0 ** (range_db / 20.0) - 1.0 + 1e-6
        lowest.append(gain.min())
    assert lowest[0] > lowest[1] > lowest[2]


def test_what_is_finished_joins_without_a_jump() -> None:
    ascent = PartialsAscent(_shape(shapes_present=False))
    made = np.concatenate(_climb(ascent, np.concatenate((_tone(), _tone(0.5, 420.0)))))
    assert np.abs(made).max() > 0.01
    jumps = np.abs(np.diff(made))
    at_borders = jumps[HOP - 1 :: HOP]
    assert at_borders.max() < 1.1 * np.delete(jumps, np.s_[HOP - 1 :: HOP]).max()


def test_what_is_finished_is_what_was_heard() -> None:
    ascent = PartialsAscent(_shape(shapes_present=False, updates=4))
    for number, hop in enumerate(_hops(_tone())):
        ascent.push(hop)
        ascent.ascend(_random_gradient(ascent, number), VALUES)
        heard = ascent.heard(0.5) - ascent.sound
        start = len(heard) - 4 * HOP
        np.testing.assert_allclose(heard[start : start + HOP], 0.5 * ascent.finished(), atol=1e-6)


def test_the_newest_partials_name_own_and_others() -> None:
    ascent = PartialsAscent(_shape())
    _climb(ascent, _tone())
    frequency, gain, amplitude = from_row(ascent.spectrum())
    own = np.isin(np.round(frequency / 300.0), range(1, 6)) & (gain != 0.0)
    assert own.sum() == 5
    np.testing.assert_allclose(np.remainder(frequency[own] + 150.0, 300.0), 150.0, atol=2.0)
    others = amplitude != 0.0
    assert others.any()
    assert not np.any(own & others)
    assert np.all(frequency[others] > 0.0)


@pytest.mark.parametrize("nothing", [0.0, np.nan, np.inf])
def test_a_gradient_that_is_nothing_changes_no_partial(nothing: float) -> None:
    ascent = PartialsAscent(_shape())
    for hop in _hops(_tone()):
        ascent.push(hop)
        ascent.ascend(np.full(len(ascent.sound), nothing, np.float32), VALUES)
    _, gain, _ = from_row(ascent.spectrum())
    assert np.abs(gain).max() < 1e-3  # the neighbours' first strength is taken from them
    assert np.isfinite(ascent.heard(1.0)).all()


def test_reset_forgets_everything() -> None:
    ascent = PartialsAscent(_shape())
    first = _climb(ascent, _tone()), ascent.heard(1.0).copy()
    ascent.reset()
    assert not ascent.heard(1.0).any()
    again = _climb(ascent, _tone()), ascent.heard(1.0)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
