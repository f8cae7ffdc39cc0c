import math

import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.parameter import NOTE_BEATS, NOTE_VALUES, nearest_note
from innerear.engine.parameter_values import (
    ParameterSet,
    PinnedValues,
    Snapshot,
    Values,
    structural_values,
)
from innerear.engine.parameters import PARAMETERS


def test_every_default_is_accepted_by_its_own_parameter() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.check(str(parameter.default)) == parameter.default


@pytest.mark.parametrize(
    ("id", "value", "words"),
    [
        ("step", 2.1, "0 to 2"),
        ("step", "loud", "0 to 2"),
        ("step", float("nan"), "0 to 2"),
        ("step", True, "0 to 2"),
        ("threshold_db", 1, "-80 to 0 dB"),
        ("combine", "filtre", "filter"),
        ("n_fft", 1000, "1024"),
        ("bypass", "perhaps", "on or off"),
        ("target", " ", "empty"),
        ("stepp", 1, "step"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    id: str, value: object, words: str
) -> None:
    values = ParameterSet()
    before = values.as_dict()
    with pytest.raises(ParameterError, match=words):
        values.set(id, value)
    assert values.as_dict() == before


def test_values_keep_the_parameters_own_type() -> None:
    values = ParameterSet(n_fft="2048", step="0.5", freeze="yes")
    assert values["n_fft"] == 2048
    assert isinstance(values["n_fft"], int)
    assert values.number("step") == 0.5
    assert values.switch("freeze") is True


def test_observers_hear_of_real_changes_only() -> None:
    values, heard = ParameterSet(), []
    stop = values.observe(lambda id, value: heard.append((id, value)))
    values.set("step", 0.5)
    values.set("step", "0.5")
    stop()
    values.set("step", 0.7)
    assert heard == [("step", 0.5)]


@pytest.mark.parametrize("id", [id for id, p in PARAMETERS.items() if p.kind != "text"])
def test_a_value_survives_shared_memory_and_its_knob(id: str) -> None:
    parameter = PARAMETERS[id]
    values = parameter.choices or (parameter.default,)
    if parameter.kind in ("number", "duration"):
        values = (*values, parameter.minimum, parameter.maximum)
    if parameter.kind == "switch":
        values = (True, False)
    for value in values:
        assert parameter.decode(parameter.encode(value)) == value
        assert parameter.at_position(parameter.position(value)) == pytest.approx(value)


def test_a_duration_in_note_values_steps_through_them_and_not_to_its_end() -> None:
    values = ParameterSet(delay_ms="1/8")
    notes = values.choices("delay_ms")
    assert notes == NOTE_VALUES
    assert [NOTE_BEATS[note] for note in notes] == sorted(NOTE_BEATS.values())
    heard = []
    for place in range(len(notes)):
        values.set_position("delay_ms", place / (len(notes) - 1))
        heard.append(values["delay_ms"])
        assert values.position("delay_ms") == pytest.approx(place / (len(notes) - 1))
    assert tuple(heard) == notes
    values.set("delay_ms", 500)
    assert values.choices("delay_ms") == ()
    values.set_position("delay_ms", 1.0)
    assert values["delay_ms"] == 2000.0


@pytest.mark.parametrize(
    ("milliseconds", "tempo_bpm", "note"),
    [(500, 120, "1/4"), (250, 120, "1/8"), (240, 120, "1/8"), (0, 120, "1/16t"), (500, 60, "1/8")],
)
def test_the_nearest_note_value_depends_on_the_tempo(
    milliseconds: float, tempo_bpm: float, note: str
) -> None:
    assert nearest_note(milliseconds, tempo_bpm) == note


def test_a_note_value_follows_the_tempo() -> None:
    values = ParameterSet(delay_ms="1/8.", tempo_bpm=100)
    assert values["delay_ms"] == "1/8."
    assert values.number("delay_ms") == pytest.approx(450.0)
    values.set("tempo_bpm", 120)
    assert values.number("delay_ms") == pytest.approx(375.0)
    values.set("delay_ms", "1/1.")  # three seconds at this tempo: more than the loop can hold
    assert values.number("delay_ms") == PARAMETERS["delay_ms"].maximum
    parameter = PARAMETERS["delay_ms"]
    for note in ("1/4", "1/16t", "1/1"):
        assert parameter.decode(parameter.encode(note)) == note


def test_a_knob_chooses_among_names_once_they_are_known() -> None:
    values = ParameterSet()
    with pytest.raises(ParameterError, match="model"):
        values.set_position("layer", 0.5)
    values.options["layer"] = ("conv1", "conv2", "output")
    values.set_position("layer", 0.5)
    assert values["layer"] == "conv2"
    assert values.position("layer") == 0.5


def test_values_that_are_only_read_are_read_alike_and_cannot_be_set() -> None:
    parameters = ParameterSet(step=0.25, combine="gate", bypass=True, delay_ms="1/8.", n_fft=512)
    for values in (Snapshot(parameters), PinnedValues(parameters, {"step": 0.25})):
        assert isinstance(values, Values)
        assert not hasattr(values, "set")
        assert not hasattr(values, "set_position")
        assert values.as_dict() == parameters.as_dict()
        assert list(values) == list(parameters) == list(PARAMETERS)
        assert values["n_fft"] == 512
        assert values.number("step") == 0.25
        assert values.number("delay_ms") == parameters.number("delay_ms")
        assert values.text("combine") == "gate"
        assert values.switch("bypass") is True
        assert values.position("step") == parameters.position("step")
        with pytest.raises(ParameterError, match="step"):
            values["stepp"]


def test_a_snapshot_changes_only_when_it_is_taken() -> None:
    parameters = ParameterSet(step=0.25)
    snapshot = Snapshot(parameters)
    parameters.set("step", 0.75)
    snapshot.as_dict()["step"] = 2.0  # a copy
    assert snapshot["step"] == 0.25
    snapshot.take(parameters)
    assert snapshot["step"] == 0.75
    assert Snapshot(snapshot).as_dict() == parameters.as_dict()


def test_structural_values_are_those_that_need_a_new_prepare() -> None:
    found = structural_values(ParameterSet(n_fft=512))
    assert found["n_fft"] == 512
    assert set(found) == {id for id, parameter in PARAMETERS.items() if parameter.structural}


@pytest.mark.parametrize("id", [id for id, each in PARAMETERS.items() if each.kind != "text"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300, -1e300])
def test_any_number_in_shared_memory_is_a_value(id: str, number: float) -> None:
    value = PARAMETERS[id].decode(number)
    assert PARAMETERS[id].check(value) == value


def test_a_number_that_no_float_can_hold_is_refused() -> None:
    with pytest.raises(ParameterError, match="step cannot be"):
        PARAMETERS["step"].check(10**400)
