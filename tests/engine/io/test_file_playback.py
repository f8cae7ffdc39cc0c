import numpy as np
import pytest

from innerear.engine.io.file_playback import FADE_SECONDS, FilePlayback, seamless

RATE = 8000
FADE = round(FADE_SECONDS * RATE)


def ramp(samples: int) -> np.ndarray:
    return np.arange(1, samples + 1, dtype=np.float32)[np.newaxis]


@pytest.mark.parametrize("block", [1, 7, 100, 999])
def test_it_repeats_the_sound_sample_by_sample(block: int) -> None:
    playback = FilePlayback(ramp(250), RATE)
    heard = np.concatenate([playback.next(block) for _ in range(1000 // block + 1)], axis=1)
    np.testing.assert_array_equal(heard[0], np.resize(ramp(250)[0], heard.shape[1]))


def test_without_looping_it_ends_in_silence_and_begins_again_when_played() -> None:
    playback = FilePlayback(ramp(250), RATE, looping=False)
    first = playback.next(400)[0]
    np.testing.assert_array_equal(first[:250], ramp(250)[0])
    assert not playback.playing
    assert np.abs(first[250 + FADE :]).max() == 0.0
    playback.playing = True
    again = playback.next(300)[0]
    np.testing.assert_array_equal(again[FADE : FADE + 100], ramp(250)[0, 2 * FADE : 2 * FADE + 100])


@pytest.mark.parametrize("command", ["pause", "seek"])
def test_no_command_clicks(command: str) -> None:
    steady = np.ones((2, 4000), np.float32)
    playback = FilePlayback(steady, RATE)
    heard = [playback.next(500)]
    if command == "pause":
        playback.playing = False
        heard.append(playback.next(500))
        assert np.all(heard[-1][:, FADE:] == 0.0)
        playback.playing = True
    else:
        playback.seek(1234)
    heard.append(playback.next(500))
    assert np.all(heard[-1][:, -10:] == 1.0)
    together = np.concatenate(heard, axis=1)
    assert np.abs(np.diff(together)).max() <= 1.01 / FADE
    assert together.min() == 0.0


def test_a_seek_lands_where_it_was_asked_for() -> None:
    playback = FilePlayback(ramp(4000), RATE)
    playback.next(10)
    playback.seek(2000)
    heard = playback.next(500)[0]
    assert heard[FADE + FADE] == 2000 + FADE + 1
    playback.seek(10**9)
    playback.next(FADE + 1)
    assert playback.position in (0, 3999)


def test_the_end_leads_into_the_start() -> None:
    looped = seamless(np.ones((1, 1000), np.float32), RATE)
    assert looped[0, -1] <= 1.01 / FADE
    assert looped[0, 0] <= 1.01 / FADE
    assert np.all(looped[0, FADE:-FADE] == 1.0)
    assert seamless(np.ones((1, 1), np.float32), RATE).shape == (1, 1)
