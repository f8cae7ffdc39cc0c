"""Each compiled stage does what its twin in NumPy does, on sounds of all kinds and at the edges."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innerear.engine.kernel import dream, frames, level, loop, output, response, ring, values

compiled = pytest.importorskip("innerear.engine.kernel._compiled", reason="no compiler was there")

TWINS = {
    name: getattr(module, name)
    for module in (dream, frames, level, loop, output, response, ring, values)
    for name in compiled.STAGES
    if getattr(getattr(module, name, None), "__module__", "") == module.__name__
}
KINDS = ("noise", "silence", "faint", "loud", "clicks", "tone")
TOLERANCE = 1e-6
TINY, SILENCE = 1e-12, 1e-10
"""What callers pass; any numbers do."""

Arrays = list[np.ndarray]


def sound(rng: np.random.Generator, kind: str, *shape: int) -> np.ndarray:
    """Return a sound, float32, full scale at 1."""
    noise = rng.uniform(-1.0, 1.0, shape)
    made = {
        "noise": 0.1 * noise,
        "silence": 0.0 * noise,
        "faint": 1e-5 * noise,
        "loud": 4.0 * noise,
        "clicks": noise * (rng.random(shape) > 0.98),
        "tone": 0.5 * np.sin(0.07 * np.arange(shape[-1]) + rng.random()) * np.ones(shape),
    }[kind]
    return made.astype(np.float32)


def spectra(rng: np.random.Generator, kind: str, channels: int, n_fft: int) -> np.ndarray:
    """Return the spectra of a sound, complex64."""
    window = np.hanning(n_fft).astype(np.float32)
    return np.fft.rfft(sound(rng, kind, channels, n_fft) * window).astype(np.complex64)


def ring_buffer(rng: np.random.Generator, kind: str, channels: int, capacity: int) -> Arrays:
    """Return a ring buffer's samples and its end, at any place."""
    once = sound(rng, kind, channels, capacity)
    return [np.concatenate([once, once], axis=1), np.array([rng.integers(3 * capacity)])]


def agree(
    name: str,
    arrays: Arrays,
    *numbers: float,
    within: float = TOLERANCE,
    scale: float | Sequence[float] = 1e-30,
) -> Arrays:
    """Run both on copies; return what the compiled one has made of the arrays.

    Args:
        name: of the stage.
        arrays, numbers: that it takes.
        within: how far apart they may be, relative to the largest number of an array.
        scale: a number that was computed with, where it is larger: for all arrays, or for each.
    """
    mine, theirs = ([array.copy() for array in arrays] for _ in range(2))
    found = compiled.bind(name, *mine)(*numbers)
    expected = TWINS[name](*theirs, *numbers)
    assert found == pytest.approx(expected, rel=within, abs=within)
    scales = np.broadcast_to(scale, len(arrays))
    for one, other, least in zip(mine, theirs, scales, strict=True):
        largest = float(np.abs(other).max()) if other.size else 0.0
        np.testing.assert_allclose(one, other, rtol=within, atol=within * max(largest, least))
    return mine


seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
kinds = st.sampled_from(KINDS)
channels = st.integers(1, 3)
windows = st.sampled_from([8, 32, 256, 512, 1024, 4096])
counts = st.integers(1, 64)
gains = st.sampled_from([0.0, 0.3, 1.0, 1.7])
many = settings(max_examples=60)


def test_every_stage_has_a_twin_with_the_same_name() -> None:
    assert sorted(TWINS) == sorted(compiled.STAGES)


@many
@given(seeds, kinds, channels, st.integers(1, 40), counts)
def test_ring_write(
    rng: np.random.Generator, kind: str, channels: int, capacity: int, count: int
) -> None:
    chunk = sound(rng, kind, channels, min(count, capacity))
    agree("ring_write", [*ring_buffer(rng, kind, channels, capacity), chunk])
    agree("ring_write", [*ring_buffer(rng, kind, channels, capacity), chunk[:1]])


def test_a_chunk_may_have_any_strides() -> None:
    frames_first = np.arange(12, dtype=np.float32).reshape(6, 2)
    samples, end = np.zeros((2, 16), np.float32), np.zeros(1, np.int64)
    compiled.bind("ring_write", samples, end)(frames_first.T)
    np.testing.assert_array_equal(samples[:, :6], frames_first.T)


@many
@given(seeds, channels, counts, st.sampled_from([None, math.nan, math.inf, -math.inf]))
def test_is_finite(
    rng: np.random.Generator, channels: int, count: int, value: float | None
) -> None:
    block = sound(rng, "loud", channels, count)
    if value is not None:
        block[rng.integers(channels), rng.integers(count)] = value
    assert compiled.bind("is_finite")(block) == ring.is_finite(block) == float(value is None)


@pytest.mark.parametrize(
    ("value", "finite"),
    [(0.0, True), (1.0, True), (1e-40, True), (3e38, True), (np.nan, False), (-np.inf, False)],
)
def test_what_is_finite_is_told_apart_even_where_its_square_is_not(
    value: float, finite: bool
) -> None:
    array = np.full((2, 5), 0.5, np.float32)
    array[1, 3] = value
    for run in (compiled.bind("is_finite"), ring.is_finite):
        assert run(array) == run(array.T) == float(finite)
        assert run(array[:0]) == 1.0


@many
@given(seeds, kinds, channels, counts, st.tuples(*[gains] * 4))
def test_take_in(
    rng: np.random.Generator, kind: str, channels: int, count: int, levels: tuple[float, ...]
) -> None:
    rings = [part for _ in range(3) for part in ring_buffer(rng, kind, channels, 100)]
    pair = [sound(rng, each, channels, count) for each in (kind, "noise")]
    agree("take_in", [*rings, *pair], *levels, 3, 3 + count)


@many
@given(seeds, kinds, channels, windows)
def test_analyse(rng: np.random.Generator, kind: str, channels: int, n_fft: int) -> None:
    window = np.hanning(n_fft).astype(np.float32)
    spectrum = np.zeros((channels, n_fft // 2 + 1), np.complex64)
    frame = sound(rng, kind, channels, n_fft)
    agree("analyse", [window, frames.turns(n_fft), frame, spectrum])


@many
@given(seeds, kinds, channels, windows, gains)
def test_add_loud_bins(
    rng: np.random.Generator, kind: str, channels: int, n_fft: int, step: float
) -> None:
    dream = spectra(rng, kind, channels, n_fft)
    agree("add_loud_bins", [dream, np.zeros_like(dream)], step, 0.0316, TINY)


def test_loud_bins_of_frames_longer_than_a_streams() -> None:
    dream = spectra(np.random.default_rng(1), "noise", 2, 6144)
    agree("add_loud_bins", [dream, np.zeros_like(dream)], 0.7, 0.0316, TINY)


@many
@given(seeds, kinds, channels, windows, st.booleans(), st.sampled_from([0.1, 1.0, 30.0]))
def test_add_frame(
    rng: np.random.Generator, kind: str, channels: int, n_fft: int, is_filter: bool, much: float
) -> None:
    window = np.hanning(n_fft).astype(np.float32)
    arrays = [
        frames.turns(n_fft),
        window / np.float32(1.5),
        window**2 / np.float32(1.5),
        sound(rng, "noise", channels, n_fft),
        rng.uniform(0.5, 2.0, (channels, 1)).astype(np.float32),
        np.complex64(much) * spectra(rng, kind, channels, n_fft),
        sound(rng, "noise", channels, n_fft),
        np.zeros((channels, n_fft // 4), np.float32),
    ]
    agree("add_frame", arrays, is_filter, 1.41, TINY, scale=much)


def test_what_is_not_finite_is_told() -> None:
    zeros = np.zeros((2, 32), np.float32)
    change = np.full((2, 17), np.nan, np.complex64)
    arrays = [frames.turns(32), zeros[0] + 1, zeros[0], zeros.copy(), zeros[:, :1], change, zeros]
    finished = np.zeros((2, 8), np.float32)
    for is_filter in (0, 1):
        assert compiled.bind("add_frame", *arrays, finished)(is_filter, 1.4, TINY) == 0.0


@many
@given(seeds, kinds, kinds, channels, counts)
def test_share_within_peak(
    rng: np.random.Generator, kind: str, other: str, channels: int, count: int
) -> None:
    pair = [sound(rng, each, channels, count) for each in (kind, other)]
    agree("share_within_peak", [*pair, np.zeros((channels, 1), np.float32)], 1.41, TINY)


def level_state(rng: np.random.Generator, channels: int) -> Arrays:
    return [
        rng.uniform(0.0, 0.3, (2, channels)),
        rng.uniform(0.0, 0.3, (1, channels)),
        rng.uniform(0.0, 0.3, (2, channels)),
        rng.uniform(0.0, 0.3, (2, channels)),
        rng.uniform(0.5, 2.0, (2, channels)),
        rng.uniform(0.5, 2.0, (channels, 1)).astype(np.float32),
        rng.uniform(1.0, 2.0, (channels, 1)).astype(np.float32),
    ]


@many
@given(seeds, kinds, kinds, channels, counts, st.booleans())
def test_level_match(
    rng: np.random.Generator, kind: str, other: str, channels: int, count: int, fresh: bool
) -> None:
    powers, peaks, before, after, applied, gain, lift = level_state(rng, channels)
    if fresh:
        for array in (powers, peaks, before, after):
            array.fill(0.0)
    pair = [sound(rng, each, channels, count) for each in (kind, other)]
    agree("evened", [powers, *pair], 0.999, SILENCE, 1.12, 4.0)
    agree("risen_less", [powers, *pair, lift], 0.999, SILENCE, 1.26)
    agree("within_peaks", [peaks, *pair], 0.9996, 1.41)
    following = 0.96, 0.99, 4.0, 1.41, SILENCE
    agree("follow", [before, after, applied, gain, *pair], *following)
    state = [powers, peaks, before, after, applied, gain, lift]
    numbers = 0.999, SILENCE, 1.26, 0.9996, 1.41, *following[:4]
    # What is left of a change is a difference: relative to the sound, not to itself.
    mine = agree("match_change", [*state, *pair], *numbers, within=1e-5)
    assert np.isfinite(mine[-1]).all()


@many
@given(seeds, kinds, channels, counts, st.sampled_from([0.0, 0.5, 3.0]))
def test_limit(
    rng: np.random.Generator, kind: str, channels: int, count: int, envelope: float
) -> None:
    block = sound(rng, kind, channels, count)
    _, limited = agree("limit", [np.array([[envelope, 2.0]]), block], 0.9885, 0.9998)
    assert np.abs(limited).max() <= np.float32(0.9885)


@many
@given(
    seeds,
    kinds,
    channels,
    counts,
    st.tuples(*[gains] * 8),
    st.sampled_from([(1.0, 0.0), (0.4, -0.02), (0.0, 0.0), (0.2, 0.02)]),
    st.sampled_from([(5, 5), (5, 0), (0, 30)]),
)
def test_mix_down(
    rng: np.random.Generator,
    kind: str,
    channels: int,
    count: int,
    levels: tuple[float, ...],
    fade: tuple[float, float],
    delays: tuple[int, int],
) -> None:
    rings = [part for _ in range(3) for part in ring_buffer(rng, kind, channels, 100)]
    change = sound(rng, "noise", channels, count)
    out = [np.zeros_like(change), np.zeros_like(change)]
    arrays = [*rings, np.zeros((1, 2)), change, *out]
    settled = (1.0, 1.0, 0.0, 0.0)
    for gate in (fade, (1.0, 0.0)):
        agree(
            "mix_down", arrays, 3, 3 + count, *delays, *fade, *gate, *levels, 0.9998, 0.9885, 0.05
        )
        agree(
            "mix_down",
            arrays,
            *(3, 3 + count, *delays, 1.0, 0.0, *gate),
            *(*levels[:4], *settled[2:], *settled[:2]),
            *(0.9998, 0.9885, 0.05),
        )


def test_bypassed_and_dry_sound_pass_bit_for_bit() -> None:
    rng = np.random.default_rng(3)
    rings = [part for _ in range(3) for part in ring_buffer(rng, "noise", 2, 64)]
    change = sound(rng, "noise", 2, 16)
    for mix, bypass, kept in ((0.7, 1.0, 0), (0.0, 0.0, 2)):
        out, added = np.zeros_like(change), np.zeros_like(change)
        arrays = [*rings, np.zeros((1, 2)), change, out, added]
        compiled.bind("mix_down", *arrays)(
            *(0, 16, 7, 7, 1.0, 0.0, 1.0, 0.0, mix, mix, 1.0, 1.0, bypass, bypass, 1.0, 1.0),
            *(0.9998, 0.9885, 0.05),
        )
        samples, end = rings[kept], int(rings[kept + 1][0])
        at = (end - 7 - 16) % 64
        np.testing.assert_array_equal(out, samples[:, at : at + 16])


@many
@given(seeds, kinds, kinds, channels, counts, st.integers(1, 9))
def test_close_loop(
    rng: np.random.Generator, kind: str, other: str, channels: int, count: int, hops: int
) -> None:
    trio = [sound(rng, each, channels, count) for each in (kind, other, kind)]
    energies, at = rng.uniform(0.0, 3.0, (2, hops)), np.array([rng.integers(hops)])
    state = [*ring_buffer(rng, kind, channels, 80), energies, at, rng.uniform(0.0, 9.0, 1)]
    scale = [*4 * [1e-30], 9.0, *3 * [1e-30]]  # what is left of like energies is rounding
    behind = int(rng.integers(hops))
    smeared = int(rng.integers(hops - behind))
    agree("close_loop", [*state, *trio], 0.95, 1e-15, behind, smeared, scale=scale)


@many
@given(seeds, kinds, channels, counts, st.floats(0.0, 1.0))
def test_mono_and_smoothing(
    rng: np.random.Generator, kind: str, channels: int, count: int, kept: float
) -> None:
    agree("mix_to_mono", [sound(rng, kind, channels, count), np.zeros((1, count), np.float32)])
    held, wanted, spectrum = (sound(rng, each, count) for each in ("noise", "noise", kind))
    agree("approach", [held, wanted, spectrum], kept)
    agree("approach", [held, wanted, wanted], kept)


@many
@given(seeds, kinds, channels, windows, st.sampled_from([1e-3, 0.4, 1.0, 2.0]), st.booleans())
def test_shape_by_filter(
    rng: np.random.Generator, kind: str, channels: int, n_fft: int, step: float, strong: bool
) -> None:
    sounding = spectra(rng, kind, channels, n_fft)
    bins = sounding.shape[1]
    coverage = np.clip(np.linspace(3.0, 0.0, bins), 0.0, 1.0).astype(np.float32)
    held = (3.0 if strong else 0.3) * rng.standard_normal(bins).astype(np.float32)
    kept = np.zeros((channels, bins), np.float32)
    arrays = [coverage, np.floor(coverage), held, sounding, np.zeros_like(sounding), kept]
    scale = [0.0, 0.0, 0.0, 0.0, float(np.abs(sounding).max()), 0.0]  # a dream is a share of it
    for fade, wanted in ((1.0, step), (0.5, step), (1.0, 0.0)):
        # Exponentials of single precision: some units in the last place on either side, which
        # a small step enlarges.
        numbers = fade, step, wanted, 3.4, 1e-3 * bins, 1e-20
        agree("shape_by_filter", arrays, *numbers, within=4e-6 * max(1.0, 1.0 / step), scale=scale)


def test_a_filter_that_takes_all_sounding_bins_away_keeps_the_level_alike() -> None:
    inside, held = np.array([1.0, 1.0, 0.0], np.float32), np.full(3, -5.5, np.float32)
    sounding = np.array([[3.0, 1.0j, 0.0]], np.complex64)
    arrays = [inside, inside, held, sounding, np.zeros_like(sounding), np.zeros((1, 3), np.float32)]
    kept = agree("shape_by_filter", arrays, 1.0, 1.0, 1.0, 3.4, 1e-6, 1e-20)[-1]
    np.testing.assert_allclose(kept[0, :2], 0.0, atol=2e-6)


@many
@given(seeds, kinds, kinds, channels, windows, st.sampled_from([-1.0, 0.0, 0.3]))
def test_add_tape(
    rng: np.random.Generator, kind: str, other: str, channels: int, n_fft: int, held: float
) -> None:
    sounding, frame = spectra(rng, kind, channels, n_fft), spectra(rng, other, 1, n_fft)
    dreaming = spectra(rng, "noise", channels, n_fft)
    arrays = [sounding, frame, np.zeros_like(sounding), dreaming]
    agree("add_tape", arrays, max(1, n_fft // 3), TINY, 0.5, held)


@many
@given(seeds, kinds, channels, counts, st.integers(1, 4), st.booleans())
def test_deal_out(
    rng: np.random.Generator, kind: str, channels: int, count: int, outputs: int, turned: bool
) -> None:
    played = sound(rng, kind, channels, count)
    route = np.arange(outputs) % channels
    sink = np.zeros((count, outputs), np.float32, order="F" if turned else "C")
    compiled.bind("deal_out")(played, route, sink)
    np.testing.assert_array_equal(sink, played[route].T)
    agree("deal_out", [played, route, sink])


@many
@given(seeds, st.sampled_from([1, 2, 7, 64, 256]), counts)
def test_zero_input_response(rng: np.random.Generator, order: int, count: int) -> None:
    """To the last bit: the filters of a dream take steps of one size, and differences grow."""
    poles = rng.uniform(-1.0, 1.0, order) / order  # below 1 together: it decays
    arrays = [np.concatenate(([1.0], poles)), rng.standard_normal(order), np.zeros(count)]
    agree("zero_input_response", arrays, within=0.0)


def test_count_changes() -> None:
    numbers, heads = np.array([[0.5, np.nan, 0.0]]), np.array([[3], [4]])
    other_heads = np.array([[3], [5]])
    arrays = [np.zeros(1, np.int64), np.zeros((1, 3)), np.zeros((1, 2), np.int64), numbers, heads]
    for run in (
        compiled.bind("count_changes", *(array.copy() for array in arrays[:3])),
        partial(values.count_changes, *(array.copy() for array in arrays[:3])),
    ):
        assert [run(numbers, heads), run(numbers, heads)] == [1.0, 1.0]
        assert run(-numbers, heads) == 2.0  # also where a zero changes its sign
        assert run(-numbers, other_heads) == 3.0
        assert run(-numbers, other_heads) == 3.0
