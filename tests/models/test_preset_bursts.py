"""Music that pauses and comes back: no shipped preset answers with a burst or a hole."""

import pytest

from innerear.engine.control.presets import SHIPPED_FOLDER, load_preset
from innerear.engine.errors import PresetError
from innerear.models.studies.measure_bursts import RATE, bursts_of, find_bursts, gated_music

from ..thinning import thinned
from .conftest import PLAYED_OFTEN

PRESETS = sorted(path.stem for path in SHIPPED_FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", thinned(PRESETS, PLAYED_OFTEN[::2]))
def test_a_preset_makes_no_burst_and_no_hole_of_music_that_pauses(name: str) -> None:
    preset = load_preset(SHIPPED_FOLDER / f"{name}.json")
    try:
        preset.check_words()
    except PresetError as problem:
        pytest.skip(f"the preset cannot play here: {problem}")
    assert bursts_of(preset).problems() == []


def test_a_burst_and_a_hole_are_found() -> None:
    sound = gated_music()
    assert find_bursts(sound, sound).problems() == []
    onset = round(1.5 * RATE)
    loud, muted = sound.copy(), sound.copy()
    loud[:, onset : onset + RATE // 10] *= 4.0
    assert find_bursts(sound, loud).problems() == ["burst"]
    muted[:, onset + RATE // 5 : onset + RATE // 3] *= 0.1
    assert find_bursts(sound, muted).problems() == ["hole"]
