"""A filter with additions: held below the sound, finished in time, gone with the sound."""

from typing import Any

import numpy as np
import pytest

from innerear.engine.dreaming.adding_ascents import AheadAscent, FrameAddingAscent
from innerear.engine.dreaming.additions import Additions
from innerear.engine.dreaming.ascent import Ascent, AscentShape
from innerear.engine.dreaming.filter_ascent import FilterAscent
from innerear.engine.dsp.gradient_shaping import local_level
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameterisations import MOST_ADDED

RATE, HOP, WINDOW, UPDATES, AHEAD = 16_000, 400, 8000, 10, 700
BOTH = {"live": AheadAscent, "aligned": FrameAddingAscent}


def _ascent(name: str, **changes: Any) -> Ascent:
    sizes: dict[str, Any] = {
        "window": WINDOW, "hop": HOP, "updates": UPDATES, "sample_rate": RATE,
        "stream_rate": 48_000, "n_fft": 1024, "shapes_present": name == "live",
        "ahead": AHEAD if name == "live" else 0,
    }  # fmt: skip
    return BOTH[name](AscentShape(**{**sizes, **changes}))


def _tone(samples: int, hertz: float = 250.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)).astype(np.float32)


def _wanted(ascent: Ascent, pushed: int) -> np.ndarray:
    """Return the part of one endless tone that a gradient of the window would have."""
    heard = UPDATES * HOP if isinstance(ascent, AheadAscent) else 0
    at = pushed + heard + np.arange(-WINDOW, 0)
    return np.sin(2 * np.pi * 1000.0 * at / RATE).astype(np.float32)


def _run(ascent: Ascent, sound: np.ndarray, values: ParameterSet) -> np.ndarray:
    finished = []
    for at in range(0, len(sound) - HOP + 1, HOP):
        ascent.push(sound[at : at + HOP])
        assert ascent.heard(values.number("step")).shape == (WINDOW,)
        ascent.ascend(_wanted(ascent, at + HOP), values)
        finished.append(ascent.finished().copy())
    return np.concatenate(finished)


@pytest.mark.parametrize("name", BOTH)
def test_what_is_finished_is_in_time_and_as_loud_as_it_may_be(name: str) -> None:
    """A filter that may change nothing leaves the additions: a tone in phase with the gradient."""
    ascent = _ascent(name)
    finished = _run(ascent, _tone(4 * WINDOW), ParameterSet(range_db=0))
    steady = slice(2 * WINDOW, None)
    first = HOP - ascent.active  # the stream's sample of the first one finished
    at = first + np.arange(len(finished))
    tone = np.sin(2 * np.pi * 1000.0 * at / RATE)
    assert np.corrcoef(tone[steady], finished[steady])[0, 1] > 0.97
    level = float(np.sqrt(np.mean(finished[steady] ** 2)))
    assert level == pytest.approx(MOST_ADDED * 0.3 / np.sqrt(2), rel=0.15)


@pytest.mark.parametrize("name", BOTH)
def test_hops_join_without_a_click(name: str) -> None:
    finished = _run(_ascent(name), _tone(4 * WINDOW), ParameterSet(range_db=0))[2 * WINDOW :]
    steepest = 2 * np.pi * 1000.0 / RATE * np.abs(finished).max()
    assert np.abs(np.diff(finished)).max() < 1.2 * steepest


def test_the_filter_is_that_of_the_parameterisation_filter() -> None:
    """Where what is to come has no gradient, nothing is added, and the sound's moves the filter."""
    alone = FilterAscent(AscentShape(WINDOW, HOP, UPDATES, RATE, 48_000, 1024, True))
    both = _ascent("live")
    coming, chance = UPDATES * HOP, np.random.default_rng(3)
    for at in range(0, 2 * WINDOW, HOP):
        past = chance.standard_normal(WINDOW - coming).astype(np.float32)
        silent = np.zeros(coming, np.float32)
        gradients = np.concatenate((silent, past)), np.concatenate((past, silent))
        for ascent, gradient in zip((alone, both), gradients, strict=True):
            ascent.push(_tone(2 * WINDOW)[at : at + HOP])
            ascent.heard(1.0)
            ascent.ascend(gradient, ParameterSet())
        assert not both.finished().any()
    np.testing.assert_array_equal(alone.spectrum(), both.spectrum())
    assert alone.spectrum().any()


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
@pytest.mark.parametrize("name", BOTH)
def test_a_gradient_that_is_none_adds_nothing(name: str, value: float) -> None:
    ascent = _ascent(name)
    for _ in range(30):
        ascent.push(_tone(HOP))
        ascent.heard(1.0)
        ascent.ascend(np.full(WINDOW, value, np.float32), ParameterSet())
        assert not ascent.finished().any()


@pytest.mark.parametrize("name", BOTH)
def test_nothing_is_added_to_silence(name: str) -> None:
    assert not _run(_ascent(name), np.zeros(2 * WINDOW, np.float32), ParameterSet()).any()


@pytest.mark.parametrize("name", BOTH)
def test_what_was_added_ends_with_the_sound(name: str) -> None:
    sound = np.concatenate((_tone(2 * WINDOW), np.zeros(WINDOW, np.float32)))
    ascent = _ascent(name)
    finished = _run(ascent, sound, ParameterSet(range_db=0))
    stopped = 2 * WINDOW - (HOP - ascent.active)  # where in `finished` the sound stops
    assert np.abs(finished[stopped - HOP : stopped]).max() > 0.05
    # The level behind it is that of the last 0.1 s; the rest was planned, and dies with the sound.
    assert np.abs(finished[stopped + RATE // 10 + UPDATES * HOP :]).max(initial=0.0) < 1e-3


@pytest.mark.parametrize("name", BOTH)
def test_reset_forgets(name: str) -> None:
    ascent = _ascent(name)
    first = _run(ascent, _tone(WINDOW), ParameterSet())
    ascent.reset()
    assert not ascent.sound.any()
    np.testing.assert_array_equal(_run(ascent, _tone(WINDOW), ParameterSet()), first)


def test_the_network_hears_the_forecast_of_a_tone() -> None:
    ascent = _ascent("live")
    sound = _tone(2 * WINDOW)
    for at in range(0, WINDOW, HOP):
        ascent.push(sound[at : at + HOP])
    horizon = UPDATES * HOP
    heard = ascent.heard(1.0)
    np.testing.assert_array_equal(heard[:-horizon], sound[horizon:WINDOW])
    np.testing.assert_allclose(heard[-horizon:][:800], sound[WINDOW : WINDOW + 800], atol=0.02)


@pytest.mark.parametrize(("updates", "ahead"), [(1, 700), (2, 2000), (20, 700)])
def test_the_plan_reaches_beyond_what_must_be_finished(updates: int, ahead: int) -> None:
    ascent = _ascent("live", updates=updates, ahead=ahead)
    assert ascent.active == -ahead
    for at in range(0, WINDOW, HOP):
        ascent.push(_tone(WINDOW)[at : at + HOP])
        ascent.heard(1.0)
        ascent.ascend(np.ones(WINDOW, np.float32) * _tone(WINDOW, 990), ParameterSet())
    assert ascent.finished().any()


@pytest.mark.parametrize("open", [HOP, 2000])
def test_additions_are_held_everywhere(open: int) -> None:
    additions = Additions(WINDOW, open, HOP, RATE)
    chance = np.random.default_rng(0)
    level = np.linspace(0.1, 0.2, open, dtype=np.float32)
    for _ in range(40):
        additions.ascend(chance.standard_normal(WINDOW).astype(np.float32) ** 3, level)
        found = local_level(additions.waveform[-open:], 320)
        # Beside a spike, whose neighbours are held less, the mean is a little above the limit.
        assert (found <= 1.4 * MOST_ADDED * level).all()
    assert found[-HOP // 2] > 0.8 * MOST_ADDED * level[-HOP // 2]
    assert not additions.waveform[:-open].any()
