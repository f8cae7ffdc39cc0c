"""Preset and slots go on in another server."""

from pathlib import Path

import pytest

from innerear.engine.control.control_dispatcher import ControlDispatcher
from innerear.engine.control.control_state import (
    ControlState,
    read_control_state,
    save_control_state,
)
from innerear.engine.control.presets import Preset
from innerear.engine.control.requests import PlayPreset, SetSlot
from innerear.engine.errors import InnerearError
from innerear.engine.parameter_values import ParameterSet


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = ControlState("halo", Preset("halo", {"step": 1.5}, "Halo", "it glows"))
    save_control_state(tmp_path, state)
    assert read_control_state(tmp_path) == state


def test_without_a_file_nothing_was_chosen(tmp_path: Path) -> None:
    assert read_control_state(tmp_path) == ControlState()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"preset": ""}', '{"preset":"","a":{"b":1},"b":null}']
)
def test_what_is_damaged_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "control.json").write_text(text)
    with pytest.raises(InnerearError) as caught:
        read_control_state(tmp_path)
    assert "\n" not in str(caught.value)


def test_another_dispatcher_goes_on_with_preset_slots_and_morph() -> None:
    parameters = ParameterSet()
    first = ControlDispatcher(parameters, lambda: None)
    first.answer(PlayPreset("brass-halo"))
    first.answer(SetSlot("b", "mine", {"step": 1.75, "target": "Brass"}, "Mine"))
    parameters.set("morph", 0.25)
    state, heard = first.state, parameters.as_dict()
    first.close()
    again = ControlDispatcher(parameters, lambda: None, state=state)
    try:
        assert again.status().preset == "brass-halo"
        assert again.status().slots == first.status().slots
        assert parameters.as_dict() == heard
        parameters.set("morph", 1.0)
        assert parameters["step"] == 1.75
    finally:
        again.close()
