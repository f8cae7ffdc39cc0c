"""MIDI learn: what people do with their hands, and what is bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innerear.engine.control.midi.controls import control_messages
from innerear.engine.errors import ParameterError

from .conftest import Setup

FIELDS = {"exclude_defaults": True}


def learned(on: Setup, target: str) -> dict:
    """Return the control that was learned for a target."""
    (binding,) = [each for each in on.controller.mapping.bindings if each.target == target]
    assert binding.control.port == "nanoKONTROL2:nanoKONTROL2 MIDI 1"
    return binding.control.model_dump(exclude_defaults=True, exclude={"port", "channel"})


def pair(number: int, *values: int) -> list[str]:
    return [m.hex(" ") for value in values for m in control_messages("cc14", 1, number, value)]


def nrpn(kind: str, number: int, *values: int) -> list[str]:
    return [m.hex(" ") for value in values for m in control_messages(kind, 1, number, value)]


def changes(number: int, *values: int) -> list[str]:
    return [f"b0 {number:02x} {value:02x}" for value in values]


@pytest.mark.parametrize(
    ("moved", "control"),
    [
        (changes(7, 3, 4, 5, 6), {"kind": "cc", "number": 7}),
        (changes(7, 60, 55, 50, 44), {"kind": "cc", "number": 7}),
        (changes(7, 126, 127, 126, 125), {"kind": "cc", "number": 7}),
        (pair(7, 5000, 5003, 5010), {"kind": "cc14", "number": 7}),
        (pair(7, 5000, 9000), {"kind": "cc14", "number": 7}),
        (nrpn("nrpn", 300, 64, 65), {"kind": "nrpn", "number": 300}),
        (nrpn("nrpn14", 300, 64), {"kind": "nrpn14", "number": 300}),
        (["b0 63 02", "b0 62 2c", "b0 60 00"], {"kind": "nrpn-step", "number": 300}),
        (["b0 63 02", "b0 62 2c", "b0 61 00"], {"kind": "nrpn-step", "number": 300}),
        (
            changes(7, 1, 1, 2, 1, 1),
            {"kind": "cc", "number": 7, "encoding": "twos-complement"},
        ),
        (
            changes(7, 65, 65, 66, 65),
            {"kind": "cc", "number": 7, "encoding": "binary-offset"},
        ),
        (changes(7, 127, 127), {"kind": "cc", "number": 7, "encoding": "twos-complement"}),
        (changes(7, 127, 0), {"kind": "cc", "number": 7}),
        (["90 3c 40"], {"kind": "note", "number": 60}),
        (["e0 00 41"], {"kind": "pitch-bend"}),
        (["d0 41"], {"kind": "pressure"}),
        (["f8", "90 3c 40"], {"kind": "note", "number": 60}),
    ],
)
def test_the_control_that_is_moved_is_bound(moved: list[str], control: dict) -> None:
    on = Setup()
    on.controller.learn("mix")
    assert on.controller.learning == "mix"
    on.play(*moved)
    assert on.controller.learning is None
    assert learned(on, "mix") == control


@given(st.integers(0, 31), st.integers(0, 126), st.booleans())
def test_a_knob_moved_step_by_step_from_anywhere_is_absolute(
    number: int, start: int, up: bool
) -> None:
    on = Setup()
    on.controller.learn("mix")
    values = range(start, 128) if up else range(start, -1, -1)
    more = range(126, 120, -1) if up else range(1, 7)
    on.play(*changes(number, *values, *more))
    assert learned(on, "mix") == ({"kind": "cc", "number": number} if number else {"kind": "cc"})


def test_one_turn_left_tells_sign_and_magnitude() -> None:
    on = Setup()
    on.controller.learn("mix")
    on.play(*changes(7, 1, 1, 1))
    on.parameters.set("mix", 0.5)
    on.play(*changes(7, 65))
    assert learned(on, "mix")["encoding"] == "sign-magnitude"
    assert on.parameters.number("mix") == pytest.approx(0.5 - 1 / 127)


def test_one_turn_left_confirms_twos_complement() -> None:
    on = Setup()
    on.controller.learn("mix")
    on.play(*changes(7, 1, 1, 1))
    on.parameters.set("mix", 0.5)
    on.play(*changes(7, 127))
    assert learned(on, "mix")["encoding"] == "twos-complement"
    assert on.parameters.number("mix") == pytest.approx(0.5 - 1 / 127)


def test_a_button_is_learned_for_a_switch_at_its_first_press() -> None:
    on = Setup()
    on.controller.learn("freeze", button="toggle")
    on.play(*changes(41, 127))
    assert learned(on, "freeze") == {"kind": "cc", "number": 41}
    heard = []
    for value in (0, 127, 0, 127):
        on.change(41, value)
        heard.append(on.parameters["freeze"])
    assert heard == [False, True, True, False]


def test_actions_can_be_learned() -> None:
    on = Setup()
    on.controller.learn("panic")
    on.play("90 24 40")
    on.controller.learn("preset", preset=3)
    on.play("90 25 40")
    on.play("90 24 40", "90 25 40")
    assert on.called == [("panic",), ("preset", 3)]


def test_the_user_may_say_what_it_is() -> None:
    on = Setup()
    on.controller.learn("mix", kind="cc", encoding="sign-magnitude")
    on.play(*changes(7, 65))
    assert learned(on, "mix") == {"kind": "cc", "number": 7, "encoding": "sign-magnitude"}
    on.controller.learn("step", kind="cc14")
    on.play(*changes(8, 65))
    assert learned(on, "step") == {"kind": "cc14", "number": 8}


def test_what_is_learned_takes_the_control_from_what_it_did_before() -> None:
    on = Setup()
    for target, keep in (("mix", False), ("step", False), ("feedback", True)):
        on.controller.learn(target, keep=keep)
        on.play(*changes(7, 3, 4, 5, 6))
    bound = {each.target for each in on.controller.mapping.bindings}
    assert bound == {"preset", "step", "feedback"}
    on.controller.forget("step")
    assert {each.target for each in on.controller.mapping.bindings} == {"preset", "feedback"}


def test_nothing_turns_while_learning_and_it_can_be_cancelled() -> None:
    on = Setup({"takeover": "jump", "bindings": [{"control": {"kind": "cc"}, "parameter": "mix"}]})
    on.controller.learn("step")
    on.change(0, 5)
    assert on.parameters["mix"] == 1.0
    on.controller.cancel_learning()
    on.change(0, 0)
    assert on.parameters["mix"] == 0.0


def test_what_nobody_moves_is_waited_for_no_longer_than_was_said() -> None:
    on = Setup({"takeover": "jump", "bindings": [{"control": {"kind": "cc"}, "parameter": "mix"}]})
    on.controller.learn("step", seconds=60.0)
    assert on.controller.learning == "step"
    on.time += 61.0
    assert on.controller.learning is None
    on.change(0, 0)
    assert on.parameters["mix"] == 0.0
    assert [each.target for each in on.controller.mapping.bindings] == ["mix"]


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("mixx", {}, "Did you mean mix"),
        ("preset", {}, "which preset"),
        ("mix", {"kind": "program"}, "only choose a preset"),
        ("mix", {"kind": "note", "encoding": "binary-offset"}, "no encoding"),
    ],
)
def test_what_cannot_be_learned_is_refused(target: str, options: dict, words: str) -> None:
    on = Setup()
    with pytest.raises(ParameterError, match=words):
        on.controller.learn(target, **options)
    assert on.controller.learning is None


def test_program_changes_can_be_learned_again() -> None:
    on = Setup()
    on.controller.forget("preset")
    on.play("c0 01")
    assert on.called == []
    on.controller.learn("preset", kind="program")
    on.play("c0 01", "c0 04")
    assert on.called == [("preset", 5)]
