"""From messages to parameters and actions, and back to lights."""

from collections.abc import Callable

import pytest

from innerear.engine.control.midi import MidiController
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

from .conftest import PORT, Stage

SetStage = Callable[..., Stage]


def cc(number: int = 1, **fields: object) -> dict:
    return {"kind": "cc", "number": number, **fields}


def note(number: int = 60) -> dict:
    return {"kind": "note", "number": number}


def test_a_knob_turns_its_parameter_over_its_whole_range(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "step"})
    on.change(1, 127)
    assert on.parameters["step"] == 2.0
    on.change(1, 0)
    assert on.parameters["step"] == 0.0
    assert on.controller.activity == on.time


@pytest.mark.parametrize("id", [id for id, each in PARAMETERS.items() if each.kind != "text"])
def test_any_parameter_can_be_turned_from_end_to_end(stage: SetStage, id: str) -> None:
    on = stage({"control": cc(), "parameter": id})
    for position in (0, 1):
        on.change(1, 127 * position)
        assert on.parameters[id] == PARAMETERS[id].at_position(position)


def test_a_name_is_chosen_among_the_models_options(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "target"})
    on.parameters.options["target"] = ("auto", "Brass", "Strings")
    on.change(1, 64)
    assert on.parameters["target"] == "Brass"


def test_a_name_without_options_is_a_problem_that_is_told(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "target"})
    on.controller.handle(PORT, bytes.fromhex("b0 01 40"), on.time)
    assert "target" in on.controller.problem
    assert on.parameters["target"] == "auto"
    on.time += 11
    assert on.controller.problem == ""


@pytest.mark.parametrize(
    ("fields", "sent", "expected"),
    [
        ({"range": [0.25, 0.75]}, (0, 127), (0.5, 1.5)),
        ({"range": [1, 0]}, (0, 127), (2.0, 0.0)),
        ({"values": [0.2, 1.2]}, (0, 127), (0.2, 1.2)),
        ({"invert": True}, (0, 127), (2.0, 0.0)),
        ({"curve": 2}, (0, 127), (0.0, 2.0)),
    ],
)
def test_each_binding_has_its_range(
    stage: SetStage, fields: dict, sent: tuple, expected: tuple
) -> None:
    on = stage({"control": cc(), "parameter": "step", **fields})
    for value, wanted in zip(sent, expected, strict=True):
        on.change(1, value)
        assert on.parameters["step"] == pytest.approx(wanted)


def test_a_curve_is_finer_at_the_low_end(stage: SetStage) -> None:
    on = stage({"control": {"kind": "cc14", "number": 1}, "parameter": "mix", "curve": 2})
    on.play("b0 01 40", "b0 21 00")
    assert on.parameters.number("mix") == pytest.approx((8192 / 16_383) ** 2)


def test_note_values_as_steps(stage: SetStage) -> None:
    steps = ["1/16", "1/8", "1/8.", "1/4"]
    on = stage({"control": cc(), "parameter": "delay_ms", "steps": steps})
    heard = []
    for value in (0, 40, 70, 127):
        on.change(1, value)
        heard.append(on.parameters["delay_ms"])
    assert heard == steps


def test_one_control_turns_several_parameters_and_the_reverse(stage: SetStage) -> None:
    on = stage(
        {"control": cc(1), "parameter": "step"},
        {"control": cc(1), "parameter": "mix", "invert": True},
        {"control": cc(2), "parameter": "mix"},
    )
    on.change(1, 127)
    assert (on.parameters["step"], on.parameters["mix"]) == (2.0, 0.0)
    on.change(2, 127)
    assert on.parameters["mix"] == 1.0


@pytest.mark.parametrize(
    ("control", "messages", "position"),
    [
        (cc(), ["b0 01 40"], 64 / 127),
        ({"kind": "cc14", "number": 1}, ["b0 01 40", "b0 21 01"], 8193 / 16_383),
        ({"kind": "nrpn", "number": 130}, ["b0 63 01", "b0 62 02", "b0 06 40"], 64 / 127),
        (
            {"kind": "nrpn14", "number": 130},
            ["b0 63 01", "b0 62 02", "b0 06 40", "b0 26 01"],
            8193 / 16_383,
        ),
        ({"kind": "pitch-bend"}, ["e0 01 40"], 8193 / 16_383),
        ({"kind": "pressure"}, ["d0 40"], 64 / 127),
        ({"kind": "poly-pressure", "number": 60}, ["a0 3c 40"], 64 / 127),
    ],
)
def test_every_kind_of_control_turns(
    stage: SetStage, control: dict, messages: list[str], position: float
) -> None:
    on = stage({"control": control, "parameter": "mix"})
    on.play(*messages)
    assert on.parameters.number("mix") == pytest.approx(position)


@pytest.mark.parametrize(
    ("encoding", "right", "left"),
    [("twos-complement", 2, 127), ("binary-offset", 66, 63), ("sign-magnitude", 2, 65)],
)
def test_an_endless_encoder_turns_from_where_the_parameter_is(
    stage: SetStage, encoding: str, right: int, left: int
) -> None:
    on = stage({"control": cc(encoding=encoding), "parameter": "mix"})
    on.parameters.set("mix", 0.5)
    on.change(1, right)
    assert on.parameters.number("mix") == pytest.approx(0.5 + 2 / 127)
    on.change(1, left)
    assert on.parameters.number("mix") == pytest.approx(0.5 + 1 / 127)


def test_an_endless_encoder_takes_one_choice_per_step_and_stops_at_the_ends(
    stage: SetStage,
) -> None:
    on = stage({"control": cc(encoding="twos-complement"), "parameter": "drive"})
    choices = PARAMETERS["drive"].choices
    heard = []
    for _ in range(len(choices) + 1):
        on.change(1, 1)
        heard.append(on.parameters["drive"])
    assert heard == [*choices[1:], choices[-1], choices[-1]]
    on.change(1, 127)
    assert on.parameters["drive"] == choices[-2]


def test_only_the_channel_and_the_port_that_are_named_are_heard(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "mix"}, channel=2, port="KONTROL2")
    on.parameters.set("mix", 0.25)
    on.play("b0 01 7f")
    on.play("b1 01 7f", port="another")
    assert on.parameters["mix"] == 0.25
    on.play("b1 01 7f")
    assert on.parameters["mix"] == 1.0


def test_two_ports_keep_their_own_running_status(stage: SetStage) -> None:
    on = stage(
        {"control": cc(1, port="one"), "parameter": "step"},
        {"control": cc(1, port="two"), "parameter": "mix"},
    )
    on.play("b0 01", port="one")
    on.play("b0 01 00", port="two")
    on.play("7f", port="one")
    assert (on.parameters["step"], on.parameters["mix"]) == (2.0, 0.0)


# Notes, buttons and programs


def test_a_note_toggles_a_switch(stage: SetStage) -> None:
    on = stage({"control": note(), "parameter": "freeze"})
    heard = []
    for message in ("90 3c 40", "80 3c 00", "90 3c 40", "90 3c 00"):
        on.play(message)
        heard.append(on.parameters["freeze"])
    assert heard == [True, True, False, False]


def test_a_note_may_hold_a_switch_or_a_number(stage: SetStage) -> None:
    on = stage(
        {"control": note(), "parameter": "freeze", "button": "momentary"},
        {"control": note(), "parameter": "feedback", "range": [0.2, 0.9]},
    )
    on.play("90 3c 40")
    assert (on.parameters["freeze"], on.parameters["feedback"]) == (True, 0.9)
    on.play("80 3c 00")
    assert (on.parameters["freeze"], on.parameters["feedback"]) == (False, 0.2)


def test_velocity_and_button_toggling_a_number(stage: SetStage) -> None:
    on = stage(
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


def test_a_button_takes_the_next_choice_and_begins_again(stage: SetStage) -> None:
    on = stage(
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
    on = Stage({"takeover": "pick-up", "bindings": [binding]})
    heard = []
    for value in (127, 0, 127):
        on.change(41, value)
        heard.append(on.parameters["bypass"])
    assert heard == [True, False, True]


def test_buttons_call_actions_once_per_press(stage: SetStage) -> None:
    on = stage(
        {"control": note(), "action": "panic"},
        {"control": cc(20), "action": "tap"},
        {"control": note(36), "action": "preset", "preset": 4},
    )
    on.play("90 3c 40", "80 3c 40", "90 3c 01")
    on.change(20, 10, 70, 127, 0)
    on.play("90 24 40")
    assert on.called == [("panic",), ("panic",), ("tap",), ("preset", 4)]


def test_a_program_change_chooses_a_preset_without_any_mapping() -> None:
    on = Stage()
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


# Takeover


def test_waiting_says_where_the_knob_is() -> None:
    binding = {"control": cc(), "parameter": "mix", "range": [0, 0.5]}
    on = Stage({"bindings": [binding]})
    on.parameters.set("mix", 0.5)
    on.change(1, 0)
    assert on.controller.waiting() == {"mix": 0.0}
    assert on.parameters["mix"] == 0.5
    on.change(1, 64)
    assert on.controller.waiting() == {"mix": pytest.approx(0.5 * 64 / 127)}
    on.change(1, 126)
    assert on.controller.waiting() == {}
    assert on.parameters.number("mix") == pytest.approx(0.5 * 126 / 127)


def test_pick_up_of_choices_is_by_choice() -> None:
    on = Stage({"bindings": [{"control": cc(), "parameter": "drive"}]})
    on.parameters.set("drive", "deconv")  # the second of five: 26 to 50 of 127
    on.change(1, 120)
    assert on.parameters["drive"] == "deconv"
    on.change(1, 45)
    assert on.controller.waiting() == {}
    on.change(1, 60)
    assert on.parameters["drive"] == "guided"


def test_scale_turns_choices_too() -> None:
    binding = {"control": cc(), "parameter": "drive", "takeover": "scale"}
    on = Stage({"bindings": [binding]})
    on.change(1, *range(60, 128))
    assert on.parameters["drive"] == "grains"


# Clock


def test_a_clock_sets_the_tempo_and_start_the_beat(stage: SetStage) -> None:
    on = stage()
    on.play("fa")
    for _ in range(96):
        on.play("f8", seconds=60 / 90 / 24)
    assert on.parameters.number("tempo_bpm") == pytest.approx(90, rel=1e-3)
    assert on.controller.clock.beats_at(on.time) == pytest.approx(95 / 24, abs=1e-3)
    assert on.controller.clock.running
    on.play("fc", "fb")
    assert on.called == [("transport-start",), ("transport-stop",), ("transport-start",)]


def test_only_one_of_two_clocks_is_followed(stage: SetStage) -> None:
    on = stage()
    for _ in range(48):
        on.play("f8", seconds=60 / 100 / 24, port="one")
        on.play("f8", seconds=0, port="two")
    assert on.parameters.number("tempo_bpm") == pytest.approx(100, rel=1e-3)


def test_the_tempo_knob_turns_the_beats(stage: SetStage) -> None:
    on = stage()
    beats = on.controller.clock.beats_at(on.time)
    on.parameters.set("tempo_bpm", 60)
    on.time += 2
    assert on.controller.clock.beats_at(on.time) == pytest.approx(beats + 2)


# Lights and motor faders


def test_a_change_from_elsewhere_is_shown(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "mix"}, feedback=True, channel=3)
    assert on.shown() == ["b2 01 7f"]
    assert on.shown() == []
    on.parameters.set("mix", 0.5)
    assert on.shown() == ["b2 01 40"]


def test_a_control_is_not_told_of_its_own_moves(stage: SetStage) -> None:
    on = stage(
        {"control": cc(1), "parameter": "mix", "curve": 3, "invert": True},
        {"control": cc(2), "parameter": "mix"},
        feedback=True,
    )
    on.shown()
    for value in range(128):
        on.change(1, value)
        assert all(message.startswith("b0 02") for message in on.shown())


def test_lights_follow_not_too_often_and_miss_no_last_value(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "mix"}, feedback=True)
    on.shown()
    sent = []
    for step in range(100):
        on.parameters.set("mix", step / 100)
        sent += on.shown(seconds=0.001)
    assert 2 <= len(sent) <= 6
    sent += on.shown()
    assert sent[-1] == f"b0 01 {round(0.99 * 127):02x}"
    assert on.shown() == []


def test_a_motor_fader_is_left_alone_while_a_hand_is_on_it(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "mix"}, feedback=True)
    on.change(1, 20)
    on.parameters.set("mix", 1.0)
    assert on.shown(seconds=0.01) == []
    assert on.shown(seconds=0.1) == ["b0 01 7f"]


def test_a_choice_is_shown_only_when_the_knob_says_another(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "drive"}, feedback=True)
    on.change(1, 45)
    assert on.parameters["drive"] == "deconv"
    assert on.shown() == []
    on.parameters.set("drive", "grains")
    assert on.shown() == ["b0 01 7f"]


def test_the_light_of_a_button_and_a_ring_elsewhere(stage: SetStage) -> None:
    on = stage(
        {
            "control": note(8),
            "parameter": "freeze",
            "feedback": {"kind": "note", "number": 0, "low": 0, "high": 1},
        },
        {
            "control": cc(1, encoding="twos-complement"),
            "parameter": "mix",
            "feedback": {"kind": "cc", "number": 9, "low": 1, "high": 13},
        },
    )
    assert on.shown() == ["90 00 00", "b0 09 0d"]
    on.play("90 08 7f", "80 08 00")
    assert on.shown() == ["90 00 01"]
    on.change(1, 127 - 60)
    assert on.shown() == ["b0 09 07"]


def test_a_device_that_comes_back_is_shown_everything(stage: SetStage) -> None:
    on = stage({"control": cc(), "parameter": "mix"}, feedback=True, port="nanoKONTROL2")
    on.shown()
    on.controller.show_again("another")
    assert on.shown() == []
    on.controller.show_again(PORT)
    assert on.shown() == ["b0 01 7f"]
