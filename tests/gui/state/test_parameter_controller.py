"""The network that the controls act on: read without effects, loaded when the model changes."""

import time

import pytest

from innerear.engine.control.presets import available_presets, playable_problem
from innerear.engine.defaults import LIVE_PACK
from innerear.engine.ipc.shared_parameters import SharedParameterSet
from innerear.engine.live.live_status import LiveStatus
from innerear.gui.state import parameter_controller
from innerear.gui.state.parameter_controller import ParameterController


@pytest.fixture
def other_client(controller: ParameterController) -> SharedParameterSet:
    """Return the same parameters as another client has them."""
    return SharedParameterSet(controller.session._shared_state.block)


def test_reading_the_pack_changes_nothing(
    controller: ParameterController, other_client: SharedParameterSet
) -> None:
    options = dict(controller.parameters.options)
    other_client.set("model", "samplecnn-digits")
    before = controller.parameters.as_dict()
    assert controller.pack.name == LIVE_PACK
    assert controller.pack is controller.session.pack
    assert controller.parameters.as_dict() == before
    assert controller.parameters.options == options


def test_the_pack_is_loaded_when_another_client_changes_the_model(
    controller: ParameterController, other_client: SharedParameterSet
) -> None:
    other_client.set("model", "samplecnn-digits")
    controller.session.parameters.poll()
    assert controller.pack.name == "samplecnn-digits"
    assert "zero" in controller.parameters.options["target"]


def test_a_target_is_checked_against_the_model_that_another_client_has_just_set(
    controller: ParameterController, other_client: SharedParameterSet
) -> None:
    other_client.set("model", "samplecnn-digits")
    controller.change({"target": "zero"})
    assert controller.parameters["target"] == "zero"


def test_a_model_that_cannot_be_loaded_is_reported_and_the_pack_kept(
    controller: ParameterController, other_client: SharedParameterSet, messages: list[str]
) -> None:
    other_client.set("model", "samplecnn-nothing")
    controller.session.parameters.poll()
    assert controller.pack.name == LIVE_PACK
    assert len(messages) == 1
    assert "samplecnn-nothing" in messages[0]


def test_steps_in_a_row_lead_on_though_the_status_comes_later(
    controller: ParameterController, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [name for name in available_presets() if not playable_problem(name)]
    played: list[str] = []
    now = time.monotonic()
    monkeypatch.setattr(controller.session, "play_preset", played.append)
    monkeypatch.setattr(parameter_controller.time, "monotonic", lambda: now)
    controller.status = LiveStatus(preset=names[0])
    assert controller.preset == names[0]
    for _ in range(3):
        controller.step_preset(1)
    assert played == names[1:4]
    controller.step_preset(-1)
    assert controller.preset == names[2]
    now += 1.0
    assert controller.preset == names[0]  # another client played that since
