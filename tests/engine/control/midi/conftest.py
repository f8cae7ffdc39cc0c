"""A controller without devices: messages are played to it on a clock that only the tests move."""

from collections.abc import Callable, Iterable

import pytest

from innerear.engine.control.midi import ACTIONS, MidiController
from innerear.engine.control.midi.mapping import Mapping
from innerear.engine.parameter_values import ParameterSet

PORT = "nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0"


class Setup:
    """Parameters, actions, a controller, and a clock that stands still."""

    def __init__(self, mapping: dict | None = None) -> None:
        self.parameters = ParameterSet()
        self.called: list[tuple] = []
        actions = {name: self._action(name) for name in ACTIONS}
        self.time = 1000.0
        arguments = () if mapping is None else (Mapping.model_validate(mapping),)
        self.controller = MidiController(
            self.parameters, actions, *arguments, now=lambda: self.time
        )

    def _action(self, name: str):
        return lambda *arguments: self.called.append((name, *arguments))

    def play(self, *messages: str, port: str = PORT, seconds: float = 1.0) -> None:
        """Send messages, in hexadecimal, one after the other."""
        for message in messages:
            self.time += seconds
            self.controller.handle(port, bytes.fromhex(message), self.time)
        assert self.controller.problem == ""

    def change(self, number: int, *values: int, **options: object) -> None:
        """Move the control of channel 1 with this number."""
        self.play(*(f"b0 {number:02x} {value:02x}" for value in values), **options)

    def shown(self, seconds: float = 1.0) -> list[str]:
        """Return what is sent to the devices after a while."""
        self.time += seconds
        due: Iterable[tuple] = self.controller.feedback(self.time)
        return [message.hex(" ") for _, messages in due for message in messages]


MakeSetup = Callable[..., Setup]


def cc(number: int = 1, **fields: object) -> dict:
    return {"kind": "cc", "number": number, **fields}


def note(number: int = 60) -> dict:
    return {"kind": "note", "number": number}


@pytest.fixture
def make_setup():
    """Return a function that makes a set-up with the bindings and other fields of a mapping."""

    def make_setup(*bindings: dict, **fields: object) -> Setup:
        return Setup({"takeover": "jump", "bindings": bindings, **fields})

    return make_setup
