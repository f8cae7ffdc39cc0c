"""What the dispatcher does with requests, actions and MIDI, without devices."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from innerear.engine.actions import ACTIONS
from innerear.engine.control.control_dispatcher import CLIENT_ACTIONS, ControlDispatcher
from innerear.engine.control.requests import (
    DoAction,
    MidiBind,
    MidiBindings,
    MidiLearn,
    Quit,
    SetSlot,
    ToggleSlot,
)
from innerear.engine.errors import InnerearError, ParameterError
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

PORT = "knobs"
START, CONTINUE, STOP = [0xFA], [0xFB], [0xFC]


@pytest.fixture
def transport() -> list[bool]:
    """What the dispatcher told the file: play or pause."""
    return []


@pytest.fixture
def dispatcher(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: list[bool]
) -> Iterator[ControlDispatcher]:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    made = ControlDispatcher(ParameterSet(), lambda: None, transport.append)
    yield made
    made.close()


def beats(dispatcher: ControlDispatcher) -> float:
    found = dispatcher.beats()
    assert found is not None
    return found


def test_every_action_is_implemented(dispatcher: ControlDispatcher) -> None:
    assert set(dispatcher.actions) == set(ACTIONS)
    assert set(CLIENT_ACTIONS) <= set(ACTIONS)


def test_the_transport_plays_the_file_and_counts_from_0(
    dispatcher: ControlDispatcher, transport: list[bool]
) -> None:
    assert dispatcher.beats() is None
    before = time.perf_counter()
    dispatcher.answer(DoAction("transport-start"))
    after = time.perf_counter()
    assert transport == [True]
    clock = dispatcher.midi.clock
    assert clock.beats_at(before) <= 0.0 <= clock.beats_at(after)
    first = beats(dispatcher)
    assert beats(dispatcher) > first
    assert dispatcher.status().midi.clock
    dispatcher.answer(DoAction("transport-stop"))
    assert transport == [True, False]
    assert dispatcher.beats() is None
    assert not dispatcher.status().midi.clock


def test_a_bound_button_starts_and_stops(
    dispatcher: ControlDispatcher, transport: list[bool]
) -> None:
    for note, action in ((36, "transport-start"), (37, "transport-stop")):
        dispatcher.answer(MidiBind({"control": {"kind": "note", "number": note}, "action": action}))
    dispatcher.midi.handle(PORT, [0x90, 36, 100], 1000.0)
    assert transport == [True]
    clock = dispatcher.midi.clock
    assert clock.running
    assert clock.beats_at(1000.0) == 0.0
    dispatcher.midi.handle(PORT, [0x90, 37, 100], 1001.0)
    assert transport == [True, False]
    assert not clock.running


def test_a_midi_clock_starts_and_stops_the_file_too(
    dispatcher: ControlDispatcher, transport: list[bool]
) -> None:
    clock = dispatcher.midi.clock
    dispatcher.midi.handle(PORT, START, 1000.0)
    dispatcher.midi.handle(PORT, STOP, 1001.5)
    dispatcher.midi.handle(PORT, CONTINUE, 1002.0)
    assert transport == [True, False, True]
    assert clock.beats_at(1000.0) == 0.0  # continue goes on and does not begin anew
    assert clock.running


def test_actions_that_do_not_exist_are_refused(dispatcher: ControlDispatcher) -> None:
    with pytest.raises(ParameterError, match="Did you mean panic"):
        dispatcher.answer(DoAction("panik"))
    with pytest.raises(ParameterError, match="takes no arguments, not 1"):
        dispatcher.answer(DoAction("panic", (1,)))
    with pytest.raises(ParameterError, match="takes 1 argument, not 0"):
        dispatcher.answer(DoAction("preset"))
    with pytest.raises(InnerearError, match="quit"):
        dispatcher.answer(Quit())


def test_what_clients_do_is_counted(dispatcher: ControlDispatcher) -> None:
    dispatcher.answer(DoAction("record"))
    dispatcher.answer(DoAction("record"))
    dispatcher.poll()
    assert dispatcher.status().requested == {"record": 2}


def test_slots_and_bindings_are_reported(dispatcher: ControlDispatcher) -> None:
    dispatcher.answer(SetSlot("b", "wet", {"feedback": 1.0}, "Wet"))
    assert dispatcher.status().slots.b.label == "Wet"
    assert dispatcher.answer(ToggleSlot()) == {"slot": "b"}
    dispatcher.answer(MidiLearn("mix"))
    assert dispatcher.status().midi.learning == "mix"
    bound = {"control": {"kind": "cc", "number": 7}, "parameter": "step"}
    dispatcher.answer(MidiBind(bound))
    bindings = dispatcher.answer(MidiBindings("step"))["bindings"]
    assert {binding["parameter"] for binding in bindings} == {"step"}
    assert bindings[-1]["control"]["number"] == 7
    with pytest.raises(ParameterError, match=r"binding cannot be: control: .* 999") as raised:
        dispatcher.answer(MidiBind({"control": {"kind": "cc", "number": 999}, "parameter": "mix"}))
    assert "\n" not in str(raised.value)


def test_a_panic_lasts_until_it_is_pressed_again_or_faded_in(
    dispatcher: ControlDispatcher,
) -> None:
    parameters = dispatcher._parameters
    for expected in (True, False, True):
        dispatcher.answer(DoAction("panic"))
        assert parameters.switch("silenced") is expected
    parameters.set("output_db", -20.0)
    assert parameters.switch("silenced")  # a turn of the knob alone would be a burst
    parameters.set("output_db", PARAMETERS["output_db"].minimum)
    assert not parameters.switch("silenced")


def test_presets_and_the_morph_leave_a_panic_alone(dispatcher: ControlDispatcher) -> None:
    dispatcher.answer(DoAction("panic"))
    dispatcher.answer(DoAction("mute"))
    dispatcher.answer(DoAction("next-preset"))
    dispatcher.poll()
    dispatcher._parameters.set("morph", 0.4)
    assert dispatcher._parameters.switch("silenced")
    assert dispatcher._parameters.switch("mute")
