"""What the controls begin with, and what is left of them for the next audio server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innerear.engine.control.control_dispatcher import ControlDispatcher
from innerear.engine.control.control_state import (
    ControlState,
    read_control_state,
    save_control_state,
)
from innerear.engine.control.control_state_file import ControlStateFile
from innerear.engine.control.presets import Preset
from innerear.engine.parameter_values import ParameterSet

QUIET = Preset("quiet", {"mix": 0.25}, "Quiet")
LOUD = Preset("loud", {"mix": 0.75}, "Loud")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def file(tmp_path: Path, said: list[str]) -> ControlStateFile:
    return ControlStateFile(tmp_path, said.append)


@pytest.fixture
def dispatcher(file: ControlStateFile) -> Iterator[ControlDispatcher]:
    made = ControlDispatcher(ParameterSet(), lambda: None, lambda plays: None, file.state)
    yield made
    made.close()


def test_what_a_client_chooses_while_the_server_opens_is_gone_on_with(
    file: ControlStateFile, dispatcher: ControlDispatcher, tmp_path: Path, said: list[str]
) -> None:
    save_control_state(tmp_path, ControlState("quiet", QUIET, LOUD))
    file.follow(dispatcher)
    assert dispatcher.state == ControlState("quiet", QUIET, LOUD)
    dispatcher._parameters.set("morph", 0.5)
    assert dispatcher._parameters["mix"] == pytest.approx(0.5)
    (tmp_path / "control.json").write_text("{")
    file.follow(dispatcher)
    assert len(said) == 1
    file.keep(dispatcher, at_once=True)
    assert read_control_state(tmp_path).a == QUIET


def test_where_nobody_chose_anything_a_button_has_the_last_word(
    file: ControlStateFile, dispatcher: ControlDispatcher, tmp_path: Path
) -> None:
    dispatcher.slots.load("b", LOUD)
    file.follow(dispatcher)
    assert dispatcher.state.b == LOUD
    file.keep(dispatcher)
    assert read_control_state(tmp_path).b == LOUD


def test_a_folder_that_is_gone_is_not_made_anew(
    file: ControlStateFile, dispatcher: ControlDispatcher, tmp_path: Path, said: list[str]
) -> None:
    dispatcher.slots.load("b", LOUD)
    tmp_path.rmdir()
    file.keep(dispatcher, at_once=True)
    assert not tmp_path.exists()
    assert said == []
    tmp_path.mkdir()
