"""Maximisation on a network whose answers are known on paper, and against a plain reference."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from innerear.engine.analysis.a_weighting import Ear
from innerear.engine.analysis.initial_noise import LEVEL, STARTS, generators_for
from innerear.engine.analysis.maximise import maximise
from innerear.engine.analysis.method import Method
from innerear.engine.analysis.optimisers import Adam, Ascent
from innerear.engine.analysis.parameterisations import PARAMETERISATIONS
from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs.pack import Pack
from innerear.engine.targets.objectives import parse_units, unit

from .conftest import HERTZ, RATE, WINDOW, FirNetwork


def peak_hz(sound: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(sound)).argmax() * RATE / len(sound))


@pytest.mark.parametrize("name", PARAMETERISATIONS)
def test_a_filter_s_frequency_is_found(fir_network: FirNetwork, name: str) -> None:
    found = maximise(
        fir_network, parse_units(fir_network, "tones", "0-2"), parameterisation=name, steps=120
    )
    for each, hertz in zip(found, HERTZ, strict=True):
        assert not each.dead
        assert each.at_end > 2 * each.at_start
        template_hz = each.template.argmax() * RATE / 1024
        assert template_hz == pytest.approx(hertz, abs=40)
        assert np.sqrt(np.mean(each.sound**2)) == pytest.approx(LEVEL, rel=1e-4)
        if name != "filter":
            assert peak_hz(each.sound) == pytest.approx(hertz, abs=40)


def test_the_best_sound_is_nearly_the_best_there_can_be(fir_network: FirNetwork) -> None:
    found = maximise(fir_network, "tones:1", steps=250, method=Method(ear=Ear(0.0)))
    # On paper: a sine of this level at the filter's peak, through the filter and a ReLU.
    gain = np.abs(np.fft.rfft(fir_network.kernels[1], 1 << 16)).max()
    best = gain * LEVEL * np.sqrt(2) / np.pi
    assert 0.85 * best < found.at_end < 1.02 * best


def test_a_mix_has_both_frequencies(fir_network: FirNetwork) -> None:
    found = maximise(fir_network, "tones:0=1,tones:2=1", steps=120)
    magnitude = np.abs(np.fft.rfft(found.sound))
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    near = [magnitude[np.abs(hertz - each) < 60].max() for each in HERTZ]
    assert min(near[0], near[2]) > 3 * near[1]


def test_a_dead_unit_is_retried_and_reported(fir_network: FirNetwork) -> None:
    alive, dead = maximise(fir_network, parse_units(fir_network, "tones", "0,3"), steps=20)
    assert (alive.dead, alive.starts) == (False, 1)
    assert (dead.dead, dead.starts) == (True, len(STARTS))
    assert not dead.sound.any()
    assert not dead.template.any()
    assert dead.steps == 0


class WakesOnBursts(FirNetwork):
    """Its unit answers nothing but what stands far above the level of all."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels[3] = 0.0
        self.kernels[3, 0] = 1.0
        self.bias[3] = -5 * LEVEL


def test_other_noise_may_wake_a_unit() -> None:
    found = maximise(WakesOnBursts(), "tones:3", steps=40)
    assert not found.dead
    assert STARTS[found.starts - 1].bursts


def test_ascent_as_a_plain_loop_does_it(fir_network: FirNetwork) -> None:
    """The same ascent, written out in float64 with nothing shared but the noise."""
    method = Method(
        parameterisation=PARAMETERISATIONS["waveform"],
        optimiser=Adam(0.1),
        transforms=(),
        ear=Ear(0.0),
        converge=False,
    )
    found = maximise(fir_network, "tones:1", steps=12, seed=4, method=method)
    noise = STARTS[0].noise(generators_for(["tones:1"], 4, 0), WINDOW)[0].astype(np.float64)
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)

    def audible(signal: np.ndarray) -> np.ndarray:
        return np.fft.irfft(np.fft.rfft(signal) * (hertz >= 40), WINDOW)

    def objective(free: np.ndarray) -> float:
        sound = LEVEL * free / np.sqrt(np.mean(free**2))
        answer = np.correlate(sound, fir_network.kernels[1], "valid")
        return float(np.maximum(answer, 0).mean())

    def gradient(free: np.ndarray) -> np.ndarray:
        size = np.sqrt(np.mean(free**2))
        answer = np.correlate(LEVEL * free / size, fir_network.kernels[1], "valid")
        outer = np.convolve((answer > 0) / len(answer), fir_network.kernels[1])
        jacobian_times = outer / size - free * (free @ outer) / (WINDOW * size**3)
        return LEVEL * jacobian_times

    free = audible(noise / LEVEL)
    mean, square, rise = np.zeros(WINDOW), np.zeros(WINDOW), []
    step = 1e-6 * np.random.default_rng(0).standard_normal(WINDOW)
    difference = objective(free + step) - objective(free - step)
    assert 2 * gradient(free) @ step == pytest.approx(difference, rel=1e-4)
    for number in range(1, 13):
        rise.append(objective(free))
        slope = gradient(free)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        root = np.sqrt(square / (1 - 0.999**number)) + 1e-8
        free = audible(free + 0.1 * mean / (1 - 0.9**number) / root)
    np.testing.assert_allclose(found.rise, rise, rtol=1e-3)
    assert found.at_end == pytest.approx(objective(free), rel=1e-3)


def test_neighbours_and_order_do_not_matter(fir_network: FirNetwork) -> None:
    alone = maximise(fir_network, "tones:2", steps=30, seed=3)
    among = maximise(fir_network, parse_units(fir_network, "tones", "1,2,0,3"), steps=30, seed=3)[1]
    np.testing.assert_array_equal(alone.sound, among.sound)
    other = maximise(fir_network, "tones:2", steps=30, seed=4)
    assert not np.array_equal(alone.sound, other.sound)


def test_it_stops_when_nothing_more_is_gained(fir_network: FirNetwork) -> None:
    done = maximise(fir_network, "tones:0", steps=2000)
    assert done.converged
    assert done.steps < 1000
    stubborn = maximise(fir_network, "tones:0", steps=70, method=Method(converge=False))
    assert (stubborn.converged, stubborn.steps) == (False, 70)


def test_the_process_is_kept(fir_network: FirNetwork) -> None:
    shares: list[float] = []
    found = maximise(fir_network, "tones:0", steps=9, keep_process=True, progress=shares.append)
    assert len(found.process) == 10
    np.testing.assert_array_equal(found.process[-1], found.sound)
    noise = found.process[0]
    objective, _ = fir_network.value_and_grad(noise[np.newaxis], {"tones": np.eye(4)[:1]})
    assert objective[0] == pytest.approx(found.at_start, rel=1e-4)
    assert shares == [1.0]


def test_plain_ascent_climbs_too(fir_network: FirNetwork) -> None:
    found = maximise(fir_network, "tones:1", steps=60, method=Method(optimiser=Ascent(0.2)))
    assert peak_hz(found.sound) == pytest.approx(HERTZ[1], abs=40)


def test_a_linear_pack_finds_its_templates(toy_pack: Path) -> None:
    pack = Pack(toy_pack)
    still = Method(transforms=())  # these units know the phase
    found = maximise(
        pack, [unit(pack, "output", index) for index in range(3)], steps=80, method=still
    )
    for each, hertz in zip(found, (240, 4000, 1000), strict=True):
        magnitude = np.abs(np.fft.rfft(each.sound))
        assert magnitude.argmax() * 10 == hertz  # bins of 10 Hz
    assert found[0].objective.name == "Low tone"


class Broken(FirNetwork):
    """Answers with a number that is not finite from its third call on."""

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike]
    ) -> tuple[np.ndarray, np.ndarray]:
        objective, gradient = super().value_and_grad(waveform, directions)
        if self.calls > 2:
            gradient[-1, 0] = np.nan
        return objective, gradient


def test_what_cannot_be(fir_network: FirNetwork) -> None:
    with pytest.raises(ModelError, match="tones:1 with a number that is not finite"):
        maximise(Broken(), "tones:1", steps=5)
    with pytest.raises(ModelError, match="Did you mean tones"):
        maximise(fir_network, "tone:1")
    with pytest.raises(ParameterError, match="take at least 1"):
        maximise(fir_network, "tones:1", steps=0)
    with pytest.raises(ParameterError, match="Did you mean waveform"):
        maximise(fir_network, "tones:1", parameterisation="wavefrm")


def test_one_objective_gives_one_sound_and_a_list_gives_a_list(toy_pack: Path) -> None:
    one = maximise(toy_pack, "tones:1", steps=3)
    assert one.sample_rate == 16_000
    listed = maximise(Pack(toy_pack), ["tones:1", unit(Pack(toy_pack), "output", 0)], steps=3)
    assert [each.objective.name for each in listed] == ["tones:1", "Low tone"]
    np.testing.assert_array_equal(listed[0].sound, one.sound)
    assert maximise(toy_pack, ["tones:1"], steps=3)[0].at_end == one.at_end
    assert maximise(toy_pack, [], steps=3) == []
