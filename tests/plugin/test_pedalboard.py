"""The VST3 in pedalboard, which renders offline: bit for bit what `render` makes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import innerear
from innerear.plugin.formats import FormatName

RATE = 48_000
SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, (2, RATE // 3)).astype(np.float32)


@pytest.fixture(scope="module")
def plugin(plugins: Mapping[FormatName, Path], require: Callable[..., None]) -> Any:
    require("pedalboard")
    import pedalboard

    return pedalboard.load_plugin(str(plugins[FormatName.VST3]))


def bounce(plugin: Any, sound: np.ndarray, rate: int = RATE, block_size: int = 512) -> np.ndarray:
    """Return the sound as the host bounces it, after its own compensation."""
    out: np.ndarray = plugin.process(sound, rate, buffer_size=block_size)
    return out


@pytest.mark.parametrize("block_size", [1, 32, 63, 512, 4096])
def test_a_mix_of_0_is_the_input_bit_for_bit(plugin: Any, block_size: int) -> None:
    plugin.mix = 0.0
    sound = SOUND[:, : max(2 * block_size, 1200)]
    np.testing.assert_array_equal(bounce(plugin, sound, block_size=block_size), sound)


@pytest.mark.parametrize("rate", [44_100, 192_000])
def test_every_rate_passes(plugin: Any, rate: int) -> None:
    plugin.mix = 0.0
    np.testing.assert_array_equal(bounce(plugin, SOUND, rate), SOUND)


@pytest.mark.parametrize(("channels", "block_size"), [(1, 63), (2, 512)])
def test_a_bounce_is_what_render_makes_bit_for_bit(
    plugin: Any, channels: int, block_size: int
) -> None:
    plugin.mix, plugin.amount, plugin.colour = 0.9, 1.3, 0.2
    sound = SOUND[:channels]
    values = {"mix": 0.9, "step": 1.3, "colour": 0.2}
    expected = innerear.render(sound, RATE, block_size=block_size, **values)
    out = bounce(plugin, sound, block_size=block_size)
    assert np.abs(out - sound).max() > 0.01
    np.testing.assert_array_equal(out, expected)


def test_the_latency_is_the_window_and_one_block(plugin: Any) -> None:
    bounce(plugin, SOUND[:, :2048], block_size=256)
    assert plugin.reported_latency_samples == 1023 + 256


def test_bypass_is_the_input_bit_for_bit(plugin: Any) -> None:
    plugin.mix, plugin.bypass = 1.0, True
    np.testing.assert_array_equal(bounce(plugin, SOUND), SOUND)
    plugin.bypass = False


def test_only_the_knobs_are_listed(plugin: Any) -> None:
    assert "feedback" in plugin.parameters
    assert len(plugin.parameters) < 40, "no MIDI controllers among them"
