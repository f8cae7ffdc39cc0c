from pathlib import Path

import numpy as np
import pytest

from innerear.engine.dsp.resample import Resampler, resample, resample_blocks

RATES = [
    (48_000, 16_000), (44_100, 16_000), (16_000, 44_100), (16_000, 48_000), (8_000, 16_000),
    (192_000, 16_000), (16_000, 16_000), (11_025, 16_000), (44_101, 16_000),
]  # fmt: skip


@pytest.mark.parametrize(("input_rate", "output_rate"), RATES)
def test_chunks_do_not_matter_and_the_lag_is_exact(input_rate: int, output_rate: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(input_rate // 4).astype(np.float32)
    resampler = Resampler(input_rate, output_rate)
    whole = resampler.process(noise)
    resampler.reset()
    parts, at, given = [], 0, 0
    while at < len(noise):
        size = int(rng.integers(1, 500))
        parts.append(resampler.process(noise[at : at + size]))
        at, given = at + size, given + len(parts[-1])
        # Everything up to `lag` input samples ago has come out.
        received = min(at, len(noise))
        assert given >= (received - resampler.lag) * output_rate / input_rate
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize(("input_rate", "output_rate"), RATES)
def test_it_says_how_much_more_it_needs(input_rate: int, output_rate: int) -> None:
    rng = np.random.default_rng(0)
    resampler = Resampler(input_rate, output_rate)
    for count in (1, 400, *rng.integers(1, 500, 20)):
        needed = resampler.needed(int(count))
        given = len(resampler.process(np.ones(needed - 1, np.float32)))
        assert given < count
        given += len(resampler.process(np.ones(1, np.float32)))
        assert given >= count
        assert resampler.needed(1) > 0


@pytest.mark.parametrize(("input_rate", "output_rate"), RATES)
def test_a_tone_keeps_its_time_and_size(input_rate: int, output_rate: int) -> None:
    hertz = 0.35 * min(input_rate, output_rate)
    tone = np.sin(2 * np.pi * hertz * np.arange(input_rate) / input_rate).astype(np.float32)
    found = Resampler(input_rate, output_rate).process(tone)
    expected = np.sin(2 * np.pi * hertz * np.arange(len(found)) / output_rate)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=1e-3)


def test_what_the_lower_rate_cannot_hold_is_taken_out() -> None:
    tone = np.sin(2 * np.pi * 11_000 * np.arange(48_000) / 48_000).astype(np.float32)
    assert np.abs(Resampler(48_000, 16_000).process(tone)[500:]).max() < 1e-3


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_a_whole_sound_keeps_its_shape_and_time(channels: tuple[int, ...]) -> None:
    time = np.arange(44_100) / 44_100
    tone = np.broadcast_to(np.sin(2 * np.pi * 440 * time), (*channels, 44_100)).astype(np.float32)
    found = resample(tone, 44_100, 16_000)
    assert found.shape == (*channels, 16_000)
    assert found.dtype == np.float32
    expected = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(
        found[..., 500:-500], np.broadcast_to(expected[500:-500], (*channels, 15_000)), atol=1e-3
    )
    assert resample(tone, 44_100, 44_100) is tone


def test_blocks_of_a_sound_give_what_the_whole_does() -> None:
    noise = np.random.default_rng(0).standard_normal(30_000).astype(np.float32)
    pieces = np.split(noise, [1, 700, 9000, 9001])
    found = np.concatenate(list(resample_blocks(pieces, 48_000, 16_000)))
    np.testing.assert_allclose(found, resample(noise, 48_000, 16_000), atol=1e-6)
    assert list(resample_blocks(pieces, 16_000, 16_000)) == pieces


def test_nobody_else_calls_the_converter() -> None:
    checkout = Path(__file__).parents[3]
    folders = ("engine", "models", "exporters", "gui", "cli")
    found = [
        path.relative_to(checkout).as_posix()
        for folder in folders
        for path in (checkout / folder).rglob("*.py")
        if "import soxr" in path.read_text(encoding="utf-8")
    ]
    assert found == ["engine/dsp/resample.py"]
