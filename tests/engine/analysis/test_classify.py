"""Listening: windows cover the sound, however it arrives, at the rate of the network."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.analysis.classify import hear, hear_stream
from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.packs.pack import Pack

RATE = 16_000


class LoudnessPack:
    """Hears how loud a window is (`Loud`), and its last sample (`Last`), in closed form."""

    name = "loudness"
    sample_rate = RATE
    classes = ("Loud", "Last")

    def __init__(self, window: int = 1000, hop: int = 250) -> None:
        self.window = window
        self.hop = hop
        self.batches: list[int] = []
        self.layers = {
            "frames": LayerInfo(name="frames", units=1, hop=window // 4, receptive_field=1),
            "output": LayerInfo(name="output", units=2, hop=window, receptive_field=window),
        }

    def single_threaded(self) -> "LoudnessPack":
        return self

    def hear(self, waveform: np.ndarray) -> dict[str, np.ndarray]:
        assert waveform.shape[1] == self.window
        self.batches.append(len(waveform))
        loud = np.abs(waveform).mean(axis=1)
        output = np.stack((loud, waveform[:, -1]), axis=1)[:, :, np.newaxis]
        frames = np.abs(waveform).reshape(len(waveform), 1, 4, -1).mean(axis=3)
        return {"frames": frames, "output": output}


def blocks(sound: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, sound.shape[1], size):
        yield sound[:, start : start + size]


def ramp(samples: int, channels: int = 1) -> np.ndarray:
    return np.tile(np.arange(1, samples + 1, dtype=np.float32) / samples, (channels, 1))


@pytest.mark.parametrize(
    ("samples", "windows"),
    [(1, 1), (999, 1), (1000, 1), (1001, 2), (1250, 2), (1251, 3), (3000, 9)],
)
def test_windows_start_every_hop_until_all_of_the_sound_is_in_one(
    samples: int, windows: int
) -> None:
    sound = ramp(samples)
    heard = hear_stream(blocks(sound, 128), RATE, LoudnessPack())
    assert heard.scores.shape == (windows, 2)
    np.testing.assert_allclose(heard.times, np.arange(windows) * 250 / RATE)
    padded = np.pad(sound[0], (0, 1000))
    for row, scores in enumerate(heard.scores):
        np.testing.assert_allclose(scores[0], padded[row * 250 :][:1000].mean(), rtol=1e-5)
        np.testing.assert_allclose(scores[1], padded[row * 250 + 999], rtol=1e-5)


@pytest.mark.parametrize("hop", [1000, 1500])
def test_windows_may_stand_apart(hop: int) -> None:
    heard = hear_stream(blocks(ramp(4000), 128), RATE, LoudnessPack(hop=hop))
    assert len(heard.scores) == {1000: 4, 1500: 3}[hop]
    np.testing.assert_allclose(heard.scores[:2, 1], [0.25, (hop + 1000) / 4000], rtol=1e-5)


@pytest.mark.parametrize("sample_rate", [8_000, 16_000, 44_100, 192_000])
def test_the_block_size_changes_nothing(sample_rate: int) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (2, sample_rate)).astype(np.float32)
    whole = hear_stream(blocks(noise, sample_rate), sample_rate, LoudnessPack())
    for size in (17, 4096):
        parts = hear_stream(blocks(noise, size), sample_rate, LoudnessPack())
        np.testing.assert_array_equal(parts.scores, whole.scores)
    assert whole.duration_seconds == 1
    assert len(whole.times) == 1 + (16_000 - 1000) // 250


def test_channels_are_mixed_to_one() -> None:
    sound = ramp(2000)
    opposite = np.concatenate((sound, -sound))
    assert hear_stream([opposite], RATE, LoudnessPack()).scores.max() == 0


def test_a_high_rate_and_a_single_sample_still_make_a_window() -> None:
    heard = hear_stream([np.ones((1, 1), np.float32)], 192_000, LoudnessPack())
    assert heard.scores.shape == (1, 2)
    assert np.isfinite(heard.scores).all()


def test_a_layer_is_listened_to_besides() -> None:
    pack = LoudnessPack()
    heard = hear_stream([ramp(3000)], RATE, pack, layer="frames")
    assert heard.layer == "frames"
    np.testing.assert_allclose(heard.activations[:, 0], heard.scores[:, 0], rtol=1e-5)
    assert max(pack.batches) <= 8


def test_an_unknown_layer_lists_the_nearest() -> None:
    with pytest.raises(ModelError, match="Did you mean frames"):
        hear_stream([ramp(3000)], RATE, LoudnessPack(), layer="frame")


def test_the_strongest_classes_come_first() -> None:
    heard = hear_stream([np.full((1, 1500), 0.5, np.float32)], RATE, LoudnessPack())
    assert heard.strongest(2) == [0, 1]


def test_a_whole_sound_of_any_shape_is_heard_by_a_pack_or_its_folder(toy_pack: Path) -> None:
    sound = ramp(3000, channels=2)
    expected = hear_stream([sound], RATE, Pack(toy_pack), layer="tones")
    for given in (Pack(toy_pack), toy_pack, str(toy_pack)):
        heard = hear(sound, RATE, given, layer="tones")
        np.testing.assert_array_equal(heard.scores, expected.scores)
        np.testing.assert_array_equal(heard.activations, expected.activations)
    assert len(hear(sound[0].tolist(), RATE, toy_pack).times) == len(expected.times)
    for bad, words in ((np.zeros(0), "not empty"), (np.full(9, np.nan), "NaN")):
        with pytest.raises(ParameterError, match=words):
            hear(bad, RATE, toy_pack)


def test_windows_are_heard_side_by_side_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from innerear.engine.analysis import classify

    sound = np.random.default_rng(3).uniform(-0.3, 0.3, 60_000).astype(np.float32)
    monkeypatch.setattr(classify, "worker_count", lambda network: 1)
    alone = hear(sound, RATE, hop=500)
    monkeypatch.setattr(classify, "worker_count", lambda network: 5)
    together = hear(sound, RATE, hop=500)
    np.testing.assert_array_equal(alone.scores, together.scores)
    np.testing.assert_array_equal(alone.times, together.times)
