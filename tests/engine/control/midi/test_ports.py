"""Ports whose names are not what one would wish, in a MIDI system of our own making."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from innerear.engine.control.midi import MidiController, MidiPorts
from innerear.engine.control.midi.mapping import Mapping
from innerear.engine.control.midi.port_names import distinct_names, output_of
from innerear.engine.parameter_values import ParameterSet


class Wires:
    """What the stand-in for rtmidi is connected to: ports by their place in the list."""

    def __init__(self, *names: str | None) -> None:
        self.names = list(names)
        self.opened: dict[int, Callable[[tuple[list[int], float]], None]] = {}
        self.sent: list[tuple[int, bytes]] = []

    def module(self) -> SimpleNamespace:
        wires = self

        class Port:
            def __init__(self, api: int, name: str) -> None:
                self._place = -1

            def get_ports(self) -> list[str | None]:
                return wires.names

            def ignore_types(self, **_: bool) -> None: ...

            def set_callback(self, callback: Callable) -> None:
                self._callback = callback

            def open_port(self, place: int, name: str) -> None:
                self._place = place
                if name == "in":
                    wires.opened[place] = self._callback

            def send_message(self, message: bytes) -> None:
                wires.sent.append((self._place, bytes(message)))

            def close_port(self) -> None: ...

            def delete(self) -> None: ...

        return SimpleNamespace(
            MidiIn=Port,
            MidiOut=Port,
            API_UNIX_JACK=99,
            get_compiled_api=lambda: [1],
            get_api_name=lambda api: "core",
        )


def test_two_ports_of_one_name_are_both_opened_and_one_without_a_name_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wires = Wires("Pad", None, "Pad")
    monkeypatch.setitem(sys.modules, "rtmidi", wires.module())
    controls = {
        port: {"control": {"kind": "cc", "number": 1, "port": port}, "parameter": id}
        for port, id in (("Pad (2)", "mix"), ("Pad", "step"))
    }
    mapping = Mapping.model_validate(
        {"takeover": "jump", "feedback": True, "bindings": [*controls.values()]}
    )
    parameters = ParameterSet(mix=0.5, step=0.5)
    ports = MidiPorts(MidiController(parameters, mapping=mapping), now=lambda: 1.0)
    assert ports.open() == ["The MIDI port Pad is open.", "The MIDI port Pad (2) is open."]
    assert sorted(wires.opened) == [0, 2]
    wires.opened[0](([0xB0, 1, 127], 0.0))
    assert (parameters["mix"], parameters["step"]) == (0.5, 2.0)
    wires.opened[2](([0xB0, 1, 127], 0.0))
    assert parameters["mix"] == 1.0
    assert {place for place, _ in wires.sent} == {0, 2}  # each has its own lights
    assert ports.problem == ""


def test_a_missing_midi_system_is_told_once_and_only_while_sound_plays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, there, time = Wires().module(), [False], [0.0]

    def connect(api: int, name: str) -> object:
        if not there[0]:
            raise OSError("no such server")
        return SimpleNamespace(get_ports=lambda: [], delete=lambda: None)

    module.MidiIn = module.MidiOut = connect
    monkeypatch.setitem(sys.modules, "rtmidi", module)
    ports = MidiPorts(MidiController(ParameterSet()), now=lambda: time[0])

    def told(seconds: float, sound_plays: bool) -> list[str]:
        time[0] += seconds
        return ports.poll(sound_plays)

    line = "There is no MIDI system here: controllers cannot be used."
    assert told(1.0, True) == []  # the sound may have stopped with it, and is about to say so
    assert ports.problem == line
    assert told(60.0, False) == []
    assert told(1.0, True) == [line]
    assert told(60.0, True) == []
    there[0] = True
    assert told(60.0, True) == ["MIDI is back."]
    assert ports.problem == ""


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        (["A", "B"], {"A": 0, "B": 1}),
        (["A", "A", "A"], {"A": 0, "A (2)": 1, "A (3)": 2}),
        (["A (2)", "A", "A"], {"A (2)": 0, "A": 1, "A (3)": 2}),
        ([None, "A"], {"A": 1}),
        ([], {}),
    ],
)
def test_every_port_has_a_name_of_its_own(listed: list[str | None], names: dict) -> None:
    assert distinct_names(listed) == names


@pytest.mark.parametrize(
    ("inputs", "outputs", "pairs"),
    [
        (["Pad 20:0", "Pad 24:0"], ["Pad 20:0", "Pad 24:0"], ["Pad 20:0", "Pad 24:0"]),
        (["Pad", "Pad (2)"], ["Synth", "Pad", "Pad (2)"], ["Pad", "Pad (2)"]),
        (["k:midi_capture_1"], ["k:midi_playback_1"], ["k:midi_playback_1"]),
        (["Pad 20:0", "Pad 24:0"], ["Pad 20:0"], ["Pad 20:0", None]),
        (["Keys 20:0"], ["Pad 20:0"], [None]),
    ],
)
def test_each_input_has_the_output_of_its_own_device(
    inputs: list[str], outputs: list[str], pairs: list[str | None]
) -> None:
    assert [output_of(name, inputs, outputs) for name in inputs] == pairs
