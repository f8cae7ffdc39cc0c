from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from innerear.models.sounds import bank, soundfont, voices
from innerear.models.sounds.instruments import (
    CLASSES,
    DRUMS,
    INSTRUMENTS,
    Note,
    drum_notes,
    pitched_notes,
)
from innerear.models.sounds.soundfont import MissingToolError, render_notes

RATE = 16_000


def split(notes: Iterable[Note]) -> tuple[list[Note], list[Note]]:
    listed = list(notes)
    return [n for n in listed if not n.held_out], [n for n in listed if n.held_out]


def test_every_class_is_named_once_and_has_a_source() -> None:
    rendered = {item.name for item in (*INSTRUMENTS, *DRUMS)} | {"Speech"}
    assert set(CLASSES) == rendered
    assert len(CLASSES) == len(set(CLASSES))
    assert {"Brass", "Piano", "Singing voice", "Noise"} <= set(CLASSES)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda item: item.name)
def test_no_pitch_and_no_velocity_is_in_both_splits(instrument) -> None:
    trained, held_out = split(pitched_notes(instrument))
    assert {n.program for n in trained} == {n.program for n in held_out} == {*instrument.programs}
    assert not {n.key for n in trained} & {n.key for n in held_out}
    assert not {n.velocity for n in trained} & {n.velocity for n in held_out}


@pytest.mark.parametrize("drum", DRUMS, ids=lambda item: item.name)
def test_no_kit_and_no_velocity_is_in_both_splits(drum) -> None:
    trained, held_out = split(drum_notes(drum))
    assert not {n.program for n in trained} & {n.program for n in held_out}
    assert not {n.velocity for n in trained} & {n.velocity for n in held_out}


def test_no_voice_and_no_text_is_in_both_splits() -> None:
    assert not set(voices.VARIANTS) & set(voices.HELD_OUT_VARIANTS)
    assert not set(voices.SENTENCES.values()) & set(voices.HELD_OUT_SENTENCES.values())
    assert not set(voices.SUNG_KEYS) & set(voices.HELD_OUT_SUNG_KEYS)


def test_rendered_notes_have_their_pitch_and_start_at_once(require: Callable[..., None]) -> None:
    require("fluidsynth", "soundfont")
    keys = (57, 69, 81)
    notes = [Note(73, key, 100, drum=False, held_out=False) for key in keys]
    sounds = render_notes(notes, RATE, RATE)
    assert sounds.shape == (3, RATE)
    for key, sound in zip(keys, sounds, strict=True):
        assert np.abs(sound[: RATE // 5]).max() > 1e-3
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(RATE)))
        hertz = 440 * 2 ** ((key - 69) / 12)
        # One of the first harmonics is the loudest: one bin is one hertz.
        harmonic = spectrum.argmax() / hertz
        assert harmonic == pytest.approx(round(harmonic), abs=0.02)


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfont.shutil, "which", lambda program: None)
    with pytest.raises(MissingToolError, match="apt install fluidsynth"):
        render_notes([], RATE, RATE)
    with pytest.raises(MissingToolError, match="apt install espeak-ng"):
        voices.speak("hello", voices.Voice("en", "f1"), RATE)


def test_a_missing_sound_set_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(soundfont, "SOUNDFONT", tmp_path / "none.sf2")
    with pytest.raises(MissingToolError, match="apt install fluid-soundfont-gm"):
        soundfont.require_soundfont()


def test_a_sung_vowel_has_its_note(require: Callable[..., None]) -> None:
    require("espeak-ng")
    text = '<prosody range="0">[[A:::::]]</prosody>'
    vowel = voices.speak(text, voices.Voice("en", "m1"), RATE, 80)
    sung = voices.sing(vowel, 57, RATE, 2 * RATE, np.random.default_rng(0))
    found = voices.fundamental(sung[RATE // 2 : RATE], RATE)
    assert 12 * np.log2(found / 220) == pytest.approx(0, abs=0.5)


def test_a_class_is_rendered_whole_and_normalised(
    require: Callable[..., None], tmp_path: Path
) -> None:
    require("fluidsynth", "soundfont")
    path = tmp_path / "kick.npz"
    bank.render_class("Kick drum", RATE, path)
    with np.load(path) as stored:
        waveforms, held_out = stored["waveforms"], stored["held_out"]
        assert len(waveforms) == len(held_out) == len(stored["active"])
        assert 0 < stored["active"].max() <= waveforms.shape[1]
    assert waveforms.dtype == np.int16
    np.testing.assert_array_equal(np.abs(waveforms.astype(int)).max(axis=1), 32_000)
    assert held_out.any()
    assert not held_out.all()
    assert list(tmp_path.iterdir()) == [path]


def test_active_is_where_the_sound_ends() -> None:
    sounds = np.zeros((2, 8000), dtype=np.float32)
    sounds[0, :3200] = 1
    sounds[1, :] = 1
    np.testing.assert_array_equal(bank.active_samples(sounds, RATE), [3200, 8000])
