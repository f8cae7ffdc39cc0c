"""Lights and motor faders show what changes elsewhere."""

from .conftest import PORT, MakeSetup, cc, note


def test_a_change_from_elsewhere_is_shown(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "mix"}, feedback=True, channel=3)
    assert on.shown() == ["b2 01 7f"]
    assert on.shown() == []
    on.parameters.set("mix", 0.5)
    assert on.shown() == ["b2 01 40"]


def test_a_control_is_not_told_of_its_own_moves(make_setup: MakeSetup) -> None:
    on = make_setup(
        {"control": cc(1), "parameter": "mix", "curve": 3, "invert": True},
        {"control": cc(2), "parameter": "mix"},
        feedback=True,
    )
    on.shown()
    for value in range(128):
        on.change(1, value)
        assert all(message.startswith("b0 02") for message in on.shown())


def test_lights_follow_not_too_often_and_miss_no_last_value(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "mix"}, feedback=True)
    on.shown()
    sent = []
    for step in range(100):
        on.parameters.set("mix", step / 100)
        sent += on.shown(seconds=0.001)
    assert 2 <= len(sent) <= 6
    sent += on.shown()
    assert sent[-1] == f"b0 01 {round(0.99 * 127):02x}"
    assert on.shown() == []


def test_a_motor_fader_is_left_alone_while_a_hand_is_on_it(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "mix"}, feedback=True)
    on.change(1, 20)
    on.parameters.set("mix", 1.0)
    assert on.shown(seconds=0.01) == []
    assert on.shown(seconds=0.1) == ["b0 01 7f"]


def test_a_choice_is_shown_only_when_the_knob_says_another(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "drive"}, feedback=True)
    on.change(1, 45)
    assert on.parameters["drive"] == "deconv"
    assert on.shown() == []
    on.parameters.set("drive", "grains")
    assert on.shown() == ["b0 01 7f"]


def test_the_light_of_a_button_and_a_ring_elsewhere(make_setup: MakeSetup) -> None:
    on = make_setup(
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


def test_a_device_that_comes_back_is_shown_everything(make_setup: MakeSetup) -> None:
    on = make_setup({"control": cc(), "parameter": "mix"}, feedback=True, port="nanoKONTROL2")
    on.shown()
    on.controller.show_again("another")
    assert on.shown() == []
    on.controller.show_again(PORT)
    assert on.shown() == ["b0 01 7f"]
