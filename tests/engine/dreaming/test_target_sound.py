"""The target sound: what a network hears in a looped file or in the sidechain."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.dreaming.streaming_dream import StreamingDream
from innerear.engine.dreaming.target_sound import MISSING, SILENCE_DB, read_target_sound
from innerear.engine.errors import AudioFileError
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.tracker import Tracker
from innerear.engine.parameter_values import ParameterSet

RATE = 16_000
HOP = 400


@pytest.fixture(scope="module")
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)


@pytest.fixture(scope="module")
def instruments() -> Pack:
    return load_pack("samplecnn-instruments")


def _noise(samples: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((1, samples))
    return (0.2 * noise).astype(np.float32)


def _written(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    with SoundWriter(path, rate, len(sound)) as writer:
        writer.write(sound)
    return path


class _Recording:
    """A dreamer that keeps the directions it was asked for, and every window that it heard."""

    def __init__(self, pack: Pack) -> None:
        self.inner = OnnxGradientSource(pack)
        self.directions: list[dict[str, np.ndarray]] = []
        self.windows: list[np.ndarray] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def gradient(self, waveform: np.ndarray, directions: Any, rule: Any = "gradient") -> Any:
        if directions:
            self.directions.append({name: each.copy() for name, each in directions.items()})
        return self.inner.gradient(waveform, directions, rule)

    def hear(self, waveform: np.ndarray) -> Any:
        self.windows.append(waveform.copy())
        return self.inner.hear(waveform)


def _stream(pack: Pack, **values: Any) -> tuple[StreamingDream, _Recording, ParameterSet]:
    dreamer = _Recording(pack)
    parameters = ParameterSet(**{"target": "sound", **values})
    dream = StreamingDream(dreamer, None, parameters, RATE, 1024, inline=True)
    return dream, dreamer, parameters


@pytest.mark.parametrize("layer", ["output", "conv3"])
def test_the_direction_is_what_the_layer_hears_in_the_file(
    instruments: Pack, layer: str, tmp_path: Path
) -> None:
    window = instruments.window
    sound = _noise(2 * window, seed=1)
    path = _written(tmp_path / "target.wav", sound)
    dream, dreamer, _ = _stream(instruments, layer=layer, target_sound=str(path))
    count = window // HOP + 3
    for at in range(count):
        dream.feed(_noise(HOP, seed=at))
    end = count * HOP
    heard = instruments.hear(sound[:, end - window : end])[layer][0].mean(axis=-1)
    expected = heard / np.linalg.norm(heard)
    np.testing.assert_allclose(dreamer.directions[-1][layer], expected, atol=1e-4)
    assert dream.newest.target == "what target.wav sounds like"
    assert dream.problem == ""


def test_gradient_free_drives_weigh_what_both_sounds_have(
    instruments: Pack, tmp_path: Path
) -> None:
    path = _written(tmp_path / "target.wav", _noise(RATE, seed=1))
    parameters = ParameterSet(target="sound", target_sound=str(path), drive="track")
    dreamer, tracker = OnnxGradientSource(instruments), Tracker(instruments)
    dream = StreamingDream(dreamer, tracker, parameters, RATE, 1024, inline=True)
    for at in range(50):
        dream.feed(_noise(HOP, seed=at))
    assert dream.newest.spectrum.any()
    assert dream.newest.target == "what target.wav sounds like"


def test_a_mix_has_each_part_by_its_weight(pack: Pack, tmp_path: Path) -> None:
    path = _written(tmp_path / "target.wav", _noise(3 * pack.window, seed=1))
    found = {}
    for target in ("sound", "Low tone", "sound*0.7 + Low tone*0.3"):
        dream, dreamer, _ = _stream(pack, target=target, target_sound=str(path))
        for at in range(6):
            dream.feed(_noise(HOP, seed=at))
        found[target] = dreamer.directions[-1]["output"]
    np.testing.assert_allclose(
        found["sound*0.7 + Low tone*0.3"],
        0.7 * found["sound"] + 0.3 * found["Low tone"],
        atol=1e-6,
    )
    assert dream.newest.target == "0.7 what target.wav sounds like + 0.3 Low tone"


def test_it_loops_in_step_with_the_stream_and_is_heard_once(pack: Pack, tmp_path: Path) -> None:
    samples = 5 * HOP
    sound = _noise(samples, seed=1)
    path = _written(tmp_path / "target.wav", sound)
    dream, dreamer, _ = _stream(pack, target_sound=str(path))
    for at in range(17):
        dream.feed(_noise(HOP, seed=at))
    assert len(dreamer.windows) == 5
    for at in range(5):
        end = (at + 1) * HOP
        expected = sound[0, np.arange(end - pack.window, end) % samples]
        np.testing.assert_array_equal(dreamer.windows[at], expected)
        for turn in (1, 2):
            np.testing.assert_array_equal(
                dreamer.directions[at + 5 * turn]["output"], dreamer.directions[at]["output"]
            )


def test_a_loop_that_is_no_whole_number_of_updates_stays_in_step(
    pack: Pack, tmp_path: Path
) -> None:
    samples = round(2.5 * HOP)
    sound = _noise(samples, seed=1)
    path = _written(tmp_path / "target.wav", sound)
    dream, dreamer, _ = _stream(pack, target_sound=str(path))
    places = []
    for at in range(12):
        heard_before = len(dreamer.windows)
        dream.feed(_noise(HOP, seed=at))
        places.append(((at + 1) * HOP - 1) % samples // HOP)
        assert len(dreamer.windows) == heard_before + (places.count(places[-1]) == 1)
    assert len(dreamer.windows) == 3  # as many as there are places, whatever the time


def test_another_layer_is_heard_anew(pack: Pack, tmp_path: Path) -> None:
    path = _written(tmp_path / "target.wav", _noise(HOP, seed=1))
    dream, dreamer, parameters = _stream(pack, target_sound=str(path))
    dream.feed(_noise(HOP))
    parameters.set("layer", "tones")
    dream.feed(_noise(HOP))
    heard = pack.hear(dreamer.windows[-1])["tones"][0].mean(axis=-1)
    np.testing.assert_allclose(
        dreamer.directions[-1]["tones"], heard / np.linalg.norm(heard), atol=1e-5
    )


@pytest.mark.parametrize("level_db", [-np.inf, SILENCE_DB - 20])
def test_a_silent_target_asks_for_nothing(pack: Pack, level_db: float, tmp_path: Path) -> None:
    sound = np.float32(10.0 ** (level_db / 20.0)) * _noise(RATE, seed=1)
    path = _written(tmp_path / "target.wav", sound)
    dream, dreamer, _ = _stream(pack, target_sound=str(path), alignment="aligned", combine="add")
    for at in range(20):
        dream.feed(_noise(HOP, seed=at))
    assert dreamer.windows == []
    assert not any(each["output"].any() for each in dreamer.directions)
    assert dream.count == 20
    assert dream.tape.end > 0
    assert not dream.tape.read(dream.tape.end).any()


def test_the_sidechain_is_heard_where_no_file_is_named(pack: Pack) -> None:
    dream, dreamer, _ = _stream(pack)
    beside = _noise(8 * HOP, seed=1)
    for at in range(8):
        dream.feed(_noise(HOP, seed=at), beside[:, at * HOP : (at + 1) * HOP])
    np.testing.assert_array_equal(dreamer.windows[-1], beside[0, -pack.window :])
    assert dream.newest.target == "what the sidechain sounds like"
    assert dream.problem == ""


def test_without_file_or_sidechain_it_is_a_problem_until_there_is_one(pack: Pack) -> None:
    dream, dreamer, _ = _stream(pack)
    dream.feed(_noise(HOP))
    assert dream.problem == MISSING
    assert not dreamer.directions[-1]["output"].any()
    dream.feed(_noise(HOP), _noise(HOP, seed=1))
    assert dream.problem == ""
    assert dreamer.directions[-1]["output"].any()


def test_a_bad_file_keeps_what_was_heard_and_is_a_problem(pack: Pack, tmp_path: Path) -> None:
    path = _written(tmp_path / "target.wav", _noise(HOP, seed=1))
    dream, dreamer, parameters = _stream(pack, target_sound=str(path))
    dream.feed(_noise(HOP))
    parameters.set("target_sound", str(tmp_path / "missing.wav"))
    dream.feed(_noise(HOP, seed=2))
    assert "missing.wav" in dream.problem
    assert "\n" not in dream.problem
    np.testing.assert_array_equal(
        dreamer.directions[-1]["output"], dreamer.directions[-2]["output"]
    )
    assert dream.newest.target == "what target.wav sounds like"
    parameters.set("target_sound", str(path))
    dream.feed(_noise(HOP, seed=3))
    assert dream.problem == ""


def test_a_reset_clears_the_sidechain(pack: Pack) -> None:
    dream, dreamer, _ = _stream(pack)
    dream.feed(_noise(HOP), _noise(HOP, seed=1))
    dream.reset()
    dream.feed(_noise(HOP), _noise(HOP, seed=2))
    assert not dreamer.windows[-1][: pack.window - HOP].any()


def test_a_file_is_mixed_and_resampled(tmp_path: Path) -> None:
    seconds = np.arange(48_000) / 48_000
    tone = np.sin(2 * np.pi * 440 * seconds).astype(np.float32)
    path = _written(tmp_path / "two.wav", np.stack((tone, 0 * tone)), 48_000)
    found = read_target_sound(path, RATE)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert found.shape == (RATE,)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=1e-3)


def test_files_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    long = _written(tmp_path / "long.wav", np.zeros((1, 61 * 8000), np.float32), 8000)
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path / "missing.wav", "no such file"),
        (text, "not a sound file"),
        (long, "longer than 60 s"),
        (pipe, "is no file"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(AudioFileError, match=words) as caught:
            read_target_sound(path, RATE)
        assert "\n" not in str(caught.value)
