"""The feed reads each sample once, with input and output aligned."""

from pathlib import Path

import numpy as np

from innerear.engine.ipc.shared_state import SoundMemory
from innerear.gui.views.feed import LONGEST_SECONDS, SoundFeed

RATE, LATENCY = 8000, 300


def _play(memory: SoundMemory, start: int, count: int) -> None:
    """Write numbers as sound: the output repeats the input LATENCY samples later."""
    numbers = np.arange(start, start + count, dtype=np.float32)[np.newaxis]
    memory.input.write(numbers)
    memory.dream.write(-numbers)
    memory.output.write(numbers - LATENCY)


def test_every_sample_is_read_once_and_input_and_output_are_aligned(tmp_path: Path) -> None:
    memory, feed = SoundMemory(tmp_path / "sound", 1, RATE, create=True), SoundFeed()
    _play(memory, 0, 1000)
    assert feed.take(memory, LATENCY).output.shape == (1, 0)
    _play(memory, 1000, 500)
    _play(memory, 1500, 20)
    new = feed.take(memory, LATENCY)
    np.testing.assert_array_equal(new.output[0], np.arange(1000, 1520) - LATENCY)
    np.testing.assert_array_equal(new.input, new.output)
    np.testing.assert_array_equal(new.dream[0], -np.arange(1000, 1520))
    assert feed.take(memory, LATENCY).input.size == 0


def test_after_a_long_pause_only_the_newest_is_read(tmp_path: Path) -> None:
    memory, feed = SoundMemory(tmp_path / "sound", 1, RATE, create=True), SoundFeed()
    feed.take(memory, LATENCY)
    for start in range(0, 20 * RATE, RATE):
        _play(memory, start, RATE)
    new = feed.take(memory, LATENCY)
    assert new.output.shape == (1, LONGEST_SECONDS * RATE)
    np.testing.assert_array_equal(new.input, new.output)


def test_another_memory_starts_again(tmp_path: Path) -> None:
    memory, feed = SoundMemory(tmp_path / "one", 1, RATE, create=True), SoundFeed()
    _play(memory, 0, 1000)
    feed.take(memory, 0)
    other = SoundMemory(tmp_path / "other", 2, RATE, create=True)
    assert feed.take(other, 0).input.shape == (2, 0)
