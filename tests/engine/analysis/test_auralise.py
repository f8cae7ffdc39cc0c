"""What one feature map passes of a sound, against plain loops over the pack's own weights."""

import itertools
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

import innerear
from innerear.engine.analysis.auralise import auralise, auralise_units, find_unit
from innerear.engine.analysis.onsets import activations_over_time
from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs.pack import Pack

from ...thinning import thinned

RULES = ("gradient", "deconv", "guided")
UNITS = ((1, 1), (2, 5), (3, 7), (5, 11))
Array = np.ndarray[Any, np.dtype[np.float64]]


# The reference: written from the papers, in float64, with nothing of the package but the weights.


def read_weights(folder: Path) -> dict[str, Array]:
    """Read a safetensors file by hand: a length, a JSON table, then numbers."""
    content = (folder / "weights.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    table = json.loads(content[8 : 8 + length])
    table.pop("__metadata__", None)
    weights = {}
    for name, told in table.items():
        start, end = told["data_offsets"]
        kind = {"F32": "<f4", "I64": "<i8"}[told["dtype"]]
        numbers = np.frombuffer(content[8 + length + start : 8 + length + end], kind)
        weights[name] = numbers.astype(np.float64).reshape(told["shape"])
    return weights


def at_one_level(waveform: Array) -> Array:
    return waveform / np.sqrt(np.mean(waveform**2) + 1e-7)


def compressed_spectrogram(waveform: Array) -> Array:
    """Return log(1 + 10 |STFT|), (257, frames): 512 samples every 256."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = []
    for start in range(0, len(waveform) - 511, 256):
        frames.append(np.abs(np.fft.rfft(window * waveform[start : start + 512])))
    return np.log(1 + 10 * np.array(frames).T)


def convolve(maps: Array, weight: Array) -> Array:
    """Convolve (inputs, height, width) as networks do, the size kept (even kernels shrink it)."""
    outputs, inputs, high, wide = weight.shape
    padded = np.pad(maps, ((0, 0), (high // 2,) * 2, (wide // 2,) * 2))
    return np.array(
        [
            sum(correlate2d(padded[i], weight[o, i], mode="valid") for i in range(inputs))
            for o in range(outputs)
        ]
    )


def convolve_back(signal: Array, weight: Array, size: tuple[int, int]) -> Array:
    """Add each number's share to every sample that it was made from."""
    _, inputs, high, wide = weight.shape
    padded = np.zeros((inputs, size[0] + high // 2 * 2, size[1] + wide // 2 * 2))
    rows, columns = signal.shape[1:]
    for row in range(high):
        for column in range(wide):
            share = np.tensordot(weight[:, :, row, column].T, signal, 1)
            padded[:, row : row + rows, column : column + columns] += share
    return padded[:, high // 2 : high // 2 + size[0], wide // 2 : wide // 2 + size[1]]


def pool(maps: Array, high: int, wide: int) -> tuple[Array, list[tuple[int, ...]]]:
    """Return the maxima, and the place that each came from: the switches."""
    units, rows, columns = maps.shape
    pooled = np.zeros((units, rows // high, columns // wide))
    switches = []
    for place in np.ndindex(pooled.shape):
        unit, row, column = place
        block = maps[unit, row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        down, right = divmod(int(np.argmax(block)), wide)
        pooled[place] = block[down, right]
        switches.append((unit, row * high + down, column * wide + right))
    return pooled, switches


def unpool(signal: Array, switches: list[tuple[int, ...]], shape: tuple[int, ...]) -> Array:
    spread = np.zeros(shape)
    for place, number in zip(switches, signal.ravel(), strict=True):
        spread[place] = number
    return spread


def pass_relu(signal: Array, taken: Array, rule: str) -> Array:
    if rule == "gradient":
        return np.where(taken > 0, signal, 0)
    if rule == "deconv":
        return np.where(signal > 0, signal, 0)
    return np.where((taken > 0) & (signal > 0), signal, 0)


def blocks_of(weights: dict[str, Array], layer: int) -> tuple[Array, Array]:
    """Return kernel and offset of a convolution with its batch normalisation."""
    name = f"blocks.conv{layer}"
    scale = weights[f"{name}.1.weight"] / np.sqrt(weights[f"{name}.1.running_var"] + 1e-5)
    kernel = weights[f"{name}.0.weight"]
    kernel = kernel[:, :, None, :] if kernel.ndim == 3 else kernel
    offset = weights[f"{name}.1.bias"] - weights[f"{name}.1.running_mean"] * scale
    return kernel * scale[:, None, None, None], offset[:, None, None]


def deconvolve(image: Array, weights: dict[str, Array], depth: int, unit: int, rule: str) -> Array:
    """Keep one map of blocks of [convolution, 2x2 pooling, ReLU] and go back to the image."""
    maps, steps = image[None], []
    for layer in range(1, depth + 1):
        kernel, offset = blocks_of(weights, layer)
        convolved = convolve(maps, kernel) + offset
        pooled, switches = pool(convolved, 2, 2)
        steps.append((kernel, maps.shape[1:], convolved.shape, switches, pooled))
        maps = np.maximum(pooled, 0)
    signal = np.zeros_like(maps)
    signal[unit] = maps[unit]
    for kernel, size, shape, switches, taken in reversed(steps):
        signal = unpool(pass_relu(signal, taken, rule), switches, shape)
        signal = convolve_back(signal, kernel, size)
    return signal[0]


def music(seconds: float, sample_rate: int, seed: int = 0) -> Array:
    """Return plucked tones with noise, at about a tenth of full scale."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    sound = 0.01 * np.random.default_rng(seed).standard_normal(len(time))
    for number, hertz in enumerate((220, 330, 277, 440, 554)):
        since = time - 0.3 * number
        for partial in (1, 2, 3, 4):
            tone = np.sin(2 * np.pi * hertz * partial * since) * np.exp(-4 * np.maximum(since, 0))
            sound += 0.1 / partial * np.where(since > 0, tone, 0)
    return sound


def difference(found: Any, expected: Any) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@pytest.fixture(scope="module")
def spectral() -> Pack:
    return innerear.load("stftcnn-instruments")


@pytest.fixture(scope="module")
def wavy() -> Pack:
    return innerear.load("samplecnn-digits")


@pytest.mark.parametrize(
    ("layer", "unit", "rule"),
    thinned(
        [(*unit, rule) for unit in UNITS for rule in RULES],
        [(*unit, rule) for unit, rule in zip(UNITS, RULES, strict=False)],  # the deepest is slow
    ),
)
def test_deconvolution_on_a_spectrogram_is_that_of_plain_loops(
    spectral: Pack, layer: int, unit: int, rule: Any
) -> None:
    waveform = music(2, 16_000)[4000 : 4000 + spectral.window].astype(np.float32)
    image = compressed_spectrogram(at_one_level(waveform.astype(np.float64)))
    weights = read_weights(spectral.folder)
    expected = deconvolve(image, weights, layer, unit, rule)
    graph = spectral.auraliser()
    assert graph.spectrum == (512, 256)
    kept = np.eye(spectral.layers[f"conv{layer}"].units, dtype=np.float32)[unit]
    found = graph.run(waveform, {f"conv{layer}": kept}, rule)
    assert found.shape == (1, 257, 64)
    assert np.abs(expected).max() > 0
    assert difference(found[0], expected) < 1e-4


@pytest.mark.parametrize("rule", thinned(RULES, ["deconv"]))
def test_deconvolution_with_an_even_kernel_is_that_of_plain_loops(rule: Any) -> None:
    pack = innerear.load("stftcnn12-instruments")
    waveform = music(2, 16_000, 1)[: pack.window].astype(np.float32)
    image = compressed_spectrogram(at_one_level(waveform.astype(np.float64)))
    expected = deconvolve(image, read_weights(pack.folder), 2, 3, rule)
    kept = np.eye(pack.layers["conv2"].units, dtype=np.float32)[3]
    assert difference(pack.auraliser().run(waveform, {"conv2": kept}, rule)[0], expected) < 1e-4


@pytest.mark.parametrize(
    ("depth", "rule"), thinned(itertools.product([1, 3], RULES), [(1, "gradient"), (3, "guided")])
)
def test_deconvolution_on_a_waveform_is_that_of_plain_loops(
    wavy: Pack, depth: int, rule: Any
) -> None:
    waveform = music(2, 16_000, 2)[: wavy.window].astype(np.float32)
    level = at_one_level(waveform.astype(np.float64))
    weights = read_weights(wavy.folder)
    kernel, offset = blocks_of(weights, 1)
    # The first convolution steps by 3, its own length: a product with pieces.
    pieces = level.reshape(-1, 3)
    taken = pieces @ kernel[:, 0, 0].T + offset[:, 0].T
    maps, steps = np.maximum(taken, 0).T[:, None], []
    for layer in range(2, depth + 1):
        each, more = blocks_of(weights, layer)
        convolved = np.stack([convolve(maps, each)[:, 0]], axis=1) + more
        pooled, switches = pool(convolved, 1, 3)
        steps.append((each, maps.shape[1:], convolved.shape, switches, pooled))
        maps = np.maximum(pooled, 0)
    signal = np.zeros_like(maps)
    signal[4] = maps[4]
    for each, size, shape, switches, pooled in reversed(steps):
        signal = unpool(pass_relu(signal, pooled, rule), switches, shape)
        signal = convolve_back(signal, each, size)
    expected = (pass_relu(signal[:, 0].T, taken, rule) @ kernel[:, 0, 0]).ravel()
    graph = wavy.auraliser()
    assert graph.spectrum is None
    kept = np.eye(wavy.layers[f"conv{depth}"].units, dtype=np.float32)[4]
    found = graph.run(waveform, {f"conv{depth}": kept}, rule)[0]
    assert difference(found, expected) < 1e-4


def masked(sound: Array, mask: Array) -> Array:
    """Multiply a sound's spectrum by a mask; frame k is centred on sample 256 k."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = mask.shape[1]
    padded = np.zeros(256 * frames + 512)
    padded[256 : 256 + len(sound)] = sound
    total, weight = np.zeros_like(padded), np.zeros_like(padded)
    for frame in range(frames):
        place = slice(256 * frame, 256 * frame + 512)
        spectrum = np.fft.rfft(window * padded[place]) * mask[:, frame]
        total[place] += window * np.fft.irfft(spectrum)
        weight[place] += window**2
    return (total / np.maximum(weight, 1e-9))[256 : 256 + len(sound)]


def stitched(pieces: list[Array], step: int, size: int) -> Array:
    """Fade windows into one another; each weighs most in its middle."""
    length = pieces[0].shape[-1]
    fade = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, length + 1) / (length + 1))
    total = np.zeros((*pieces[0].shape[:-1], step * len(pieces) + length))
    weight = np.zeros(total.shape[-1])
    for number, piece in enumerate(pieces):
        total[..., number * step : number * step + length] += piece * fade
        weight[number * step : number * step + length] += fade
    return total[..., :size] / weight[:size]


@pytest.mark.parametrize("rule", RULES)
def test_a_whole_sound_is_masked_as_plain_loops_do(spectral: Pack, rule: Any) -> None:
    sound = music(2.3, 16_000, 3).astype(np.float32)
    graph = spectral.auraliser()
    kept = np.eye(24, dtype=np.float32)[5]
    padded = np.pad(sound, (256, 3 * spectral.window))
    frames = -(-(len(sound) + 256) // 256)
    # Windows of 64 frames, 32 apart, until every frame is in one.
    pieces = [
        graph.run(padded[256 * first : 256 * first + spectral.window], {"conv2": kept}, rule)[0]
        for first in range(0, frames - 32, 32)
    ]
    mask = stitched([piece.astype(np.float64) for piece in pieces], 32, frames)
    mask /= np.abs(mask).max()
    expected = masked(sound.astype(np.float64), mask)
    found = auralise(sound, 16_000, spectral, "conv2", 5, rule).sound
    assert difference(found, expected) < 1e-4


def test_on_a_waveform_the_mask_is_the_spectrum_of_what_came_back(wavy: Pack) -> None:
    sound = music(2.5, 16_000, 4).astype(np.float32)
    graph = wavy.auraliser()
    kept = np.eye(32, dtype=np.float32)[9]
    step = wavy.window // 2
    padded = np.pad(sound, (0, 3 * wavy.window))
    pieces = [
        graph.run(padded[start : start + wavy.window], {"conv3": kept})[0]
        for start in range(0, len(sound) - step, step)
    ]
    brought_back = stitched([piece.astype(np.float64) for piece in pieces], step, len(sound))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = np.pad(brought_back, (256, 1024))
    count = -(-(len(sound) + 256) // 256)
    mask = np.array(
        [np.abs(np.fft.rfft(window * frames[256 * k : 256 * k + 512])) for k in range(count)]
    ).T
    expected = masked(sound.astype(np.float64), mask / mask.max())
    assert difference(auralise(sound, 16_000, wavy, "conv3", 9).sound, expected) < 1e-4


def test_all_units_at_once_are_each_alone(spectral: Pack) -> None:
    sound = music(1.5, 16_000).astype(np.float32)[None]
    together = list(auralise_units(sound, 16_000, spectral, "conv1", range(12)))
    assert [each.unit for each in together] == list(range(12))
    for each in (together[0], together[11]):
        alone = auralise(sound, 16_000, spectral, "conv1", each.unit).sound
        np.testing.assert_allclose(each.sound, alone, atol=1e-6)
        assert np.abs(each.mask).max() == 1


@pytest.mark.parametrize(
    ("name", "layer"),
    [("cqtcnn-instruments", "conv2"), ("crnn-instruments", "conv3"),
     ("wavelet-instruments", "wavelets"), ("samplecnn-instruments", "output")],
)  # fmt: skip
def test_every_kind_of_network_auralises_at_any_rate(name: str, layer: str) -> None:
    sound = np.stack([music(1.3, 44_100), 0.5 * music(1.3, 44_100, 1)]).astype(np.float32)
    result = auralise(sound, 44_100, innerear.load(name), layer, 2).sound
    assert result.shape == sound.shape
    assert result.dtype == np.float32
    assert 0 < np.abs(result).max() <= np.abs(sound).max()
    # The network hears nothing above half its rate.
    levels = np.abs(np.fft.rfft(result[0] * np.hanning(sound.shape[1])))
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / 44_100)
    assert levels[hertz > 8500].max() < 1e-3 * levels.max()


def test_a_class_is_found_by_its_name(spectral: Pack) -> None:
    assert find_unit(spectral, "output", "brass") == spectral.classes.index("Brass")
    assert find_unit(spectral, "conv1", "7") == 7
    with pytest.raises(ModelError, match="Did you mean Brass"):
        find_unit(spectral, "output", "brase")


def test_silence_gives_silence(spectral: Pack, wavy: Pack) -> None:
    for pack in (spectral, wavy):
        result = auralise(np.zeros(20_000), 16_000, pack, "conv1", 0).sound
        assert result.shape == (20_000,)
        assert not result.any()


@pytest.mark.parametrize("samples", [1, 300, 5000])
def test_a_sound_shorter_than_a_window_is_followed_by_silence(
    spectral: Pack, wavy: Pack, samples: int
) -> None:
    sound = music(1, 16_000, 5)[:samples].astype(np.float32)
    for pack in (spectral, wavy):
        result = auralise(sound, 16_000, pack, "conv2", 5).sound
        assert result.shape == (samples,)
        assert np.isfinite(result).all()


def test_what_cannot_be_is_refused(spectral: Pack) -> None:
    sound = np.zeros(2000, np.float32)
    with pytest.raises(ModelError, match="no layer 'conv9'"):
        auralise(sound, 16_000, spectral, "conv9", 0)
    for unit in (12, -1, "12"):
        with pytest.raises(ModelError, match="units 0 to 11"):
            auralise(sound, 16_000, spectral, "conv1", unit)
    for unit in ("Brass", "\N{SUPERSCRIPT TWO}", "1.5", ""):
        with pytest.raises(ModelError, match=f"units 0 to 11, not '{unit}'"):
            auralise(sound, 16_000, spectral, "conv1", unit)
    with pytest.raises(ParameterError, match=r"no rule 'deconf'.*deconv"):
        auralise(sound, 16_000, spectral, "conv1", 0, "deconf")
    with pytest.raises(ParameterError, match="NaN"):
        auralise(np.full(2000, np.nan), 16_000, spectral, "conv1", 0)
    for empty in (np.zeros(0), np.zeros((0, 5)), np.zeros((2, 2, 2))):
        with pytest.raises(ParameterError, match="not empty"):
            auralise(empty, 16_000, spectral, "conv1", 0)


def test_a_pack_without_the_graph_says_what_to_do(toy_pack: Path) -> None:
    with pytest.raises(ModelError, match=r"has no auralise\.onnx"):
        auralise(np.ones(2000), 16_000, innerear.load(toy_pack), "tones", 0)


def test_by_default_the_most_active_unit_before_the_output_is_heard(spectral: Pack) -> None:
    sound = np.random.default_rng(2).uniform(-0.5, 0.5, 9000).astype(np.float32)
    found = auralise(sound, 16_000, spectral)
    activations = activations_over_time(sound, 16_000, spectral, found.layer)
    assert (found.layer, found.sample_rate) == ([*spectral.layers][-2], 16_000)
    assert found.unit == activations.mean(axis=1).argmax()
    np.testing.assert_array_equal(np.asarray(found), found.sound)
