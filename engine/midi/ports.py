"""MIDI ports of this computer: opened, watched while they come and go, and read by callback."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import DeviceError, nearest
from .controller import MidiController
from .jack_watch import JackWatch
from .port_names import matches, output_of, stable_name
from .stderr import quiet_stderr

CLIENT_NAME = "innerear"
API_VARIABLE = "INNEREAR_MIDI_API"
"""Environment variable: the MIDI system to use, such as `jack`, instead of the platform's own."""
LOOK_SECONDS = 1.0
"""Ports are looked for so often."""
RETRY_SECONDS = 5.0
"""Where there is no MIDI system, it is looked for so often."""

_OURS = ("midi through", "rtmidi")


class MidiPorts:
    """Opens inputs for a `MidiController` and sends its feedback.

    Each message goes to the controller straight from the MIDI system's own thread. The rest
    happens in `poll`, which someone calls again and again: often, for lights that follow quickly.
    No device and no MIDI system are no error: `problem` says so, and playing goes on.
    """

    def __init__(
        self,
        controller: MidiController,
        names: Sequence[str] | None = None,
        api: str | None = None,
        now: Callable[[], float] = time.perf_counter,
        client_name: str = CLIENT_NAME,
    ) -> None:
        """Get ready; nothing is opened yet.

        Args:
            controller: that takes the messages.
            names: parts of the names of the ports to open; None opens all.
            api: the MIDI system: `alsa`, `jack`, `core` or `windows`; by default what the
                environment variable INNEREAR_MIDI_API says, or else the platform's own, and JACK
                where that does not work.
            now: the clock that messages are stamped with; the controller's.
            client_name: how other programs see us.

        Raises:
            DeviceError: there is no MIDI system of that name.
        """
        self._controller = controller
        self._wanted = None if names is None else tuple(names)
        self._apis = _apis(api or os.environ.get(API_VARIABLE) or None)
        self._now = now
        self._client_name = client_name
        self._system: _System | None = None
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._lost: dict[str, str] = {}
        self._next_look = 0.0
        self._no_system = ""
        self._trouble: dict[str, str] = {}
        self._news: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that are open."""
        return tuple(self._inputs)

    @property
    def problem(self) -> str:
        """What does not work at the moment, in one line; empty where all does."""
        if self._no_system:
            return self._no_system
        lost = [f"The MIDI port {name} is unplugged." for name in self._lost.values()]
        return " ".join([*lost, *self._trouble.values()]) or self._controller.problem

    def open(self) -> list[str]:
        """Open what is there; return what happened, as `poll` does."""
        return self.poll()

    def poll(self) -> list[str]:
        """Look once a second for ports that came or went; send feedback that is due.

        Returns:
            What happened since the last time, a line each.
        """
        now = self._now()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._look()
        self._send_feedback(now)
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """Close all ports. `open` opens them again."""
        for port in (*self._inputs.values(), *self._outputs.values()):
            _close(port)
        self._inputs.clear()
        self._outputs.clear()
        self._lost.clear()
        self._trouble.clear()
        if self._system is not None:
            self._system.close()
            self._system = None
        self._next_look = 0.0

    def _look(self) -> None:
        if self._system is None or not self._system.is_alive():
            self._restart()
        if self._system is None:
            self._next_look = self._now() + RETRY_SECONDS
            return
        there = [name for name in self._system.inputs() if self._is_wanted(name)]
        for name in [name for name in self._inputs if name not in there]:
            self._unplugged(name)
        for name in there:
            if name not in self._inputs:
                self._plugged_in(self._system, name)
        self._open_outputs(self._system)

    def _restart(self) -> None:
        """Begin anew with the first MIDI system that works."""
        if self._system is not None:
            for name in tuple(self._inputs):
                self._unplugged(name)
            for name in tuple(self._outputs):
                _close(self._outputs.pop(name))
            self._system.close()
            self._system = None
        problems = []
        for api in self._apis:
            try:
                self._system = _System(api, self._client_name)
            except (OSError, RuntimeError) as problem:
                problems.append(str(problem))
                continue
            if self._no_system:
                self._news.append("MIDI is back.")
            self._no_system = ""
            return
        if not self._no_system:
            self._no_system = "There is no MIDI system here; playing goes on without controllers."
            self._news.append(self._no_system)

    def _is_wanted(self, name: str) -> bool:
        lower = name.lower()
        if lower.startswith(self._client_name.lower()):
            return False  # our own feedback
        if self._wanted is None:
            return not any(lower.startswith(ours) for ours in _OURS)
        return any(matches(part, name) for part in self._wanted)

    def _plugged_in(self, system: "_System", name: str) -> None:
        def received(event: tuple[list[int], float], port_name: str) -> None:
            self._controller.handle(port_name, event[0], self._now())

        try:
            self._inputs[name] = system.open_input(name, received)
        except (OSError, RuntimeError) as problem:
            if name not in self._trouble:
                self._trouble[name] = f"The MIDI port {name} cannot be opened: {problem}."
                self._news.append(self._trouble[name])
            return
        self._trouble.pop(name, None)
        known = stable_name(name)
        word = "is back" if self._lost.pop(known, None) else "is open"
        self._news.append(f"The MIDI port {name} {word}.")

    def _unplugged(self, name: str) -> None:
        _close(self._inputs.pop(name))
        self._lost[stable_name(name)] = name
        self._news.append(f"The MIDI port {name} was unplugged.")

    def _open_outputs(self, system: "_System") -> None:
        """Open the output of each device that may have lights."""
        there = system.outputs()
        parts = self._controller.lit_ports()
        wanted = {
            name: name for name in there if any(matches(part, name) for part in parts if part)
        }
        for name in self._inputs:
            output = output_of(name, there)
            if output is not None:
                wanted.pop(output, None)
                wanted[name] = output
        wanted = {name: output for name, output in wanted.items() if parts}
        for name in [name for name in self._outputs if name not in wanted]:
            _close(self._outputs.pop(name))
        for name, output in wanted.items():
            if name in self._outputs:
                continue
            try:
                self._outputs[name] = system.open_output(output)
            except (OSError, RuntimeError) as problem:
                self._trouble[output] = f"The MIDI port {output} cannot be opened: {problem}."
                continue
            self._trouble.pop(output, None)
            self._controller.show_again(name)

    def _send_feedback(self, now: float) -> None:
        if not self._outputs:
            return
        for route, messages in self._controller.feedback(now):
            for input_name, output in tuple(self._outputs.items()):
                if route.is_shown_at(input_name):
                    try:
                        for message in messages:
                            output.send_message(message)
                    except (OSError, RuntimeError) as problem:
                        _close(self._outputs.pop(input_name))
                        self._news.append(f"{input_name} shows nothing any more: {problem}.")


@dataclass(frozen=True)
class PortList:
    """What there is to open.

    Attributes:
        system: the MIDI system, such as "alsa"; empty where there is none.
        inputs: names of ports that send to us.
        outputs: names of ports that we can send to.
    """

    system: str
    inputs: list[str]
    outputs: list[str]


def list_ports(api: str | None = None, client_name: str = CLIENT_NAME) -> PortList:
    """Return the ports of this computer, without opening any.

    Args:
        api: the MIDI system; see `MidiPorts`.
        client_name: how other programs see us meanwhile.

    Raises:
        DeviceError: there is no MIDI system of that name.
    """
    for each in _apis(api or os.environ.get(API_VARIABLE) or None):
        try:
            system = _System(each, client_name)
        except (OSError, RuntimeError):
            continue
        try:
            return PortList(system.name, system.inputs(), system.outputs())
        finally:
            system.close()
    return PortList("", [], [])


class _System:
    """One MIDI system: lists ports and opens them, each as a client of its own."""

    def __init__(self, api: int, client_name: str) -> None:
        import rtmidi

        self._api, self._client_name = api, client_name
        self.name = str(rtmidi.get_api_name(api))
        with quiet_stderr():
            self._sources = rtmidi.MidiIn(api, name=client_name)
            self._sinks = rtmidi.MidiOut(api, name=client_name)
            is_jack = api == rtmidi.API_UNIX_JACK
            self._watch = JackWatch.join(client_name) if is_jack else None

    def inputs(self) -> list[str]:
        return list(self._sources.get_ports())

    def outputs(self) -> list[str]:
        return list(self._sinks.get_ports())

    def is_alive(self) -> bool:
        return self._watch is None or self._watch.is_alive()

    def open_input(
        self, name: str, received: Callable[[tuple[list[int], float], str], None]
    ) -> Any:
        import rtmidi

        port = rtmidi.MidiIn(self._api, name=self._client_name)
        port.set_callback(received, name)
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.open_port(port.get_ports().index(name), name="in")
        return port

    def open_output(self, name: str) -> Any:
        import rtmidi

        port = rtmidi.MidiOut(self._api, name=self._client_name)
        port.open_port(port.get_ports().index(name), name="out")
        return port

    def close(self) -> None:
        with quiet_stderr():
            self._sources.delete()
            self._sinks.delete()
            if self._watch is not None:
                self._watch.close()


def _close(port: Any) -> None:
    with quiet_stderr():  # of a server that is gone
        port.close_port()
        port.delete()


_API_NAMES = {"windows": "winmm"}


def _apis(name: str | None) -> list[int]:
    """Return the MIDI systems to try, in order.

    Raises:
        DeviceError: none is called `name`.
    """
    try:
        import rtmidi
    except ImportError:  # it needs ALSA's library on Linux, even for JACK
        return []

    compiled = {rtmidi.get_api_name(api): api for api in rtmidi.get_compiled_api()}
    compiled.pop("dummy", None)
    if name is None:
        return list(compiled.values())  # the platform's own first, JACK last
    if _API_NAMES.get(name.lower(), name.lower()) not in compiled:
        raise DeviceError(f"There is no MIDI system {name!r} here. {nearest(name, compiled)}")
    return [compiled[_API_NAMES.get(name.lower(), name.lower())]]
