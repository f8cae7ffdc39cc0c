import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from innerear.models.sounds.rooms import SPEED_OF_SOUND, box_response, room_responses

RATE, SAMPLES = 16_000, 8192
SIZE = np.array([7.0, 5.0, 3.0])
SOURCE, LISTENER = np.array([1.0, 1.0, 1.5]), np.array([4.0, 3.0, 1.2])


def test_the_first_echo_comes_when_geometry_says() -> None:
    tight = box_response(SIZE, SOURCE, LISTENER, 0.4, RATE, SAMPLES)
    direct = np.linalg.norm(SOURCE - LISTENER)
    off_the_floor = np.linalg.norm(SOURCE * [1, 1, -1] - LISTENER)
    expected = (off_the_floor - direct) / SPEED_OF_SOUND * RATE
    first = 10 + int(np.argmax(np.abs(tight[10:]) > 0.2))
    assert tight[0] == 1.0
    assert first == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("decay", [0.2, 0.4])
def test_reverberation_decays_about_as_fast_as_asked(decay: float) -> None:
    response = box_response(SIZE, SOURCE, LISTENER, decay, RATE, SAMPLES)
    low = sosfilt(butter(4, 1000.0, fs=RATE, output="sos"), response)
    left = 10 * np.log10(np.cumsum(low[::-1] ** 2)[::-1] / np.sum(low**2))
    early, late = (int(np.argmax(left < level)) for level in (-8.0, -28.0))
    # Eyring's formula is for diffuse sound; between bare walls the last echoes live longer.
    assert 0.8 * decay < 3 * (late - early) / RATE < 2.0 * decay


def test_high_frequencies_die_first() -> None:
    response = box_response(SIZE, SOURCE, LISTENER, 0.5, RATE, SAMPLES)
    early, late = (np.abs(np.fft.rfft(part)) for part in np.split(response[:6400], [1600]))
    share = [np.sum(part[len(part) // 2 :] ** 2) / np.sum(part**2) for part in (early, late)]
    assert share[1] < 0.5 * share[0]


def test_rooms_are_drawn_by_their_seed() -> None:
    rooms = room_responses(3, RATE, SAMPLES, seed=1)
    assert rooms.shape == (3, SAMPLES)
    assert rooms.dtype == np.float32
    assert np.isfinite(rooms).all()
    np.testing.assert_array_equal(rooms, room_responses(3, RATE, SAMPLES, seed=1))
    assert not np.array_equal(rooms[0], rooms[1])
