"""A window begins as the last one was left."""

import json
from collections.abc import Iterator

import pytest

from innerear.engine.control.control_state import ControlState
from innerear.engine.control.presets import Preset
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.gui.app import open_controller
from innerear.gui.state.left import left_file, load_left, save_left
from innerear.gui.state.slots import Slots

STATE = ControlState("mine", Preset("mine", {"step": 1.5}, "Mine"), Preset("b", {"mix": 0.5}))


@pytest.fixture
def left() -> dict[str, object]:
    """Leave a session with knobs, a preset and slots; return its parameters."""
    values = {"mix": 0.25, "morph": 0.75, "model": "samplecnn-instruments", "n_fft": 512}
    with Session(parameters=ParameterSet(**values)) as session:
        session.control_state = STATE
        save_left(session)
        return session.parameters.as_dict()


def test_knobs_preset_and_slots_are_as_they_were_left(left: dict[str, object]) -> None:
    controller = open_controller(ParameterSet(), restore=True)
    with controller.session as session:
        assert session.parameters.as_dict() == left
        assert controller.preset == "mine"
        assert Slots(controller).names() == ("Mine", "b")
        assert controller.greeting == ""


@pytest.mark.parametrize(("given", "restore"), [({"step": 0.5}, True), ({}, False)])
def test_what_is_asked_for_begins_afresh(
    left: dict[str, object], given: dict[str, float], restore: bool
) -> None:
    with open_controller(ParameterSet(**given), restore=restore).session as session:
        assert session.parameters.as_dict() == ParameterSet(**given).as_dict()


def test_a_model_that_was_removed_is_said(left: dict[str, object]) -> None:
    data = json.loads(left_file().read_text())
    data["parameters"]["model"] = "no-such-model"
    left_file().write_text(json.dumps(data))
    controller = open_controller(ParameterSet(), restore=True)
    with controller.session:
        assert "no-such-model" in controller.greeting


def test_one_value_that_cannot_be_loses_no_other(left: dict[str, object]) -> None:
    data = json.loads(left_file().read_text())
    data["parameters"] |= {"step": "many", "no-such-knob": 1}
    left_file().write_text(json.dumps(data))
    found = load_left()
    assert found is not None
    assert (found.parameters["step"], found.parameters["mix"]) == (ParameterSet()["step"], 0.25)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"parameters": [], "control": {}}'])
def test_a_damaged_file_is_as_none(text: str) -> None:
    left_file().parent.mkdir(parents=True, exist_ok=True)
    left_file().write_text(text)
    assert load_left() is None


def test_slots_stored_before_the_sound_starts_are_kept() -> None:
    controller = open_controller(ParameterSet())
    with controller.session as session:
        controller.change({"mix": 0.125})
        Slots(controller).store("b")
        controller.play_preset("no-waiting")
        state = session.control_state
        assert state.b is not None
        assert (state.preset, state.b.parameters["mix"]) == ("no-waiting", 0.125)


@pytest.fixture
def playing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Give a session that stands for one that plays, with another network and feedback."""
    with Session(parameters=ParameterSet(model="samplecnn-digits", feedback=0.75)) as session:
        monkeypatch.setattr(Session, "attach", classmethod(lambda cls: session))
        yield session


def test_a_preset_is_opened_whole_on_what_plays(playing: Session) -> None:
    """Also what it leaves at the defaults: network, feedback."""
    wanted = Preset("brass-halo", {"target": "Brass", "mix": 0.5}).values()
    controller = open_controller(ParameterSet(**wanted), whole=True)
    assert controller.greeting == ""
    assert {id: playing.parameters[id] for id in wanted} == wanted


def test_beside_a_preset_what_none_stores_is_set_too(playing: Session) -> None:
    wanted = {**Preset("brass-halo", {"mix": 0.5}).values(), "mute": True, "tempo_bpm": 90.0}
    open_controller(ParameterSet(**wanted), whole=True)
    assert {id: playing.parameters[id] for id in wanted} == wanted


def test_a_preset_that_cannot_be_played_leaves_what_plays(playing: Session) -> None:
    wanted = {"target": "Brass", "model": "samplecnn-digits"}
    controller = open_controller(ParameterSet(**wanted), whole=True)
    assert "Brass" in controller.greeting
    assert playing.parameters["feedback"] == 0.75


def test_single_values_leave_the_others(playing: Session) -> None:
    open_controller(ParameterSet(mix=0.5))
    values = [playing.parameters[id] for id in ("mix", "feedback", "model")]
    assert values == [0.5, 0.75, "samplecnn-digits"]
