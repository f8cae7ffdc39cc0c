"""Opens the MIDI ports of this computer, and watches which come and go."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import DeviceError
from .controller import MidiController
from .port_names import matches, output_of, stable_name
from .system_openers import system_openers
from .systems import InputPort, MidiSystem, MissingLibrary, OutputPort

CLIENT_NAME = "innerear"
SCAN_SECONDS = 1.0
"""Pause between two scans for ports."""
RETRY_SECONDS = 5.0
"""Pause between two attempts to open a MIDI system."""

SURE_SECONDS = 2.0
"""By then it is known whether the sound device has stopped with the MIDI system."""

_NO_SYSTEM = "There is no MIDI system here: controllers cannot be used."
_OURS = ("midi through", "rtmidi")


class MidiPorts:
    """Opens inputs for a `MidiController` and sends its feedback.

    The MIDI system's own thread hands messages to the controller. Everything else happens in
    `poll`, which is to be called often, so that lights follow quickly. A missing device or MIDI
    system is not an error: `problem` says so.
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
            client_name: our name for other programs.

        Raises:
            DeviceError: there is no MIDI system of that name.
        """
        self._controller = controller
        self._wanted = None if names is None else tuple(names)
        self._openers = system_openers(api, client_name)
        self._now = now
        self._client_name = client_name
        self._system: MidiSystem | None = None
        self._inputs: dict[str, InputPort] = {}
        self._outputs: dict[str, OutputPort] = {}
        self._lost: dict[str, str] = {}
        self._next_scan = 0.0
        self._no_system = ""
        self._untold_since: float | None = None
        self._problems: dict[str, str] = {}
        self._news: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that are open."""
        return tuple(self._inputs)

    @property
    def problem(self) -> str:
        """What does not work now, in one line; empty when all works."""
        if self._no_system:
            return self._no_system
        lost = [
            f"The MIDI port {name} is unplugged."
            for name in self._lost.values()
            if self._controller.uses(name)
        ]
        return " ".join([*lost, *self._problems.values()]) or self._controller.problem

    def open(self) -> list[str]:
        """Open what is there; return what happened, as `poll` does."""
        return self.poll()

    def poll(self, sound_plays: bool = True) -> list[str]:
        """Scan once a second for ports that came or went; send feedback that is due.

        Args:
            sound_plays: whether it does; only then is it told that there is no MIDI system.

        Returns:
            What happened since the last time, a line each.
        """
        now = self._now()
        if now >= self._next_scan:
            self._next_scan = now + SCAN_SECONDS
            self._scan()
        self._tell_no_system(now, sound_plays)
        self._send_feedback(now)
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """Close all ports. `open` opens them again."""
        for port in (*self._inputs.values(), *self._outputs.values()):
            port.close()
        self._inputs.clear()
        self._outputs.clear()
        self._lost.clear()
        self._problems.clear()
        if self._system is not None:
            self._system.close()
            self._system = None
        self._next_scan = 0.0

    def _scan(self) -> None:
        if self._system is None or not self._system.is_alive():
            self._restart()
        if self._system is None:
            self._next_scan = self._now() + RETRY_SECONDS
            return
        there = [name for name in self._system.inputs() if self._is_wanted(name)]
        self._report_missing(there)
        for name in [name for name in self._inputs if name not in there]:
            self._unplugged(name)
        for name in there:
            if name not in self._inputs:
                self._plugged_in(self._system, name)
        self._open_outputs(self._system)

    def _report_missing(self, there: list[str]) -> None:
        """Report wanted ports that are missing."""
        for part in self._wanted or ():
            if any(matches(part, name) for name in there):
                self._problems.pop(part, None)
            elif part not in self._problems:
                self._problems[part] = f"There is no MIDI port {part!r}; it is waited for."
                self._news.append(self._problems[part])

    def _restart(self) -> None:
        """Open the first MIDI system that works."""
        if self._system is not None:
            for name in tuple(self._inputs):
                self._unplugged(name)
            for name in tuple(self._outputs):
                self._outputs.pop(name).close()
            self._system.close()
            self._system = None
        reason = _NO_SYSTEM
        for open_system in self._openers:
            try:
                self._system = open_system()
            except MissingLibrary as problem:
                reason = str(problem)
                continue
            except (OSError, RuntimeError):  # the next may work
                continue
            if self._no_system and self._untold_since is None:
                self._news.append("MIDI is back.")
            self._no_system, self._untold_since = "", None
            return
        if not self._no_system:
            self._no_system, self._untold_since = reason, self._now()
            if reason != _NO_SYSTEM:  # what is not installed will not come with the sound device
                self._untold_since -= SURE_SECONDS

    def _tell_no_system(self, now: float, sound_plays: bool) -> None:
        """Report a missing MIDI system once the sound is sure to go on."""
        since = self._untold_since
        if since is not None and sound_plays and now - since >= SURE_SECONDS:
            self._untold_since = None
            self._news.append(self._no_system)

    def _is_wanted(self, name: str) -> bool:
        lower = name.lower()
        if lower.startswith(self._client_name.lower()):
            return False  # our own feedback
        if self._wanted is None:
            return not any(lower.startswith(ours) for ours in _OURS)
        return any(matches(part, name) for part in self._wanted)

    def _received(self, port_name: str, message: list[int]) -> None:
        self._controller.handle(port_name, message, self._now())

    def _plugged_in(self, system: MidiSystem, name: str) -> None:
        try:
            self._inputs[name] = system.open_input(name, self._received)
        except (OSError, RuntimeError) as problem:
            if name not in self._problems:
                self._problems[name] = f"The MIDI port {name} cannot be opened: {problem}."
                self._news.append(self._problems[name])
            return
        self._problems.pop(name, None)
        known = stable_name(name)
        word = "is back" if self._lost.pop(known, None) else "is open"
        self._news.append(f"The MIDI port {name} {word}.")

    def _unplugged(self, name: str) -> None:
        self._inputs.pop(name).close()
        self._lost[stable_name(name)] = name
        self._news.append(f"The MIDI port {name} was unplugged.")

    def _open_outputs(self, system: MidiSystem) -> None:
        """Open the output of each device that may have lights."""
        there = system.outputs()
        parts = self._controller.lit_ports()
        wanted = {
            name: name for name in there if any(matches(part, name) for part in parts if part)
        }
        inputs = system.inputs()
        for name in self._inputs:
            output = output_of(name, inputs, there)
            if output is not None:
                wanted.pop(output, None)
                wanted[name] = output
        wanted = {name: output for name, output in wanted.items() if parts}
        for name in [name for name in self._outputs if name not in wanted]:
            self._outputs.pop(name).close()
        for name, output in wanted.items():
            if name in self._outputs:
                continue
            try:
                self._outputs[name] = system.open_output(output)
            except (OSError, RuntimeError) as problem:
                self._problems[output] = f"The MIDI port {output} cannot be opened: {problem}."
                continue
            self._problems.pop(output, None)
            self._controller.show_again(name)

    def _send_feedback(self, now: float) -> None:
        if not self._outputs:
            return
        for route, messages in self._controller.feedback(now):
            for input_name, output in tuple(self._outputs.items()):
                if route.is_shown_at(input_name):
                    try:
                        for message in messages:
                            output.send(message)
                    except (OSError, RuntimeError) as problem:
                        self._outputs.pop(input_name).close()
                        self._news.append(f"{input_name} shows nothing any more: {problem}.")


@dataclass(frozen=True)
class PortList:
    """The ports of this computer.

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
        client_name: our name for other programs meanwhile.

    Raises:
        DeviceError: there is no MIDI system of that name, or rtmidi is missing.
    """
    for open_system in system_openers(api, client_name):
        try:
            system = open_system()
        except MissingLibrary as problem:
            raise DeviceError(str(problem)) from None
        except (OSError, RuntimeError):  # the next may be there
            continue
        try:
            inputs, outputs = (
                [name for name in names if not name.startswith(client_name)]
                for names in (system.inputs(), system.outputs())
            )
            return PortList(system.name, inputs, outputs)
        finally:
            system.close()
    return PortList("", [], [])
