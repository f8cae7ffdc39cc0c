"""The howl guard in a simulated room, and with music that has no room."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.dsp.resample import resample
from innerear.engine.ipc.shared_state import SoundMemory
from innerear.engine.live.audio_callback import AudioCallback
from innerear.engine.live.howl_detector import STEP_SECONDS
from innerear.engine.live.howl_guard import HowlGuard
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin.crossfader import Crossfader
from innerear.engine.plugin.processor import Processor

from ...thinning import thinned

RATE, BLOCK = 16_000, 160
DELAY = 320
"""The way from the loudspeaker to the microphone, in samples: some 7 m."""


class Room:
    """Plays through a processor without a dream; the microphone hears the loudspeaker too."""

    def __init__(self, folder: Path, network: Pack, gain: float, **values: object) -> None:
        self.parameters = ParameterSet(mix=0.0)
        for id, value in values.items():
            self.parameters.set(id, value)
        processor = Processor(network, self.parameters)
        processor.prepare(RATE, BLOCK, 1)
        self.callback = AudioCallback()
        self.callback.crossfader = Crossfader(processor)
        self.callback.memory = SoundMemory(folder / "sound", 1, RATE, create=True)
        self.said: list[str] = []
        self.guard = HowlGuard(self.parameters, self.callback, self.said.append)
        self._gain = gain
        self._past = np.zeros(DELAY + BLOCK, np.float32)
        # A room is no louder at any frequency than at one.
        self._b = 0.06 * np.hanning(65)[1:-1] * np.cos(2 * np.pi * 800 / RATE * np.arange(63))
        self._b /= np.abs(np.fft.rfft(self._b, 4096)).max()
        self._tail = np.zeros(62)

    def play(self, sound: np.ndarray) -> np.ndarray:
        """Play a sound, (samples,), before the microphone; return what comes out."""
        outs = []
        every = round(STEP_SECONDS * RATE) // BLOCK
        for number, at in enumerate(range(0, len(sound) - BLOCK + 1, BLOCK)):
            returned = self._past[:BLOCK]
            block = sound[at : at + BLOCK] + self._gain * self._through_room(returned)
            out = self.callback.process(block[np.newaxis].astype(np.float32))[0]
            self._past = np.concatenate((self._past[BLOCK:], out))
            outs.append(out)
            if number % every == every - 1:
                self.guard.step()
        return np.concatenate(outs)

    def _through_room(self, sound: np.ndarray) -> np.ndarray:
        extended = np.concatenate((self._tail, sound))
        self._tail = extended[-62:]
        return np.convolve(extended, self._b, "valid")


@pytest.fixture
def room(tmp_path: Path, toy_pack: Path) -> Callable[..., Room]:
    return lambda gain, **values: Room(tmp_path, load_pack(toy_pack), gain, **values)


def _noise(seconds: float, level: float = 1e-4) -> np.ndarray:
    return level * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def _music(seconds: float) -> np.ndarray:
    music = resample(short_phrase()[:1], SAMPLE_RATE, RATE)[0]
    return np.resize(0.5 * music / np.abs(music).max(), round(seconds * RATE))


def _tone(hertz: float, seconds: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("gain", [1.05, 1.2, 2.0])
@pytest.mark.parametrize("bypass", [False, True])
def test_a_room_with_a_loop_gain_above_1_is_turned_down(
    room: Callable[..., Room], gain: float, bypass: bool
) -> None:
    made = room(gain, bypass=bypass)
    out = made.play(_noise(12.0))
    assert made.parameters.switch("dim")
    assert len(made.said) == 1
    assert "feeds the microphone" in made.said[0]
    assert np.abs(out[-RATE:]).max() < 0.05


def test_a_room_howls_also_where_its_microphone_sends_what_is_no_number(
    room: Callable[..., Room],
) -> None:
    made = room(1.2)
    noise = _noise(12.0)
    noise[::1000] = np.nan
    made.play(noise)
    assert made.parameters.switch("dim")


def test_a_room_that_howls_even_when_dimmed_is_silenced(room: Callable[..., Room]) -> None:
    made = room(15.0)
    out = made.play(_noise(10.0))
    assert made.parameters.switch("silenced")
    assert len(made.said) == 2
    assert not out[-RATE:].any()


def test_music_beside_a_room_that_howls_is_turned_down_too(room: Callable[..., Room]) -> None:
    made = room(1.3)
    made.play(0.1 * _music(10.0))
    assert made.parameters.switch("dim")


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(_music(10.0), id="music"),
        pytest.param(0.3 * _tone(440, 8.0), id="a sustained note"),
        pytest.param(0.99 * _tone(440, 8.0), id="a sustained note at full scale"),
        pytest.param(
            0.002 * 10 ** (np.arange(8 * RATE) / RATE * 6 / 20) * _tone(800, 8.0), id="a crescendo"
        ),
        pytest.param(
            0.3 * np.minimum(1, np.arange(8 * RATE) / RATE % 2) * _tone(330, 8.0), id="swells"
        ),
        pytest.param(_noise(8.0, 0.1), id="noise"),
    ],
)
@pytest.mark.parametrize("gain", thinned([0.0, 0.5], [0.5]))
def test_what_somebody_plays_is_left_alone(
    room: Callable[..., Room], sound: np.ndarray, gain: float
) -> None:
    made = room(gain)
    made.play(sound)
    assert made.said == []
    assert not made.parameters.switch("dim")


def test_feedback_inside_the_instrument_is_left_alone(room: Callable[..., Room]) -> None:
    made = room(0.0, mix=1.0, feedback=1.0, delay_ms=50.0, combine="add", step=2.0)
    made.play(np.concatenate((0.1 * _tone(440, 0.3), _noise(6.0))))
    assert made.said == []
