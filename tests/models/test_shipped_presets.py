"""The presets that are shipped: sound, playable, and each a sound of its own."""

import json

import numpy as np
import pytest

from innerear.engine.control.preset_file import SCHEMA_VERSION
from innerear.engine.control.presets import SHIPPED_FOLDER, Preset, load_preset
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.packs.adding.addable import PUBLISHED
from innerear.engine.packs.pack import SHIPPED_FOLDER as PACKS
from innerear.engine.packs.weighted_names import split_weighted
from innerear.engine.parameterisations import LIVE_PARAMETERISATIONS
from innerear.models.studies.measure_presets import ALIKE_DB, Measured, distance_db, measure

SECONDS = 2.0
FILES = sorted(SHIPPED_FOLDER.glob("*.json"))
PRESETS = {path.stem: load_preset(path) for path in FILES}


def networks(name: str) -> set[str]:
    """Return the names of the networks that a preset dreams with."""
    return {model for model, _ in split_weighted(str(PRESETS[name].values()["model"]))}


PLAYABLE = [name for name in PRESETS if not set(PUBLISHED) & networks(name)]


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    sound = np.ascontiguousarray(short_phrase()[:, : round(SECONDS * SAMPLE_RATE)])
    return {name: measure(PRESETS[name], sound, SAMPLE_RATE) for name in PLAYABLE}


def test_there_are_enough() -> None:
    assert len(PLAYABLE) >= 12
    titles = {preset.title for preset in PRESETS.values()}
    assert len(titles) == len(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_each_is_of_the_newest_version_and_says_how_it_sounds(name: str) -> None:
    content = json.loads((SHIPPED_FOLDER / f"{name}.json").read_text())
    assert content["schema_version"] == SCHEMA_VERSION
    assert PRESETS[name].description.endswith(".")
    models = networks(name)
    if set(PUBLISHED) & models:
        assert PRESETS[name].description.startswith("Needs YAMNet: ")
    else:
        assert all((PACKS / model).is_dir() for model in models)
        PRESETS[name].check_words()


def test_they_use_what_there_is() -> None:
    used = [PRESETS[name].values() for name in PLAYABLE]
    assert len(set().union(*(networks(name) for name in PLAYABLE))) >= 7
    assert {values["parameterisation"] for values in used} == set(LIVE_PARAMETERISATIONS)
    assert any(len(networks(name)) >= 3 for name in PLAYABLE)
    assert len({values["combine"] for values in used}) >= 5
    assert len({values["alignment"] for values in used}) >= 3
    assert len({values["drive"] for values in used}) >= 4
    assert any(isinstance(values["delay_ms"], str) for values in used)


@pytest.mark.parametrize("name", PLAYABLE)
def test_each_is_neither_silent_nor_noise_nor_limited_nor_nothing(
    name: str, measured: dict[str, Measured]
) -> None:
    assert measured[name].problems() == []


def test_no_two_are_alike(measured: dict[str, Measured]) -> None:
    alike = [
        (one, other)
        for one in measured
        for other in measured
        if one < other and distance_db(measured[one], measured[other]) < ALIKE_DB
    ]
    assert alike == []


def test_what_no_preset_may_be_is_found() -> None:
    """The measures can fail: on a preset that changes nothing, and on one that is silent."""
    sound = np.ascontiguousarray(short_phrase()[:, : round(SECONDS * SAMPLE_RATE)])
    dry = measure(Preset("dry", {"mix": 0.0}), sound, SAMPLE_RATE)
    assert dry.problems() == ["unchanged"]
    silent = measure(Preset("silent", {"mix": 0.0, "output_db": -60.0}), sound, SAMPLE_RATE)
    assert silent.problems() == ["near silence"]
    assert distance_db(dry, silent) < ALIKE_DB
    noise = np.random.default_rng(0).uniform(-1, 1, (1, SAMPLE_RATE)).astype(np.float32)
    loud = measure(Preset("loud", {"mix": 0.5, "output_db": 24.0}), noise, SAMPLE_RATE)
    assert loud.problems() == ["noise", "limited"]
