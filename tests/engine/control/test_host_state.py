"""The state that a host keeps for a project."""

import json
from pathlib import Path

import pytest

from innerear.engine.control.host_state import HostState
from innerear.engine.errors import PresetError
from innerear.engine.parameter_values import ParameterSet


def test_a_state_holds_the_preset_and_the_packs_checksums() -> None:
    state = json.loads(HostState(ParameterSet(step=0.7)).text())
    assert state["preset"]["parameters"]["step"] == 0.7
    assert set(state["packs"]) == {"stftcnn-robust", "crnn-robust"}
    assert all(len(checksum) == 64 for checksum in state["packs"].values())


def test_what_was_saved_is_recalled() -> None:
    values = {"step": 0.7, "target": "Brass", "alignment": "zero-latency", "delay_ms": "1/8."}
    parameters = ParameterSet()
    assert HostState(parameters).recall(HostState(ParameterSet(**values)).text()) == []
    assert {id: parameters[id] for id in values} == values


def missing(**values: float) -> str:
    """Return a state whose model is not installed here."""
    state = json.loads(HostState(ParameterSet(target="Brass", **values)).text())
    state["preset"]["parameters"]["model"] = "absent"
    state["packs"] = {"absent": "0123"}
    return json.dumps(state)


def test_a_missing_pack_is_named_and_the_rest_recalled() -> None:
    parameters = ParameterSet(target="energy")
    model = parameters["model"]
    (line,) = HostState(parameters).recall(missing(step=0.7))
    assert "absent" in line
    assert (parameters["step"], parameters["model"], parameters["target"]) == (0.7, model, "energy")


def test_a_missing_pack_stays_in_the_project_until_another_is_chosen() -> None:
    parameters = ParameterSet()
    state = HostState(parameters)
    state.recall(missing())
    saved = json.loads(state.text())
    assert saved["preset"]["parameters"]["model"] == "absent"
    assert saved["preset"]["parameters"]["target"] == "Brass"
    assert saved["packs"] == {"absent": "0123"}
    parameters.set("model", "samplecnn-instruments")
    assert json.loads(state.text())["preset"]["parameters"]["model"] == "samplecnn-instruments"


def test_another_pack_of_the_same_name_is_said() -> None:
    state = json.loads(HostState(ParameterSet()).text())
    state["packs"]["crnn-robust"] = "0" * 64
    (line,) = HostState(ParameterSet()).recall(json.dumps(state))
    assert "crnn-robust is not the one" in line


@pytest.mark.parametrize("text", ["", "[]", '{"preset": 1, "packs": {}}', '{"packs": []}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(PresetError):
        HostState(ParameterSet()).recall(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"preset": ' * 50_000, '{"packs": 9}', "\ud800"])
def test_a_hostile_state_is_one_line(text: str) -> None:
    with pytest.raises(PresetError, match="no state of Innerear"):
        HostState(ParameterSet()).recall(text)


def test_only_packs_that_are_installed_are_compared(tmp_path: Path) -> None:
    state = HostState(ParameterSet())
    data = json.loads(state.text())
    data["packs"] = {"a" * 5000: "1", "a\0b": "1", str(tmp_path): "1", "../../x": "1"}
    assert state.recall(json.dumps(data)) == []


def test_a_model_whose_name_no_folder_can_have_is_missing() -> None:
    state = HostState(ParameterSet())
    data = json.loads(state.text())
    data["preset"]["parameters"]["model"] = "a" * 400
    data["preset"]["parameters"]["target_sound"] = "b" * 400
    news = state.recall(json.dumps(data))
    assert [line.endswith("the rest was restored.") for line in news] == [True, True]
