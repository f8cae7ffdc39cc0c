"""One type per request, with JSON both ways; what is wrong is told in one line."""

import json

import pytest

from innerear.engine.control.requests import (
    REQUESTS,
    DoAction,
    MidiBind,
    MidiBindings,
    MidiCancel,
    MidiForget,
    MidiLearn,
    MidiMapping,
    MidiMessages,
    MidiUnbind,
    OpenDevices,
    OpenFile,
    PlayPreset,
    Quit,
    Request,
    ResetMeasurements,
    RestoreControls,
    SetFilePlayback,
    SetSlot,
    StoreSlot,
    ToggleSlot,
    read_request,
)
from innerear.engine.errors import ParameterError

EXAMPLES: list[Request] = [
    Quit(),
    ResetMeasurements(),
    OpenDevices("in", 3, 48_000, 2),
    OpenFile("/song.wav", None, 44_100, False),
    SetFilePlayback(playing=False, seconds=1.5),
    DoAction("preset", (3,)),
    PlayPreset("brass-halo"),
    SetSlot("b", "wet", {"feedback": 1.0, "freeze": True, "n_fft": 512, "target": "Brass"}, "Wet"),
    RestoreControls(
        {"preset": "wet", "a": None, "b": None, "morph": 0.5},
        {"preset": "dry", "a": None, "b": None, "morph": 0.0},
        {"mix": 0.25},
    ),
    StoreSlot("a"),
    ToggleSlot(),
    MidiLearn("preset", 3, True),
    MidiCancel(),
    MidiForget("mix"),
    MidiBind({"control": {"kind": "cc", "number": 7}, "parameter": "mix"}, keep=False),
    MidiUnbind({"control": {"kind": "cc", "number": 7}, "parameter": "mix"}),
    MidiMessages(12),
    MidiBindings("mix"),
    MidiMapping("korg-nanokontrol2"),
]


@pytest.mark.parametrize("request_", EXAMPLES, ids=lambda each: each.name)
def test_json_goes_both_ways(request_: Request) -> None:
    assert read_request(json.loads(json.dumps(request_.as_dict()))) == request_


def test_there_is_an_example_of_each() -> None:
    assert {type(example) for example in EXAMPLES} == set(REQUESTS.values())
    assert all(name == kind.name for name, kind in REQUESTS.items())


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({}, "There is no request None"),
        ({"do": ["quit"]}, "There is no request"),
        ({"do": "open-fil"}, "Did you mean open-file"),
        ({"do": "open-file"}, "'open-file' is wrong: path is missing."),
        ({"do": "quit", "now": True}, "it takes no now."),
        ({"do": "set-file-playback", "seconds": "2"}, "seconds cannot be '2'"),
        ({"do": "set-file-playback", "playing": 1}, "playing cannot be '1'"),
        ({"do": "set-slot", "slot": "c", "preset": "x"}, "slot cannot be 'c'"),
        ({"do": "action", "action": "preset", "arguments": ["3"]}, "arguments.0 cannot be '3'"),
    ],
)
def test_what_is_wrong_is_told(data: dict[str, object], line: str) -> None:
    with pytest.raises(ParameterError) as raised:
        read_request(data)
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)
