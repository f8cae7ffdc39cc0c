"""What the dispatcher does with requests, actions and MIDI, without devices."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from innerear.engine.actions import ACTIONS
from innerear.engine.control.control_dispatcher import (
    CLIENT_ACTIONS,
    LEARNED_MAPPING,
    ControlDispatcher,
)
from innerear.engine.control.midi.mapping_files import load_mapping
from innerear.engine.control.presets import (
    Preset,
    available_presets,
    playable_problem,
    save_preset,
)
from innerear.engine.control.requests import (
    DoAction,
    MidiBind,
    MidiBindings,
    MidiLearn,
    MidiMapping,
    MidiMessages,
    MidiUnbind,
    PlayPreset,
    Quit,
    RestoreControls,
    SetSlot,
    StoreSlot,
    ToggleSlot,
    read_request,
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
    found = dispatcher.beats(lambda: None)
    assert found is not None
    return found


def test_a_mapping_that_is_loaded_takes_no_place_of_what_was_learned(
    dispatcher: ControlDispatcher,
) -> None:
    control = {"kind": "cc", "number": 5, "port": PORT}
    dispatcher.answer(MidiBind({"control": control, "parameter": "mix"}))
    dispatcher.poll(True)
    learned = load_mapping(LEARNED_MAPPING)
    assert [each.parameter for each in learned.bindings][-1:] == ["mix"]
    dispatcher.answer(MidiMapping("korg-nanokontrol2"))
    dispatcher.poll(True)
    assert load_mapping(LEARNED_MAPPING) == learned


def test_every_action_is_implemented(dispatcher: ControlDispatcher) -> None:
    assert set(dispatcher.actions) == set(ACTIONS)
    assert set(CLIENT_ACTIONS) <= set(ACTIONS)


def test_the_transport_plays_the_file_and_counts_from_0(
    dispatcher: ControlDispatcher, transport: list[bool]
) -> None:
    assert dispatcher.beats(lambda: None) is None
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
    assert dispatcher.beats(lambda: None) is None
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
    assert bindings[0]["control"]["number"] == 7
    with pytest.raises(ParameterError, match=r"binding cannot be: control: .* 999") as raised:
        dispatcher.answer(MidiBind({"control": {"kind": "cc", "number": 999}, "parameter": "mix"}))
    assert "\n" not in str(raised.value)


def test_one_binding_is_removed_and_the_others_of_its_parameter_stay(
    dispatcher: ControlDispatcher,
) -> None:
    before = dispatcher.answer(MidiBindings("mix"))["bindings"]
    for number in (7, 8):
        control = {"kind": "cc", "number": number}
        dispatcher.answer(MidiBind({"control": control, "parameter": "mix"}))
    listed = dispatcher.answer(MidiBindings())["bindings"]
    # What the user made stands first, the newest before the others.
    assert [each["control"]["number"] for each in listed[:2]] == [8, 7]
    assert len(listed) > 2 + len(before)
    dispatcher.answer(MidiUnbind(listed[1]))
    left = dispatcher.answer(MidiBindings("mix"))["bindings"]
    assert [each["control"]["number"] for each in left[:1]] == [8]
    assert left[1:] == before


def test_only_what_a_connected_controller_turns_counts_as_bound(
    dispatcher: ControlDispatcher,
) -> None:
    assert dispatcher.answer(MidiBindings("mix"))["bindings"]  # of the controllers that are known
    assert dispatcher.status().midi.bound == ()
    midi = dispatcher.midi
    assert midi.bound_at(["Some keys"]) == {"preset"}  # by program change, which all may send
    assert "mix" in midi.bound_at(["Some keys", "nanoKONTROL2 20:0"])


def test_the_monitor_says_what_came_and_what_it_turned(dispatcher: ControlDispatcher) -> None:
    control = {"kind": "cc", "number": 7}
    dispatcher.answer(MidiBind({"control": control, "parameter": "mix"}))
    for message in ([0xB0, 7, 64], [0xF8], [0x93, 60, 100], [0xC0, 5], START):
        dispatcher.midi.handle(PORT, message, 1000.0)
    assert dispatcher.status().midi.heard == 4
    answer = dispatcher.answer(MidiMessages())
    assert answer["count"] == 4
    assert answer["messages"] == [
        "knobs: control-change 7, channel 1: 64 \N{RIGHTWARDS ARROW} Mix",
        "knobs: note-on 60, channel 4: 100",
        "knobs: program-change 5, channel 1 \N{RIGHTWARDS ARROW} preset",
        "knobs: start",
    ]
    assert dispatcher.answer(MidiMessages(3))["messages"] == ["knobs: start"]
    assert dispatcher.answer(MidiMessages(4)) == {"count": 4, "messages": []}


def test_stepping_skips_what_cannot_be_played(dispatcher: ControlDispatcher) -> None:
    save_preset(Preset("mine", {"step": 0.5}))
    names = list(available_presets())
    assert names[-1] == "mine"
    played, news = [], []
    for _ in range(len(names)):
        dispatcher.answer(DoAction("next-preset"))
        news += dispatcher.poll()
        played.append(dispatcher.preset)
    playable = [name for name in names if not playable_problem(name)]
    assert len(playable) < len(names)
    assert played[: len(playable)] == playable
    news += dispatcher.poll()
    assert "Skipped the preset Birds answer: it needs the model yamnet." in news


def test_a_program_number_stays_with_its_preset(dispatcher: ControlDispatcher) -> None:
    save_preset(Preset("aaa", {"step": 0.5}))
    for number, name in ((4, "brass-halo"), (26, "tunnel-drone"), (28, "aaa")):
        dispatcher.midi.handle(PORT, [0xC0, number - 1], 1000.0)
        dispatcher.poll()
        assert dispatcher.preset == name
    dispatcher.midi.handle(PORT, [0xC0, 2], 1000.0)  # birds-answer
    assert "The preset Birds answer needs the model yamnet." in dispatcher.poll()
    assert dispatcher.preset == "aaa"
    dispatcher.midi.handle(PORT, [0xC0, 100], 1000.0)
    assert "There is no preset 101: they are 1 to 28." in dispatcher.poll()


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


def test_a_preset_played_in_the_midst_of_a_morph_is_taken_back_whole(
    dispatcher: ControlDispatcher,
) -> None:
    parameters = dispatcher._parameters
    dispatcher.answer(SetSlot("a", "mine", {"step": 0.5, "mix": 0.25}, "Mine"))
    dispatcher.answer(SetSlot("b", "other", {"step": 1.5, "mix": 0.75}, "Other"))
    parameters.set("morph", 0.25)
    parameters.set("mix", 0.625)  # by hand, on the way between them
    before, state = parameters.as_dict(), dispatcher.state
    answer = dispatcher.answer(PlayPreset("brass-halo"))
    after, played = parameters.as_dict(), dispatcher.state
    assert (after["morph"], played.preset, played.a.name) == (0.0, "brass-halo", "brass-halo")
    for controls, values, expected in (
        ("before", before, state),
        ("after", after, played),
        ("before", before, state),
    ):
        changed = {id: values[id] for id in before if before[id] != after[id] and id != "morph"}
        left = answer["after" if controls == "before" else "before"]
        asked = RestoreControls(answer[controls], left, changed)
        dispatcher.answer(read_request(asked.as_dict()))
        assert parameters.as_dict() == values
        assert dispatcher.state.as_dict() == expected.as_dict()
    parameters.set("morph", 0.0)
    assert parameters["step"] == 0.5


def test_what_was_put_into_a_slot_since_stays_when_a_preset_is_taken_back(
    dispatcher: ControlDispatcher,
) -> None:
    dispatcher.answer(SetSlot("b", "other", {"step": 1.5}, "Other"))
    answer = dispatcher.answer(PlayPreset("brass-halo"))
    dispatcher._parameters.set("step", 1.25)
    dispatcher.answer(StoreSlot("b"))
    dispatcher.answer(RestoreControls(answer["before"], answer["after"]))
    assert (dispatcher.state.a.name, dispatcher.state.b.name) == ("empty", "unsaved")
    assert dispatcher.state.b.values()["step"] == 1.25
    dispatcher.answer(RestoreControls(answer["after"], answer["before"]))
    assert (dispatcher.state.a.name, dispatcher.state.b.name) == ("brass-halo", "unsaved")
    dispatcher.answer(StoreSlot("a"))  # of the same name as nothing that was left there
    dispatcher.answer(RestoreControls(answer["before"], answer["after"]))
    assert dispatcher.state.a.name == "unsaved"


@pytest.mark.parametrize(
    ("controls", "values"),
    [
        ({}, {}),
        ({"preset": "", "a": None, "b": None}, {}),
        ({"preset": "", "a": None, "b": None, "morph": 2.0}, {}),
        ({"preset": "", "a": None, "b": None, "morph": 0.5}, {"nothing": 1}),
        ({"preset": "", "a": {"step": 1}, "b": None, "morph": 0.5}, {}),
    ],
)
def test_controls_that_cannot_be_restored_change_nothing(
    dispatcher: ControlDispatcher, controls: dict, values: dict
) -> None:
    before, state = dispatcher._parameters.as_dict(), dispatcher.state
    with pytest.raises(InnerearError) as caught:
        dispatcher.answer(RestoreControls(controls, controls, values))
    assert "\n" not in str(caught.value)
    assert (dispatcher._parameters.as_dict(), dispatcher.state) == (before, state)
