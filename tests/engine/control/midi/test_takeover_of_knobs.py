"""Knobs that are not where their parameter is: waiting, pick-up, scale."""

import pytest

from .conftest import Setup, cc


def test_waiting_says_where_the_knob_is() -> None:
    binding = {"control": cc(), "parameter": "mix", "range": [0, 0.5]}
    on = Setup({"bindings": [binding]})
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
    on = Setup({"bindings": [{"control": cc(), "parameter": "drive"}]})
    on.parameters.set("drive", "deconv")  # the second of five: 26 to 50 of 127
    on.change(1, 120)
    assert on.parameters["drive"] == "deconv"
    on.change(1, 45)
    assert on.controller.waiting() == {}
    on.change(1, 60)
    assert on.parameters["drive"] == "guided"


def test_scale_turns_choices_too() -> None:
    binding = {"control": cc(), "parameter": "drive", "takeover": "scale"}
    on = Setup({"bindings": [binding]})
    on.change(1, *range(60, 128))
    assert on.parameters["drive"] == "grains"
