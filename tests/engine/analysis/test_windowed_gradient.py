"""The gradient of a whole sound: against finite differences, in any batches, without seams."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.analysis.windowed_gradient import WindowedGradient
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.errors import ModelError
from innerear.engine.packs.pack import Pack, load_pack

from ..references.dreamsound import faded_average

EPSILON = 1e-6
PACKS = ("samplecnn-instruments", "stftcnn-instruments")


def _sound(pack: Pack, samples: int) -> np.ndarray:
    """Return a piece of the phrase, as if it had been recorded at the pack's rate, with a hiss.

    The hiss is at -40 dB. Without it a spectral network compares logarithms of bins that hold
    rounding errors alone, and torch's own gradient in float32 is 30 % off its float64 one.
    """
    sound = short_phrase().mean(axis=0)[SAMPLE_RATE : SAMPLE_RATE + samples]
    hiss = np.random.default_rng(0).standard_normal(samples)
    return np.asarray(sound + 1e-2 * hiss, np.float32)


def _direction(pack: Pack, unit: int = 3) -> np.ndarray:
    return np.eye(len(pack.classes), dtype=np.float32)[unit]


def _windows(sound: np.ndarray, window: int, hop: int) -> list[tuple[int, np.ndarray, float]]:
    """Return start, float64 samples and relative level of all windows that hold some of a sound."""
    padded = np.pad(sound.astype(np.float64), window)
    starts = range(-((window - 1) // hop) * hop, len(sound), hop)
    found = [(at, padded[at + window : at + 2 * window]) for at in starts]
    loudest = max(float(np.linalg.norm(each)) for _, each in found)
    return [(at, each, float(np.linalg.norm(each)) / loudest) for at, each in found]


def _whistle(seconds: float) -> np.ndarray:
    """Return a whistle at 16 kHz between two times 100 ms of a hiss at -80 dB."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    tone = np.sin(2 * np.pi * (1800 * time + 90 * np.sin(4.4 * time)))
    on = np.clip(np.minimum(time - 0.1, seconds - 0.1 - time) / 0.02, 0, 1)
    hiss = np.random.default_rng(0).standard_normal(len(time))
    return np.asarray(0.3 * on * tone + 1e-4 * hiss, np.float32)


@pytest.mark.parametrize("name", PACKS)
def test_it_is_what_finite_differences_find(name: str, require: Callable[..., None]) -> None:
    """Central differences in float64 of each window's score before the last non-linearity."""
    require("torch")
    import torch

    from innerear.models.networks.restore import restore

    pack = load_pack(name)
    network = restore(pack).double()
    hop = pack.window // 4
    samples = pack.window + 2 * hop  # whole windows: see `_sound` on silence
    sound = _sound(pack, samples)
    found = (
        WindowedGradient(pack, samples, hop).gradient(sound, {"output": _direction(pack)}).gradient
    )

    def score(window: np.ndarray) -> float:
        with torch.no_grad():
            map_ = network(torch.from_numpy(window[np.newaxis]))["output"]
        return float(map_[0, 3].mean())

    windows = _windows(sound, pack.window, hop)
    loudest = np.argsort(-np.abs(found))[:3]
    for n in (*loudest, 5, pack.window, samples - 7):
        above = below = 0.0
        for start, window, level in windows:
            if 0 <= n - start < pack.window:
                up, down = window.copy(), window.copy()
                up[n - start] += EPSILON
                down[n - start] -= EPSILON
                fade = np.sin(np.pi * (n - start + 0.5) / pack.window) ** 2
                above += fade * level * (score(up) - score(down)) / (2 * EPSILON)
                below += fade
        assert abs(found[n] - above / below) < 1e-4 * np.abs(found).max()


@pytest.mark.parametrize("name", PACKS)
def test_all_of_it_is_what_torch_finds_in_float64(name: str, require: Callable[..., None]) -> None:
    require("torch")
    import torch

    from innerear.models.networks.restore import restore

    pack = load_pack(name)
    network = restore(pack).double()
    hop = pack.window // 6
    samples = pack.window + 2 * hop
    sound = _sound(pack, samples)
    gradients = []
    for start, heard, level in _windows(sound, pack.window, hop):
        window = torch.from_numpy(heard)[None].requires_grad_()
        (gradient,) = torch.autograd.grad(network(window)["output"][0, 3].mean(), window)
        gradients.append((start, level * gradient[0].numpy()))
    expected = faded_average(gradients, samples)
    found = (
        WindowedGradient(pack, samples, hop).gradient(sound, {"output": _direction(pack)}).gradient
    )
    assert np.linalg.norm(found - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize(("batch", "workers"), [(1, 1), (4, 3), (100, 1)])
def test_batches_change_it_by_rounding_alone(batch: int, workers: int) -> None:
    pack = load_pack("samplecnn-instruments")
    sound = _sound(pack, 3 * pack.window)
    wanted = {"output": _direction(pack), "conv5": np.ones(pack.layers["conv5"].units, np.float32)}
    usual = WindowedGradient(pack, len(sound), 1600).gradient(sound, wanted)
    other = WindowedGradient(pack, len(sound), 1600, batch=batch, workers=workers).gradient(
        sound, wanted
    )
    largest = np.abs(usual.gradient).max()
    np.testing.assert_allclose(other.gradient, usual.gradient, atol=1e-5 * largest)
    for name in pack.layers:
        np.testing.assert_allclose(
            other.activations[name], usual.activations[name], rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("samples", [1600, 2000, 5001, 16_000])
def test_a_gradient_that_all_windows_agree_on_is_seamless(toy_pack: Path, samples: int) -> None:
    """The toy's gradient is a tone whose periods fit the hop: the whole must be that very tone."""
    pack = Pack(toy_pack)
    network = WindowedGradient(pack, samples, 400)
    wanted = {"output": np.array([1, 0, 0], np.float32)}
    found = network.gradient(np.zeros(samples, np.float32), wanted).gradient
    tone = np.sin(2 * np.pi * 240 * np.arange(samples) / 16_000) / 100
    np.testing.assert_allclose(found, tone, atol=1e-6)


@pytest.mark.parametrize("name", PACKS)
def test_no_border_of_a_window_stands_out(name: str) -> None:
    """Steps from one sample to the next are no larger at windows' borders than elsewhere."""
    pack = load_pack(name)
    hop = 1600
    sound = _sound(pack, 3 * pack.window)
    network = WindowedGradient(pack, len(sound), hop)
    gradient = network.gradient(sound, {"output": _direction(pack)}).gradient
    steps = np.abs(np.diff(gradient, prepend=0.0))
    starts = np.arange(1, network.windows) * hop
    ends = np.arange(network.windows - 1) * hop + pack.window
    borders = np.concatenate((starts, ends[ends < len(sound)]))
    around = np.median([np.median(steps[at - 200 : at + 200]) for at in borders])
    assert np.median(steps[borders]) < 2 * around
    assert steps[borders].max() < 12 * around


@pytest.mark.soak
def test_the_middle_of_a_long_sound_does_not_know_how_long_it_is() -> None:
    pack = load_pack("samplecnn-instruments")
    hop, window = 1600, pack.window
    long = _sound(pack, 5 * window)
    start, samples = 8 * hop, 3 * window
    wanted = {"output": _direction(pack)}
    whole = WindowedGradient(pack, len(long), hop).gradient(long, wanted).gradient
    part = (
        WindowedGradient(pack, samples, hop)
        .gradient(long[start : start + samples], wanted)
        .gradient
    )
    inside = slice(window, samples - window)
    np.testing.assert_allclose(
        whole[start : start + samples][inside], part[inside], atol=1e-5 * np.abs(part).max()
    )


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("hops", [1, 12])
def test_the_ends_of_a_sound_are_those_of_a_sound_between_silences(name: str, hops: int) -> None:
    """A file that starts 100 ms before its sound and one that starts earlier dream the same."""
    pack = load_pack(name)
    sound = _whistle(1.6)
    longer = np.pad(sound, hops * 1600)
    wanted = {"output": _direction(pack)}
    found = WindowedGradient(pack, len(sound), 1600).gradient(sound, wanted).gradient
    expected = WindowedGradient(pack, len(longer), 1600).gradient(longer, wanted).gradient
    np.testing.assert_allclose(
        found, expected[hops * 1600 : -hops * 1600], atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize("name", PACKS)
def test_near_silence_does_not_outweigh_the_sound(name: str) -> None:
    """Windows without the sound have a gradient 50 dB above the others'; the sum must not."""
    pack = load_pack(name)
    hiss = 1e-4 * np.random.default_rng(1).standard_normal(24_000)
    sound = np.concatenate((hiss.astype(np.float32), _whistle(2.0)))
    wanted = {"output": _direction(pack)}
    found = WindowedGradient(pack, len(sound), 1600).gradient(sound, wanted).gradient
    near_silent, loud = found[:8_000], found[30_000:50_000]
    assert near_silent.std() < 2 * loud.std()


def test_a_sound_shorter_than_a_window_is_followed_by_silence() -> None:
    pack = load_pack("samplecnn-instruments")
    sound = _sound(pack, 5000)
    padded = np.pad(sound, (0, pack.window - 5000))
    wanted = {"output": _direction(pack)}
    short = WindowedGradient(pack, 5000, 1600)
    assert short.windows == 1
    found = short.gradient(sound, wanted)
    expected = WindowedGradient(pack, pack.window, 1600).gradient(padded, wanted)
    np.testing.assert_allclose(found.gradient, expected.gradient[:5000], rtol=1e-5)
    np.testing.assert_array_equal(found.activations["conv5"], expected.activations["conv5"])


def test_it_hears_what_the_pack_hears() -> None:
    pack = load_pack("samplecnn-instruments")
    sound = _sound(pack, 2 * pack.window)
    network = WindowedGradient(pack, len(sound), 1600)
    heard = network.hear(sound)
    slope = network.gradient(sound, {"output": _direction(pack)})
    total = np.zeros(len(pack.classes))
    for start in range(0, network.windows * 1600, 1600):
        window = sound[start : start + pack.window]
        total += pack.hear(np.pad(window, (0, pack.window - len(window))))["output"][0, :, 0]
    np.testing.assert_allclose(heard["output"], total / network.windows, atol=1e-5)
    for name in pack.layers:
        np.testing.assert_allclose(slope.activations[name], heard[name], rtol=1e-3, atol=1e-4)


def test_a_gradient_that_is_no_number_counts_as_zero(damaged_pack: Path) -> None:
    sound = np.ones(4000, np.float32)
    slope = WindowedGradient(Pack(damaged_pack), 4000, 400).gradient(
        sound, {"output": np.array([0, 0, 1], np.float32)}
    )
    assert slope.broken == 13  # all that hold some of it: 1600 samples each, from -1200 to 3600
    assert not slope.gradient.any()
    assert np.isfinite(slope.activations["tones"]).all()


def test_a_layer_that_is_none_is_refused(toy_pack: Path) -> None:
    with pytest.raises(ModelError, match="tones"):
        WindowedGradient(Pack(toy_pack), 1600, 400).gradient(
            np.zeros(1600, np.float32), {"tone": np.zeros(3, np.float32)}
        )
