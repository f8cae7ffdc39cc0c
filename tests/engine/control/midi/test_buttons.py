"""Notes, buttons and program changes: switches, choices and actions."""

import pytest

from innerear.engine.control.midi import MidiController
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

from .conftest import PORT, MakeSetup, Setup, cc, note


def test_a_note_toggles_a_switch(make_setup: MakeSetup) -> None:
    on = make_setup({"control": note(), "parameter": "freeze"})
    heard = []
    for message in ("90 3c 40", "80 3c 00", "90 3c 40", "90 3c 00"):
        on.play(message)
        heard.append(on.parameters["freeze"])
    assert heard == [True, True, False, False]


def test_a_note_may_hold_a_switch_or_a_number(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": note(), "parameter": "freeze", "button": "momentary"},
        {"control": note(), "parameter": "feedback", "range": [0.2, 0.9]},
    )
    on.play("90 3c 40")
    assert (on.parameters["freeze"], on.parameters["feedback"]) == (True, 0.9)
    on.play("80 3c 00")
    assert (on.parameters["freeze"], on.parameters["feedback"]) == (False, 0.2)


def test_velocity_and_button_toggling_a_number(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": note(60), "parameter": "mix", "button": "velocity"},
        {"control": cc(41), "parameter": "feedback", "range": [0.1, 0.6], "button": "toggle"},
    )
    on.play("90 3c 20", "80 3c 00")
    assert on.parameters.number("mix") == pytest.approx(32 / 127)
    heard = []
    for _ in range(2):
        on.change(41, 127, 0)
        heard.append(on.parameters["feedback"])
    assert heard == [0.6, 0.1]


def test_a_button_takes_the_next_choice_and_begins_again(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": note(60), "parameter": "drive"},
        {"control": note(61), "parameter": "combine", "steps": ["flip", "add"]},
        {"control": note(62), "parameter": "n_fft", "steps": [2048]},
    )
    heard = []
    for _ in PARAMETERS["drive"].choices:
        on.play("90 3c 40", "80 3c 00")
        heard.append(on.parameters["drive"])
    assert heard == [*PARAMETERS["drive"].choices[1:], PARAMETERS["drive"].choices[0]]
    combined = []
    for _ in range(3):
        on.play("90 3d 40", "80 3d 00")
        combined.append(on.parameters["combine"])
    assert combined == ["flip", "add", "flip"]
    on.play("90 3e 40")
    assert on.parameters["n_fft"] == 2048


def test_a_button_that_sends_control_changes_works_at_the_first_press() -> None:
    binding = {"control": cc(41), "parameter": "bypass"}
    on = Setup({"takeover": "pick-up", "bindings": [binding]})
    heard = []
    for value in (127, 0, 127):
        on.change(41, value)
        heard.append(on.parameters["bypass"])
    assert heard == [True, False, True]


def test_buttons_call_actions_once_per_press(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": note(), "action": "panic"},
        {"control": cc(20), "action": "tap"},
        {"control": note(36), "action": "preset", "preset": 4},
    )
    on.play("90 3c 40", "80 3c 40", "90 3c 01")
    on.change(20, 10, 70, 127, 0)
    on.play("90 24 40")
    assert on.called == [("panic",), ("panic",), ("tap",), ("preset", 4)]


def test_a_program_change_chooses_a_preset_without_any_mapping() -> None:
    on = Setup()
    on.play("c0 00", "c5 0b", "c5 0b")
    assert on.called == [("preset", 1), ("preset", 12), ("preset", 12)]


def test_an_action_that_nobody_provides_does_nothing() -> None:
    controller = MidiController(ParameterSet())
    controller.handle(PORT, bytes.fromhex("c0 01"), 1.0)
    assert controller.problem == ""


def test_nothing_is_raised_whatever_an_action_does() -> None:
    def fail() -> None:
        raise ZeroDivisionError("oh no")

    controller = MidiController(ParameterSet(), {"transport-start": fail}, now=lambda: 1.0)
    controller.handle("port", b"\xfa", 1.0)
    assert "oh no" in controller.problem
