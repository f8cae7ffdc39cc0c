"""Between two presets: numbers by their scale, directions as a mix, all else once."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control.morph import HYSTERESIS, MorphSlots, morph
from innerear.engine.control.presets import Preset
from innerear.engine.errors import PresetError
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter import Value
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS
from innerear.engine.plugin.render import render
from innerear.engine.targets.target import Target

A = Preset("a", {"target": "Brass", "step": 1.5, "delay_ms": 0, "combine": "add", "n_fft": 512})
B = Preset(
    "b",
    {
        "layer": "conv5",
        "target": "12",
        "step": 0.5,
        "delay_ms": 2000,
        "combine": "flip",
        "lookahead_ms": 500,
        "alignment": "echo",
    },
)


def test_the_ends_are_the_presets() -> None:
    assert morph(A, B, 0.0) == A.values()
    assert morph(A, B, 1.0) == B.values()
    assert morph(A, A, 0.37) == A.values()


def test_numbers_move_as_their_knobs_do() -> None:
    values = morph(A, B, 0.25)
    assert values["step"] == pytest.approx(1.25)
    parameter = PARAMETERS["delay_ms"]
    assert values["delay_ms"] == pytest.approx(2000 * 0.25**parameter.curve)
    assert parameter.curve != 1.0


def test_all_else_changes_once_and_together() -> None:
    fixed = ("combine", "n_fft", "alignment", "lookahead_ms", "layer")
    seen = [tuple(morph(A, B, i / 100)[id] for id in fixed) for i in range(101)]
    assert len(set(seen)) == 2
    assert sum(before != after for before, after in itertools.pairwise(seen)) == 1
    assert seen[49] != seen[50]


def test_a_note_value_changes_at_the_middle() -> None:
    note, other = Preset("n", {"delay_ms": "1/8."}), Preset("m", {"delay_ms": "1/4"})
    assert [morph(note, B, p)["delay_ms"] for p in (0.4, 0.6)] == ["1/8.", 2000.0]
    assert [morph(note, other, p)["delay_ms"] for p in (0.4, 0.6)] == ["1/8.", "1/4"]


def test_the_direction_between_is_the_mix_of_both() -> None:
    assert morph(A, B, 0.3)["target"] == "output/Brass*0.7 + conv5/12*0.3"
    pack = load_pack("samplecnn-instruments")
    zeros = {name: np.zeros(layer.units, np.float32) for name, layer in pack.layers.items()}
    values = morph(A, B, 0.3)
    target = Target(pack.layers, pack.classes, str(values["layer"]), str(values["target"]))
    found = target.directions(zeros)
    assert found["output"][pack.classes.index("Brass")] == pytest.approx(0.7)
    assert found["conv5"][12] == pytest.approx(0.3)
    assert sum(abs(direction).sum() for direction in found.values()) == pytest.approx(1.0)


def test_a_mix_of_mixes_keeps_each_ones_layer() -> None:
    left = Preset("l", {"layer": "conv3", "target": "auto*0.5 + output/Brass*0.5"})
    right = Preset("r", {"layer": "conv4", "target": "energy + output/Brass"})
    assert morph(left, right, 0.5)["target"] == (
        "conv3/auto*0.25 + output/Brass*0.75 + conv4/energy*0.5"
    )


def test_the_target_sound_of_one_is_there_all_the_way_between() -> None:
    bell = Preset("s", {"target": "sound", "target_sound": "/bell.wav"})
    flute = Preset("t", {"target": "sound", "target_sound": "/flute.wav"})
    for position in (0.3, 0.7):
        between = morph(A, bell, position)
        assert between["target_sound"] == "/bell.wav"
        assert between["target"] == f"output/Brass*{1 - position:g} + output/sound*{position:g}"
    assert [morph(A, bell, p)["target_sound"] for p in (0.0, 1.0)] == ["", "/bell.wav"]
    assert [morph(bell, flute, p)["target_sound"] for p in (0.4, 0.6)] == [
        "/bell.wav",
        "/flute.wav",
    ]


def test_with_another_model_the_direction_changes_with_it() -> None:
    digits = Preset("d", {"model": "samplecnn-digits", "target": "seven"})
    words = ("model", "layer", "target")
    for position in (0.1, 0.49, 0.51, 0.9):
        values = morph(B, digits, position)
        nearer = B if position < 0.5 else digits
        assert [values[id] for id in words] == [nearer.values()[id] for id in words]


def test_a_target_that_cannot_be_read_is_not_mixed() -> None:
    wrong = Preset("w", {"target": "Brass*loud"})
    assert [morph(wrong, B, p)["target"] for p in (0.4, 0.6)] == ["Brass*loud", "12"]


def _watched(parameters: ParameterSet) -> list[tuple[str, Value]]:
    seen: list[tuple[str, Value]] = []
    parameters.observe(lambda id, value: seen.append((id, value)))
    return seen


def test_the_knob_moves_only_what_differs() -> None:
    knobs = ParameterSet()
    slots = MorphSlots(knobs, A, B)
    A.apply(knobs)
    knobs.set("mix", 0.6)  # at the end, this becomes A's; B's is 1
    knobs.set("tempo_bpm", 99)
    seen = _watched(knobs)
    knobs.set("morph", 0.25)
    assert {id for id, _ in seen} == {"morph", "step", "delay_ms", "target", "mix"}
    assert knobs["mix"] == pytest.approx(0.7)
    assert knobs["tempo_bpm"] == 99
    slots.close()
    knobs.set("morph", 0.75)
    assert knobs["mix"] == pytest.approx(0.7)


def test_a_shaking_hand_at_the_middle_changes_the_model_once() -> None:
    knobs = ParameterSet()
    MorphSlots(knobs, Preset("a"), Preset("d", {"model": "samplecnn-digits"}))
    seen = _watched(knobs)
    for position in (0.49, 0.505, 0.495, 0.51, 0.5 + HYSTERESIS, 0.5, 0.485, 0.5):
        knobs.set("morph", position)
    assert [value for id, value in seen if id == "model"] == ["samplecnn-digits"]
    knobs.set("morph", 0.5 - 1.5 * HYSTERESIS)
    assert knobs["model"] == PARAMETERS["model"].default


def test_comparing_a_and_b_loses_nothing() -> None:
    knobs = ParameterSet()
    slots = MorphSlots(knobs)
    slots.load("a", A)
    assert knobs["step"] == 1.5
    slots.load("b", B)
    assert knobs["step"] == 1.5  # A plays: nothing is heard of B yet
    knobs.set("step", 1.75)
    assert slots.toggle() == "b"
    assert (knobs["morph"], knobs["step"], knobs["target"]) == (1.0, 0.5, "12")
    knobs.set("colour", 0.9)
    assert slots.toggle() == "a"
    assert (knobs["morph"], knobs["step"], knobs["colour"]) == (0.0, 1.75, 0.5)
    assert (slots.a.parameters["step"], slots.b.parameters["colour"]) == (1.75, 0.9)
    assert A.parameters["step"] == 1.5


def test_what_is_heard_between_can_be_stored() -> None:
    knobs = ParameterSet()
    slots = MorphSlots(knobs, A, B)
    knobs.set("morph", 0.5)
    stored = slots.store("b", "between")
    assert stored == slots.b
    assert stored.parameters["step"] == pytest.approx(1.0)
    knobs.set("morph", 1.0)
    assert knobs["step"] == pytest.approx(1.0)
    knobs.set("morph", 0.0)
    assert knobs["step"] == 1.5


def test_a_preset_loaded_between_is_heard_in_part() -> None:
    knobs = ParameterSet(morph=0.25)
    slots = MorphSlots(knobs)
    slots.load("b", Preset("b", {"step": 0.0}))
    assert knobs["step"] == pytest.approx(0.75)


def test_a_slot_refuses_what_cannot_be_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    knobs = ParameterSet()
    slots = MorphSlots(knobs)
    before = slots.a
    with pytest.raises(PresetError, match="models add yamnet"):
        slots.load("a", Preset("dogs", {"model": "yamnet"}))
    assert slots.a == before
    assert knobs["model"] == PARAMETERS["model"].default


def test_what_the_network_hears_goes_from_one_to_the_other() -> None:
    """Half of the way is half of the way, though a score's gradient dwarfs that of a layer."""
    pack = load_pack("samplecnn-instruments")
    rate, seconds = pack.sample_rate, 1.5
    sound = np.random.default_rng(0).normal(0, 0.1, round(seconds * rate)).astype(np.float32)
    shared = {"model": pack.name, "alignment": "aligned", "parameterisation": "waveform"}
    ends = (
        Preset("a", {"target": "Brass", **shared}),
        Preset("b", {"layer": "conv5", "target": "12", **shared}),
    )
    brass, unit = [], []
    for position in (0.0, 0.5, 1.0):
        values = morph(*ends, position)
        dreamed = render(sound, rate, pack, block_size=4096, **values)
        heard = pack.hear(dreamed[-pack.window :])
        brass.append(float(heard["output"][0, pack.classes.index("Brass")].mean()))
        unit.append(float(heard["conv5"][0, 12].mean()))
    assert brass[0] > brass[1] > brass[2]
    assert unit[0] < unit[1] < unit[2]
    # Neither end has swallowed the middle.
    assert 0.1 < (unit[1] - unit[0]) / (unit[2] - unit[0]) < 0.95
