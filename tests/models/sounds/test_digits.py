import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from innerear.engine.errors import ModelError
from innerear.models.sounds import digits
from innerear.models.sounds.digits import COPIES, HELD_OUT_SPEAKER, recorded, trimmed
from innerear.models.sounds.formants import move_formants
from innerear.models.sounds.tempo import change_tempo

RATE = 8000


def voice(hertz: float, resonance: float) -> NDArray[np.float32]:
    """Return a second of a harmonic sound with one resonance."""
    time = np.arange(RATE) / RATE
    harmonics = np.arange(1, int(RATE / 2 / hertz)) * hertz
    loud = np.exp(-(((harmonics - resonance) / 300) ** 2)) + 0.01
    whole = loud[:, None] * np.sin(2 * np.pi * harmonics[:, None] * time)
    return np.float32(0.1 * whole.sum(axis=0))


def strongest(sound: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * RATE))
    return float(spectrum.argmax() / 8)


def test_formants_move_and_harmonics_stay() -> None:
    sound = voice(100.0, 1000.0)
    moved = move_formants(sound, RATE, 1.25)
    assert moved.shape == sound.shape
    assert strongest(sound) == pytest.approx(1000, abs=5)
    found = strongest(moved)
    assert found == pytest.approx(1250, abs=105)
    assert found % 100 == pytest.approx(0, abs=5) or found % 100 == pytest.approx(100, abs=5)
    np.testing.assert_allclose(move_formants(sound, RATE, 1.0), sound, atol=1e-5)


@pytest.mark.parametrize("duration", [0.6, 1.0, 1.2])
def test_tempo_changes_and_pitch_stays(duration: float) -> None:
    sound = voice(200.0, 1000.0)
    changed = change_tempo(sound, RATE, duration)
    assert len(changed) == pytest.approx(duration * len(sound), rel=0.03)
    assert strongest(changed) == pytest.approx(1000, abs=5)


def test_one_speaker_is_held_out_and_the_others_come_in_several_voices(tmp_path: Path) -> None:
    for name in (f"3_{HELD_OUT_SPEAKER}_0", "3_someone_0", "9_someone_1"):
        soundfile.write(tmp_path / f"{name}.wav", voice(150.0, 800.0), RATE)
    found = list(recorded(tmp_path, 2 * RATE, np.random.default_rng(0)))
    assert [digit for _, digit, held_out in found if held_out] == [3]
    assert [digit for _, digit, held_out in found if not held_out] == [3] * (1 + COPIES) + [9] * (
        1 + COPIES
    )
    assert all(np.isfinite(sound).all() for sound, _, _ in found)


def test_without_recordings_it_says_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--data"):
        list(recorded(tmp_path, RATE, np.random.default_rng(0)))


def test_a_word_starts_at_once_and_has_its_peak_at_one() -> None:
    sound = np.zeros(1000, np.float32)
    sound[300:310] = 0.5
    kept = trimmed(sound, 400)
    assert kept.shape == (400,)
    assert kept[:10].tolist() == [1.0] * 10
    assert not kept[10:].any()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["7_me_0", "3_me_1"], "no recording by theo"),
        (["7_jean_luc_3", "1_theo_0"], "cannot be read"),
    ],
)
def test_recordings_that_cannot_be_used_are_one_line(
    tmp_path: Path, names: list[str], words: str
) -> None:
    for name in names:
        (tmp_path / f"{name}.wav").write_text("no sound")
    with pytest.raises(ModelError, match=words):
        list(recorded(tmp_path, 16_000, np.random.default_rng(0)))


def test_other_recordings_are_read_anew_and_without_any_the_kept_ones_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digits, "synthesised", lambda rate, rng: ())  # which takes a minute
    kept = tmp_path / "kept"

    def labels(data: Path | None) -> set[int]:
        return set(digits.digit_bank(kept, RATE, lambda name: None, data).labels.tolist())

    for folder, digit in ((kept / "fsdd", 3), (tmp_path / "others", 9)):
        folder.mkdir(parents=True)
        for speaker in (HELD_OUT_SPEAKER, "someone"):
            soundfile.write(folder / f"{digit}_{speaker}_0.wav", voice(150.0, 800.0), RATE)
    assert labels(None) == {3}
    assert labels(tmp_path / "others") == {9}
    assert labels(kept / "fsdd") == {3}
    shutil.rmtree(kept / "fsdd")
    shutil.rmtree(tmp_path / "others")
    assert labels(None) == {3}
