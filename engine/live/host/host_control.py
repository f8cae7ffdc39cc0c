"""Parameters, tempo, MIDI and states between a plug-in's host and its audio server."""

import math
import time
from collections.abc import Callable

from ...alignment import ALIGNMENTS
from ...control.host_state import HostState
from ...errors import InnerearError
from ...ipc.host_channel import HostBlock, HostChannel
from ...parameter import Parameter, Value
from ...parameter_values import ParameterSet
from ...parameters import AUTOMATABLE, PARAMETERS

HOST_PORT = "host"
"""Name of the port from which MIDI comes that the host sends."""
_DIGITS = 6
"""A host keeps numbers as shares of a range, in single precision: no more of them are its own."""


class HostControl:
    """The audio thread calls `begin_block`, the server's main loop the rest."""

    def __init__(
        self,
        channel: HostChannel,
        parameters: ParameterSet,
        handle_midi: Callable[[str, list[int], float], None],
        say: Callable[[str], None],
    ) -> None:
        """Get ready.

        Args:
            channel: shared with the plug-in.
            parameters: that the host sets, and hears of.
            handle_midi: gets a port's name, a message's bytes and the time.
            say: shows a message to people.
        """
        self._channel, self._parameters = channel, parameters
        self._handle_midi, self._say = handle_midi, say
        self._state = HostState(parameters)
        self._known = {p.id: p.default for p in AUTOMATABLE}
        self._sets = 0
        self._tempo = 0.0
        self._published: dict[str, Value] = {}
        # What the host has set since it asked for a state: its version, and the value.
        self._set_since: dict[str, tuple[int, Value]] = {}

    def begin_block(self, block: HostBlock) -> None:
        """Set what the host says with a block. Raises nothing.

        Args:
            block: that is processed next.
        """
        for number, value in block.changed.items():
            if number >= len(AUTOMATABLE):
                continue
            parameter = AUTOMATABLE[number]
            decoded = parameter.decode(float(f"{value:.{_DIGITS}g}"))
            self._sets += 1
            self._known[parameter.id] = decoded
            self._set_since[parameter.id] = (self._channel.awaited_version, decoded)
            self._parameters.set(parameter.id, decoded)
            self._sets += 1
        if block.tempo_bpm != self._tempo and math.isfinite(block.tempo_bpm):
            self._tempo = block.tempo_bpm
            if block.tempo_bpm > 0.0:
                tempo = PARAMETERS["tempo_bpm"].decode(block.tempo_bpm)
                self._parameters.set("tempo_bpm", tempo)
        for message in block.midi:
            self._handle_midi(HOST_PORT, message, time.perf_counter())

    @property
    def awaits_state(self) -> bool:
        """Whether the host wants a state that is not taken yet."""
        return self._channel.awaited_version != 0

    def poll(self) -> None:
        """Take the state that the host wants; tell it what others have set."""
        wanted = self._channel.wanted_state()
        if wanted is not None:
            self._recall(wanted)
        self._publish_values()
        self._publish_state()
        if wanted is not None:
            self._channel.took_state()

    def announce_early(self) -> None:
        """Tell the host the latency before a network is loaded, where it does not depend on one."""
        alignment = ALIGNMENTS[self._parameters.text("alignment")]
        latency = alignment.known_latency(int(self._parameters.number("n_fft")))
        generation = self._channel.generation
        if latency is not None and self._channel.ready != generation:
            self._channel.announce(generation, latency)

    def _recall(self, text: str) -> None:
        try:
            news = self._state.recall(text)
        except InnerearError as problem:
            news = [str(problem)]
        for line in news:
            self._say(line)
        for id, (version, value) in list(self._set_since.items()):
            if version == self._channel.taken_version:  # it came later, and so it holds
                self._parameters.set(id, value)
        self._set_since.clear()

    def _publish_values(self) -> None:
        sets, values = self._sets, self._parameters.as_dict()
        changed = [p for p in AUTOMATABLE if values[p.id] != self._known[p.id]]
        if self._sets != sets or sets % 2:
            return  # the host sets just now what was read before; the next look sees it
        for parameter in changed:
            self._known[parameter.id] = values[parameter.id]
            self._channel.publish_value(AUTOMATABLE.index(parameter), self._number(parameter))

    def _number(self, parameter: Parameter) -> float:
        """Return a value as a host counts: of a note value the milliseconds."""
        if parameter.kind == "duration":
            return self._parameters.number(parameter.id)
        return parameter.encode(self._parameters[parameter.id])

    def _publish_state(self) -> None:
        values = self._parameters.as_dict()
        if values == self._published:
            return
        self._published = values
        try:
            self._channel.publish_state(self._state.text())
        except InnerearError as problem:  # a name that no preset can hold
            self._say(f"The host cannot save this: {problem}")
