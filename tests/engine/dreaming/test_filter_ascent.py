"""Ascent in the filter: its gradient through a real pack, its range, and what it leaves alone."""

from typing import Any

import numpy as np
import pytest

from innerear.engine.dreaming.ascent import Ascent, AscentShape
from innerear.engine.dreaming.filter_ascent import FilterAscent
from innerear.engine.dreaming.filtered_window import FilteredWindow
from innerear.engine.dreaming.frame_filter_ascent import FrameFilterAscent
from innerear.engine.dsp.band_filter import BANDS, DECIBELS
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameter_values import ParameterSet

RATE, HOP, UPDATES = 16_000, 400, 10
ASCENTS = {"live": FilterAscent, "aligned": FrameFilterAscent}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("stftcnn-instruments")


def _shape(window: int = 8000, **changes: Any) -> AscentShape:
    sizes: dict[str, Any] = {
        "window": window, "hop": HOP, "updates": UPDATES, "sample_rate": RATE,
        "stream_rate": 48_000, "n_fft": 1024, "shapes_present": True,
    }  # fmt: skip
    return AscentShape(**{**sizes, **changes})


def _tones(samples: int) -> np.ndarray:
    time = np.arange(samples) / RATE
    chance = np.random.default_rng(0)
    tones = sum(np.sin(2 * np.pi * hertz * time) / n for n, hertz in enumerate((220, 450, 1300), 1))
    return (0.2 * tones + 0.02 * chance.standard_normal(samples)).astype(np.float32)


def _run(ascent: Ascent, sound: np.ndarray, values: ParameterSet, seed: int = 1) -> np.ndarray:
    """Ascend along gradients drawn by chance; return the finished dream."""
    chance = np.random.default_rng(seed)
    finished = []
    for at in range(0, len(sound) - HOP + 1, HOP):
        ascent.push(sound[at : at + HOP])
        heard = ascent.heard(values.number("step"))
        assert heard.shape == ascent.sound.shape
        ascent.ascend(chance.standard_normal(len(heard)).astype(np.float32), values)
        finished.append(ascent.finished().copy())
    return np.concatenate(finished)


@pytest.mark.parametrize("newest", [None, 4000])
def test_the_gradient_is_what_differences_say_through_a_real_pack(
    pack: Pack, newest: int | None
) -> None:
    window = FilteredWindow(_shape(pack.window), newest)
    sound = _tones(pack.window // HOP * HOP)
    for at in range(0, len(sound), HOP):
        window.push(sound[at : at + HOP])
    direction = np.zeros((1, len(pack.classes)), np.float32)
    direction[0, pack.classes.index("Flute")] = 1.0
    chance = np.random.default_rng(2)
    log_gains = chance.uniform(-0.5, 0.5, (window.count, BANDS)).astype(np.float32)

    def heard(gains: np.ndarray) -> np.ndarray:
        return window.sound + window.change(gains, 1.0)

    def objective(gains: np.ndarray) -> float:
        return float(pack.value_and_grad(heard(gains)[np.newaxis], {"output": direction})[0][0])

    _, gradient = pack.value_and_grad(heard(log_gains)[np.newaxis], {"output": direction})
    peak = np.abs(gradient).max()
    found = window.gradient(gradient[0]) * peak  # it is taken at a peak of 1
    for way in (found / np.linalg.norm(found), np.sign(found) / np.sqrt(found.size)):
        size = np.float32(0.05)
        rise = objective(log_gains + size * way) - objective(log_gains - size * way)
        assert float((found * way).sum()) == pytest.approx(rise / (2 * size), rel=0.1)


@pytest.mark.parametrize("range_db", [0.0, 3.0, 24.0])
def test_the_filter_stays_in_its_range_and_uses_it(range_db: float) -> None:
    ascent = FilterAscent(_shape())
    values = ParameterSet(range_db=range_db)
    for at in range(0, 16_000, HOP):
        ascent.push(_tones(16_000)[at : at + HOP])
        heard = ascent.heard(1.0)
        ascent.ascend(np.sign(heard).astype(np.float32), values)
    most = np.abs(ascent.spectrum()).max() * DECIBELS
    assert most <= range_db + 1e-3
    assert most > 0.9 * range_db or range_db == 0.0


@pytest.mark.parametrize("name", ASCENTS)
def test_silence_and_a_gradient_that_is_not_finite_change_nothing(name: str) -> None:
    values = ParameterSet()
    silent = ASCENTS[name](_shape(shapes_present=name == "live"))
    assert not _run(silent, np.zeros(8000, np.float32), values).any()
    assert not silent.heard(1.0).any()
    for value in (np.nan, np.inf):
        ascent = ASCENTS[name](_shape(shapes_present=name == "live"))
        for at in range(0, 8000, HOP):
            ascent.push(_tones(8000)[at : at + HOP])
            ascent.heard(1.0)
            ascent.ascend(np.full(8000, value, np.float32), values)
            assert not ascent.finished().any()
        assert not ascent.spectrum().any()
        np.testing.assert_array_equal(ascent.heard(1.0), ascent.sound)


def test_a_finished_dream_has_no_steps_where_hops_meet() -> None:
    """Filters drawn by chance at each update change a low tone: no click between two hops."""
    sound = (0.3 * np.sin(2 * np.pi * 100 * np.arange(24_000) / RATE)).astype(np.float32)
    ascent = FrameFilterAscent(_shape(shapes_present=False))
    dream = _run(ascent, sound, ParameterSet())[8000:]
    assert np.abs(dream).max() > 0.01
    bend = np.abs(np.diff(dream, 2)).reshape(-1)
    at_borders = bend[HOP - 2 :: HOP]
    assert at_borders.max() <= 1.5 * bend.max(initial=0.0, where=np.arange(len(bend)) % HOP < 350)


def test_a_dream_begins_without_a_step() -> None:
    """A sound that is at its peak when it begins: what a filter makes of it rises from 0."""
    sound = (0.3 * np.cos(2 * np.pi * 100 * np.arange(16_000) / RATE)).astype(np.float32)
    ascent = FrameFilterAscent(_shape(shapes_present=False))
    for _ in range(2):
        dream = _run(ascent, sound, ParameterSet(range_db=18.0))
        first = ascent.active - HOP
        assert not dream[: first + 1].any()
        assert dream[first : first + HOP].any()
        steepest = np.abs(np.diff(dream[first + HOP :])).max()
        assert (
            np.abs(np.diff(dream[: first + HOP])).max() < 2 * steepest
        )  # a step would be ten times as high
        ascent.reset()


def test_the_heard_sound_is_the_sound_with_the_finished_dream() -> None:
    """What the network heard of a hop as it left is what is on the tape."""
    step = 0.5
    ascent = FrameFilterAscent(_shape(shapes_present=False))
    sound = _tones(16_000)
    dream = _run(ascent, sound, ParameterSet(step=step))
    ascent.push(np.zeros(HOP, np.float32))
    start = len(ascent.sound) - ascent.active
    before = slice(0, start)
    expected = ascent.sound[before] + step * dream[-start:]
    np.testing.assert_allclose(ascent.heard(step)[before], expected, atol=2e-5)


def test_short_lookahead_still_holds_a_frame() -> None:
    ascent = FrameFilterAscent(_shape(updates=1, shapes_present=False))
    assert ascent.active >= 512 + HOP
    assert _run(ascent, _tones(8000), ParameterSet()).any()


@pytest.mark.parametrize("name", ASCENTS)
def test_reset_forgets(name: str) -> None:
    ascent = ASCENTS[name](_shape(shapes_present=name == "live"))
    first = _run(ascent, _tones(8000), ParameterSet())
    spectrum = ascent.spectrum().copy()
    ascent.reset()
    assert not ascent.sound.any()
    np.testing.assert_array_equal(_run(ascent, _tones(8000), ParameterSet()), first)
    np.testing.assert_array_equal(ascent.spectrum(), spectrum)
