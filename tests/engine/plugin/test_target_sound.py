"""Sounds as targets of the processor: what a dream then is, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.dsp.computed_tones import faded, fm_bell, hertz, partials
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.dsp.resample import resample
from innerear.engine.errors import InnerearError
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.packs.pack import Pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

NOTES = (72, 76, 79)


def _bell() -> np.ndarray:
    return np.concatenate([fm_bell(note, 1.0) for note in NOTES])


def _flute() -> np.ndarray:
    amplitudes = {1: 1.0, 2: 0.25, 3: 0.08, 4: 0.02}
    tones = (faded(partials(hertz(note), 1.0, amplitudes), 0.05, 0.05) for note in NOTES)
    return np.concatenate(list(tones))


def _file(path: Path, sound: np.ndarray) -> Path:
    with SoundWriter(path, SAMPLE_RATE, 1) as writer:
        writer.write(np.asarray(0.5 * sound, np.float32)[np.newaxis])
    return path


def _score(pack: Pack, sound: np.ndarray, name: str) -> float:
    heard = resample(sound.mean(axis=0), SAMPLE_RATE, pack.sample_rate)
    starts = range(0, len(heard) - pack.window + 1, pack.window // 2)
    windows = np.stack([heard[start : start + pack.window] for start in starts])
    scores = pack.hear(windows)["output"].mean(axis=(0, 2))
    return float(scores[pack.classes.index(name)])


@pytest.mark.soak
def test_the_dream_turns_towards_the_sound_that_is_its_target(tmp_path: Path) -> None:
    pack = innerear.load("samplecnn-instruments")
    phrase = short_phrase()[:, : 3 * SAMPLE_RATE]
    scores = {}
    for name, sound in (("bell", _bell()), ("flute", _flute())):
        path = _file(tmp_path / f"{name}.wav", sound)
        dreamed = innerear.render(phrase, SAMPLE_RATE, pack, target_sound=path, alignment="aligned")
        scores[name] = _score(pack, dreamed, "Bell")
    assert scores["bell"] > 2 * scores["flute"]
    assert scores["bell"] > 2 * _score(pack, phrase, "Bell")


@pytest.mark.parametrize("channels", [1, 2])
def test_a_silent_sidechain_gives_no_dream(pack: Pack, channels: int) -> None:
    phrase = short_phrase()[:, :SAMPLE_RATE]
    silence = np.zeros((channels, SAMPLE_RATE), np.float32)
    settings = {"alignment": "aligned", "combine": "add"}
    still = innerear.render(phrase, SAMPLE_RATE, pack, target_sound=silence, **settings)  # type: ignore[arg-type]
    np.testing.assert_array_equal(still, innerear.render(phrase, SAMPLE_RATE, pack, mix=0.0))


def test_the_dream_does_not_depend_on_the_blocks(pack: Pack) -> None:
    phrase = short_phrase()[:, : SAMPLE_RATE // 2]
    beside = np.random.default_rng(0).uniform(-0.5, 0.5, phrase.shape).astype(np.float32)
    whole, pieces = (
        innerear.render(
            phrase, SAMPLE_RATE, pack, target_sound=beside, alignment="aligned", block_size=size
        )
        for size in (4096, 77)
    )
    np.testing.assert_array_equal(whole, pieces)


def test_the_sidechain_itself_is_not_heard(pack: Pack) -> None:
    processor = Processor(pack, target="sound")
    processor.prepare(SAMPLE_RATE, 512, 1)
    silence = np.zeros((1, SAMPLE_RATE), np.float32)
    beside = np.random.default_rng(0).uniform(-0.5, 0.5, (2, SAMPLE_RATE)).astype(np.float32)
    found = list(process_stream(processor, [silence], sidechain=beside))
    assert processor.status.dream.target == "what the sidechain sounds like"
    assert not np.concatenate(found, axis=1).any()


def test_blocks_of_the_sidechain_are_as_long_as_those_of_the_sound(pack: Pack) -> None:
    processor = Processor(pack, target="sound")
    processor.prepare(SAMPLE_RATE, 512, 1)
    block = np.zeros((1, 512), np.float32)
    with pytest.raises(ValueError, match="sidechain"):
        processor.process(block, block[:, :100])


def test_the_target_needs_a_target_sound(pack: Pack, tmp_path: Path) -> None:
    sound = np.zeros((1, 4096), np.float32)
    for values in ({"target": "sound"}, {"target_sound": str(tmp_path / "missing.wav")}):
        with pytest.raises(InnerearError) as caught:
            innerear.render(sound, SAMPLE_RATE, pack, **values)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)
    status = Processor(pack, ParameterSet(target="sound"))
    status.prepare(SAMPLE_RATE, 512, 1)
    list(process_stream(status, [sound]))
    assert "needs a target sound" in status.status.problem
