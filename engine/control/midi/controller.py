"""The MIDI controller: sets parameters and calls actions from messages; knows no devices."""

import threading
import time as clock_time
from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingABC

from ...actions import ACTIONS
from ...errors import ParameterError, nearest
from ...parameter import Value
from ...parameter_values import ParameterSet
from ...parameters import PARAMETERS
from ...sync_sources import FOLLOWS_MIDI
from .clock import BeatClock
from .controls import Control, ControlKind, ControlReader, Encoding, Reading
from .learn import refined
from .learner import Learner
from .mapping import PROGRAM_CHANGES, Binding, ButtonMode, Mapping
from .messages import Message, Parser
from .monitor import Monitor
from .port_names import matches
from .route import Route

Actions = MappingABC[str, Callable[..., None]]

_CLOCK_LOST_SECONDS = 1.0
_PROBLEM_SECONDS = 10.0


class _Input:
    """The state of one port between its messages."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.reader = ControlReader()


class MidiController:
    """Sets parameters and calls actions from the messages of any number of ports.

    `handle` may be called from the threads of a MIDI system: it never waits and raises nothing;
    errors are in `problem`.
    """

    def __init__(
        self,
        parameters: ParameterSet,
        actions: Actions | None = None,
        mapping: Mapping = PROGRAM_CHANGES,
        clock: BeatClock | None = None,
        now: Callable[[], float] = clock_time.perf_counter,
    ) -> None:
        """Begin with a mapping.

        Args:
            parameters: that are set.
            actions: what buttons call, by the names in `ACTIONS`. `preset` is called with its
                number, from 1; the others without arguments. Those that are missing do nothing.
            mapping: which control does what; see `mapping_files`.
            clock: that a MIDI clock moves; a new one by default.
            now: the clock that the times given to `handle` are of.
        """
        self._parameters = parameters
        self._actions = dict(actions or {})
        self.clock = clock or BeatClock(parameters.number("tempo_bpm"))
        """The beats: moved by a MIDI clock, by taps, and by the parameter `tempo_bpm`."""
        self._now = now
        self._inputs: dict[str, _Input] = defaultdict(_Input)
        self._clock_port, self._clock_time = "", float("-inf")
        self._lock = threading.Lock()
        self._learner: Learner | None = None
        self._unsure: Control | None = None
        self._routes: list[Route] = []
        self._lit: list[Route] = []
        self._by_control: dict[tuple[ControlKind, int], list[Route]] = {}
        self.activity: float | None = None
        """When the last message came, on the clock of `now`; None before the first."""
        self.monitor = Monitor()
        """The newest messages, and what they turned."""
        self._problem, self._problem_time = "", float("-inf")
        self.listener: Callable[[str, Message], None] | None = None
        """Called with the port and each message before it is used, as for a log."""
        self.mapping = mapping
        parameters.observe(self._parameter_changed)

    @property
    def mapping(self) -> Mapping:
        """What the controls do; set another at any time. Learning gives a new one."""
        return self._mapping

    @mapping.setter
    def mapping(self, mapping: Mapping) -> None:
        routes = [Route(binding, self._parameters) for binding in mapping.resolved()]
        by_control: dict[tuple[ControlKind, int], list[Route]] = defaultdict(list)
        for route in routes:
            control = route.binding.control
            by_control[control.kind, control.number].append(route)
        self._mapping, self._routes, self._by_control = mapping, routes, dict(by_control)
        self._lit = [route for route in routes if route.binding.feedback]

    def bound_at(self, port_names: Iterable[str]) -> frozenset[str]:
        """Return the parameters and actions that have a control at one of these ports."""
        names = tuple(port_names)
        return frozenset(
            route.binding.target
            for route in self._routes
            if any(matches(route.binding.control.port, name) for name in names)
        )

    @property
    def problem(self) -> str:
        """The newest error of the last ten seconds, in one line; empty when there is none."""
        return self._problem if self._now() - self._problem_time < _PROBLEM_SECONDS else ""

    @property
    def clock_sends(self) -> bool:
        """Whether a MIDI clock that is followed has sent within the last second."""
        return self._now() - self._clock_time < _CLOCK_LOST_SECONDS

    # Messages

    def handle(self, port_name: str, message: bytes | list[int], time: float) -> None:
        """Take bytes from a port. Raises nothing.

        Args:
            port_name: of the port that they came from.
            message: one or several messages, or a part of one.
            time: when they came, in seconds, on the clock of `now`.
        """
        try:
            input_ = self._inputs[port_name]
            for each in input_.parser.feed(bytes(message)):
                self.activity = time
                if self.listener is not None:
                    self.listener(port_name, each)
                if each.channel == 0:
                    self._realtime(port_name, each, time)
                    continue
                readings = input_.reader.read(each)
                if self.learning:
                    self.monitor.add(port_name, each)
                    self._learn_from(port_name, each)
                else:
                    self.monitor.add(port_name, each, self._read(port_name, readings, time))
        except Exception as problem:  # the MIDI system's thread must not end
            self._problem = f"A MIDI message of {port_name} could not be used: {problem}"
            self._problem_time = time

    def _read(self, port_name: str, readings: list[Reading], time: float) -> list[str]:
        """Move what is bound to the controls that were read; return what that was."""
        moved = []
        for reading in readings:
            if self._unsure is not None:
                self._make_sure(reading)
            for route in self._by_control.get((reading.kind, reading.number), ()):
                if not route.listens_to(port_name, reading.channel):
                    continue
                moved.append(route.binding.target)
                called = route.move(port_name, reading, time)
                if called is not None:
                    self._act(called, time, *route.arguments(reading))
        return moved

    def _realtime(self, port_name: str, message: Message, time: float) -> None:
        if message.kind != "clock":
            self.monitor.add(port_name, message)
        if self._parameters.text("sync") not in FOLLOWS_MIDI:
            return
        if port_name != self._clock_port and time - self._clock_time < _CLOCK_LOST_SECONDS:
            return  # one clock at a time
        self._clock_port = port_name
        if message.kind == "clock":
            self._clock_time = time
        match message.kind:
            case "clock":
                tempo_bpm = self.clock.pulse(time)
                if tempo_bpm is not None:
                    self._parameters.set("tempo_bpm", tempo_bpm)
            case "start":
                self._act("transport-start", time)
            case "continue":
                self.clock.resume()
                self._call("transport-start")
            case "stop":
                self._act("transport-stop", time)

    # Actions

    def act(self, action: str, *arguments: int) -> None:
        """Do what a button bound to an action does.

        `transport-start` also starts the beat at 0, and `transport-stop` stops following it, as a
        MIDI clock's start and stop do.

        Args:
            action: one of `ACTIONS`; nothing happens where none was given for it.
            arguments: of the action; `preset` takes a number from 1.

        Raises:
            ParameterError: there is no such action, or it takes other arguments.
        """
        wanted = 1 if action == "preset" else 0
        if action not in ACTIONS:
            raise ParameterError(f"There is no action {action!r}. {nearest(action, ACTIONS)}")
        if len(arguments) != wanted:
            raise ParameterError(
                f"The action {action} takes {wanted or 'no'} argument{'' if wanted else 's'}, not"
                f" {len(arguments)}."
            )
        self._act(action, self._now(), *arguments)

    def _act(self, action: str, time: float, *arguments: int) -> None:
        if action == "transport-start":
            self.clock.start(time)
        elif action == "transport-stop":
            self.clock.stop()
        self._call(action, *arguments)

    def _call(self, action: str, *arguments: int) -> None:
        if action in self._actions:
            self._actions[action](*arguments)

    def _parameter_changed(self, id: str, value: Value) -> None:
        if id == "tempo_bpm":
            self.clock.set_tempo(float(value), self._now())

    # Learning

    def learn(
        self,
        target: str,
        *,
        kind: ControlKind | None = None,
        encoding: Encoding | None = None,
        button: ButtonMode | None = None,
        preset: int | None = None,
        keep: bool = False,
        seconds: float = float("inf"),
    ) -> None:
        """Bind the control that is moved next to a parameter or an action.

        Until the control is recognised, which takes a few messages, MIDI changes nothing else. Turn
        an endless encoder right, then left.

        Args:
            target: a parameter's id, or one of `ACTIONS`.
            kind: of the control; by default it is recognised.
            encoding: of an endless encoder; by default it is recognised.
            button: what a press does, where it is a button; see `Binding`.
            preset: for the action `preset`, its number from 1.
            keep: whether the control keeps its earlier bindings.
            seconds: after which it waits no longer.

        Raises:
            ParameterError: there is no such parameter or action, or no such control.
        """
        if encoding not in (None, "absolute") and kind not in (None, "cc", "nrpn"):
            raise ParameterError(f"A {kind} has no encoding; a cc or an nrpn can have one.")
        if kind == "program" and target != "preset":
            raise ParameterError("A program change can only choose a preset.")
        if target not in ACTIONS and target not in PARAMETERS:
            names = [*PARAMETERS, *ACTIONS]
            raise ParameterError(
                f"There is no parameter or action {target!r}. {nearest(target, names)}"
            )
        if target == "preset" and preset is None and kind != "program":
            raise ParameterError("Say which preset is to be learned: its number, from 1.")
        if target in PARAMETERS:
            preset = None
        until = self._now() + seconds
        self._learner = Learner(target, kind, encoding, button, preset, keep, until)

    @property
    def learning(self) -> str | None:
        """The parameter or action that waits for a control to be moved."""
        learner = self._learner
        return learner.target if learner and self._now() < learner.until else None

    @property
    def is_sure(self) -> bool:
        """Whether the newest encoder's encoding is certain; if not, turning it left decides."""
        return self._unsure is None

    def cancel_learning(self) -> None:
        """Stop waiting for a control."""
        self._learner = None

    def bind(self, binding: Binding, keep: bool = True) -> None:
        """Add a binding.

        Args:
            binding: a new one.
            keep: whether its control keeps its earlier bindings.
        """
        with self._lock:
            others = [
                each
                for each in self._mapping.resolved()
                if each.target != binding.target or not _same(each.control, binding.control)
            ]
            if not keep:
                others = [each for each in others if not _same(each.control, binding.control)]
            self._set_bindings([*others, binding])

    def unbind(self, binding: Binding) -> None:
        """Remove one binding, as the mapping's `resolved` has it; nothing where it is gone."""
        with self._lock:
            self._set_bindings([b for b in self._mapping.resolved() if b != binding])

    def forget(self, target: str) -> None:
        """Remove all controls of a parameter or an action."""
        with self._lock:
            self._set_bindings([b for b in self._mapping.resolved() if b.target != target])

    def _set_bindings(self, bindings: list[Binding]) -> None:
        self.mapping = Mapping(
            title=self._mapping.title, source=self._mapping.source, bindings=tuple(bindings)
        )

    def _learn_from(self, port_name: str, message: Message) -> None:
        learner = self._learner
        if learner is None:
            return
        control = learner.hear(port_name, message)
        if control is None:
            return
        binding = Binding(
            control=control,
            parameter=learner.target if learner.target in PARAMETERS else None,
            action=None if learner.target in PARAMETERS else learner.target,
            preset=None if control.kind == "program" else learner.preset,
            button=learner.button,
        )
        self._learner = None
        self.bind(binding, keep=learner.keep)
        self._unsure = control if control.encoding == "twos-complement" else None

    def _make_sure(self, reading: Reading) -> None:
        """Correct the encoding of an encoder that was learned just now."""
        unsure = self._unsure
        if unsure is None or (reading.kind, reading.number) != (unsure.kind, unsure.number):
            return
        better = refined(unsure, reading.value)
        if better != unsure:
            with self._lock:
                self._set_bindings(
                    [
                        each.model_copy(update={"control": better})
                        if each.control == unsure
                        else each
                        for each in self._mapping.resolved()
                    ]
                )
        if better != unsure or reading.value > 64:
            self._unsure = None

    # State for displays and lights

    def waiting(self) -> dict[str, float]:
        """Return the knob's position, 0 to 1, for each parameter that waits to be picked up."""
        return {
            route.binding.target: position
            for route in self._routes
            if (position := route.waits_for()) is not None
        }

    def feedback(self, time: float) -> list[tuple[Route, list[bytes]]]:
        """Return the messages that lights and motor faders need now.

        Args:
            time: now, on the clock of `now`.

        Returns:
            For each device its route and the messages.
        """
        return [(route, due) for route in self._lit if (due := route.feedback(time))]

    def uses(self, port_name: str) -> bool:
        """Whether a bound control of this port was moved."""
        return any(route.port_name == port_name for route in self._routes)

    def lit_ports(self) -> set[str]:
        """Return the parts of port names of all controls that show something."""
        return {route.binding.control.port for route in self._lit}

    def show_again(self, port_name: str) -> None:
        """Send everything to a device again, as after it was unplugged."""
        for route in self._lit:
            route.show_again(port_name)


def _same(one: Control, other: Control) -> bool:
    """Whether two controls are the same knob of the same device."""
    return (one.kind, one.number, one.channel, one.port.lower()) == (
        other.kind,
        other.number,
        other.channel,
        other.port.lower(),
    )
