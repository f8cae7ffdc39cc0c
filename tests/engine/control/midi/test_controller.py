"""Knobs and clocks turn parameters."""

import pytest

from innerear.engine.parameter import NOTE_VALUES
from innerear.engine.parameters import PARAMETERS

from .conftest import PORT, MakeSetup, cc


def test_a_knob_turns_its_parameter_over_its_whole_range(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "step"})
    on.change(1, 127)
    assert on.parameters["step"] == 2.0
    on.change(1, 0)
    assert on.parameters["step"] == 0.0
    assert on.controller.activity == on.time


@pytest.mark.parametrize("id", [id for id, each in PARAMETERS.items() if each.kind != "text"])
def test_any_parameter_can_be_turned_from_end_to_end(make_setup: MakeSetup, id: str) -> None:
    on = make_setup({"control": cc(), "parameter": id})
    for position in (0, 1):
        on.change(1, 127 * position)
        assert on.parameters[id] == PARAMETERS[id].at_position(position)


def test_a_name_is_chosen_among_the_models_options(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "target"})
    on.parameters.options["target"] = ("auto", "Brass", "Strings")
    on.change(1, 64)
    assert on.parameters["target"] == "Brass"


def test_a_name_without_options_is_a_problem_that_is_told(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "target"})
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
    make_setup: MakeSetup, fields: dict, sent: tuple, expected: tuple
) -> None:
    on = make_setup({"control": cc(), "parameter": "step", **fields})
    for value, wanted in zip(sent, expected, strict=True):
        on.change(1, value)
        assert on.parameters["step"] == pytest.approx(wanted)


def test_a_curve_is_finer_at_the_low_end(make_setup: MakeSetup) -> None:
    on = make_setup({"control": {"kind": "cc14", "number": 1}, "parameter": "mix", "curve": 2})
    on.play("b0 01 40", "b0 21 00")
    assert on.parameters.number("mix") == pytest.approx((8192 / 16_383) ** 2)


def test_note_values_as_steps(make_setup: MakeSetup) -> None:
    steps = ["1/16", "1/8", "1/8.", "1/4"]
    on = make_setup({"control": cc(), "parameter": "delay_ms", "steps": steps})
    heard = []
    for value in (0, 40, 70, 127):
        on.change(1, value)
        heard.append(on.parameters["delay_ms"])
    assert heard == steps


def test_a_control_steps_through_note_values_while_the_delay_is_one(
    make_setup: MakeSetup,
) -> None:
    on = make_setup(
        {"control": cc(1), "parameter": "delay_ms", "values": [20, 500]},
        {"control": cc(2, encoding="twos-complement"), "parameter": "delay_ms"},
    )
    on.change(1, 127)
    assert on.parameters["delay_ms"] == pytest.approx(500.0)
    on.parameters.set("delay_ms", "1/8")
    at = NOTE_VALUES.index("1/8")
    on.change(2, 1, 1, 127)
    assert on.parameters["delay_ms"] == NOTE_VALUES[at + 1]
    on.change(1, 0)
    assert on.parameters["delay_ms"] == NOTE_VALUES[0]
    on.change(1, 127)
    assert on.parameters["delay_ms"] == NOTE_VALUES[-1]
    on.change(2, 1)
    assert on.parameters["delay_ms"] == NOTE_VALUES[-1]


def test_one_control_turns_several_parameters_and_the_reverse(make_setup: MakeSetup) -> None:
    on = make_setup(
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
    make_setup: MakeSetup, control: dict, messages: list[str], position: float
) -> None:
    on = make_setup({"control": control, "parameter": "mix"})
    on.play(*messages)
    assert on.parameters.number("mix") == pytest.approx(position)


@pytest.mark.parametrize(
    ("encoding", "right", "left"),
    [("twos-complement", 2, 127), ("binary-offset", 66, 63), ("sign-magnitude", 2, 65)],
)
def test_an_endless_encoder_turns_from_where_the_parameter_is(
    make_setup: MakeSetup, encoding: str, right: int, left: int
) -> None:
    on = make_setup({"control": cc(encoding=encoding), "parameter": "mix"})
    on.parameters.set("mix", 0.5)
    on.change(1, right)
    assert on.parameters.number("mix") == pytest.approx(0.5 + 2 / 127)
    on.change(1, left)
    assert on.parameters.number("mix") == pytest.approx(0.5 + 1 / 127)


def test_an_nrpn_encoder_turns_by_data_increment_and_decrement(make_setup: MakeSetup) -> None:
    control = {"kind": "nrpn-step", "number": 300}
    on = make_setup({"control": control, "parameter": "mix", "speed": 2}, feedback=True)
    on.parameters.set("mix", 0.5)
    on.play("b0 63 02", "b0 62 2c", "b0 60 00", "b0 60 00", "b0 61 7f")
    assert on.parameters.number("mix") == pytest.approx(0.5 + 2 / 127)
    # Its light shows where the parameter stands.
    assert on.shown() == ["b0 63 02", "b0 62 2c", "b0 06 42"]


def test_an_endless_encoder_takes_one_choice_per_step_and_stops_at_the_ends(
    make_setup: MakeSetup,
) -> None:
    on = make_setup({"control": cc(encoding="twos-complement"), "parameter": "drive"})
    choices = PARAMETERS["drive"].choices
    heard = []
    for _ in range(len(choices) + 1):
        on.change(1, 1)
        heard.append(on.parameters["drive"])
    assert heard == [*choices[1:], choices[-1], choices[-1]]
    on.change(1, 127)
    assert on.parameters["drive"] == choices[-2]


def test_only_the_channel_and_the_port_that_are_named_are_heard(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "mix"}, channel=2, port="KONTROL2")
    on.parameters.set("mix", 0.25)
    on.play("b0 01 7f")
    on.play("b1 01 7f", port="another")
    assert on.parameters["mix"] == 0.25
    on.play("b1 01 7f")
    assert on.parameters["mix"] == 1.0


def test_two_ports_keep_their_own_running_status(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": cc(1, port="one"), "parameter": "step"},
        {"control": cc(1, port="two"), "parameter": "mix"},
    )
    on.play("b0 01", port="one")
    on.play("b0 01 00", port="two")
    on.play("7f", port="one")
    assert (on.parameters["step"], on.parameters["mix"]) == (2.0, 0.0)


def test_a_clock_sets_the_tempo_and_start_the_beat(make_setup: MakeSetup) -> None:
    on = make_setup()
    on.play("fa")
    for _ in range(96):
        on.play("f8", seconds=60 / 90 / 24)
    assert on.parameters.number("tempo_bpm") == pytest.approx(90, rel=1e-3)
    assert on.controller.clock.beats_at(on.time) == pytest.approx(95 / 24, abs=1e-3)
    assert on.controller.clock.running
    on.play("fc", "fb")
    assert on.called == [("transport-start",), ("transport-stop",), ("transport-start",)]


def test_only_one_of_two_clocks_is_followed(make_setup: MakeSetup) -> None:
    on = make_setup()
    for _ in range(48):
        on.play("f8", seconds=60 / 100 / 24, port="one")
        on.play("f8", seconds=0, port="two")
    assert on.parameters.number("tempo_bpm") == pytest.approx(100, rel=1e-3)


def test_the_tempo_knob_turns_the_beats(make_setup: MakeSetup) -> None:
    on = make_setup()
    beats = on.controller.clock.beats_at(on.time)
    on.parameters.set("tempo_bpm", 60)
    on.time += 2
    assert on.controller.clock.beats_at(on.time) == pytest.approx(beats + 2)
