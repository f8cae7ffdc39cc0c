"""A route: from a control's readings to its parameter, and back to its light."""

from ...parameter_values import ParameterSet
from .controls import TOP, Reading, control_messages, encoder_steps
from .dial import Dial
from .mapping import Binding, Feedback
from .port_names import matches
from .takeover import Takeover

REST_SECONDS = 0.02
"""The shortest pause between two messages to a light."""
HAND_SECONDS = 0.05
"""A control that was moved so recently gets no feedback: that would be its own movement."""


class Route:
    """A binding with its state: takeover, button and light."""

    def __init__(self, binding: Binding, parameters: ParameterSet) -> None:
        """Begin without a position of the control.

        Args:
            binding: resolved.
            parameters: that it sets.
        """
        self.binding = binding
        self.port_name = ""
        """The port of the control's newest message."""
        self._dial = Dial(binding, parameters) if binding.parameter else None
        is_switch = self._dial is not None and self._dial.count == 2
        self._takeover = Takeover("jump" if is_switch else binding.takeover or "pick-up")
        self._pressed = False
        self._channel = binding.control.channel or 1
        self._moved_at = self._shown_at = float("-inf")
        self._shown: int | None = None
        self._light = self._find_light()

    def listens_to(self, port_name: str, channel: int) -> bool:
        """Whether the control is at this port and channel."""
        control = self.binding.control
        return control.channel in (None, channel) and matches(control.port, port_name)

    def move(self, port_name: str, reading: Reading, time: float) -> str | None:
        """Take a reading of the control; return the action to call, if any."""
        self.port_name = port_name
        if reading.channel != self._channel:
            self._channel = reading.channel
            self._light = self._find_light()
        pressed, was_pressed = reading.value >= self._threshold(), self._pressed
        self._pressed = pressed
        if self._dial is None:
            is_press = self.binding.control.kind == "program" or (pressed and not was_pressed)
            return self.binding.action if is_press else None
        if self.binding.control.sends != "absolute":
            self._step(self._dial, reading.value)
        elif self._is_button:
            self._press(self._dial, reading, was_pressed)
        else:
            self._follow(self._dial, reading.value / TOP[reading.kind], time)
            if not isinstance(self.binding.feedback, Feedback):
                self._shown = reading.value
        if self._is_button:
            self._shown = None  # some devices switch their light themselves
        self._moved_at = time
        return None

    def arguments(self, reading: Reading) -> tuple[int, ...]:
        """Return the arguments of its action."""
        if self.binding.action != "preset":
            return ()
        return (self.binding.preset or reading.value + 1,)

    def waits_for(self) -> float | None:
        """Return the knob's position in the parameter's range, while the parameter waits for it."""
        hardware = self._takeover.hardware
        if not self._takeover.waiting or hardware is None:
            return None
        low, high = self.binding.ends()
        return low + (high - low) * self.binding.shape(hardware)

    def feedback(self, time: float) -> list[bytes]:
        """Return the messages that the device needs in order to show the parameter."""
        if self._dial is None or not self.binding.feedback:
            return []
        if time - self._shown_at < REST_SECONDS or time - self._moved_at < HAND_SECONDS:
            return []
        light = self._light
        position = self.binding.unshape(self._dial.read())
        value = light.low + round(position * (light.high - light.low))
        if value == self._shown or self._agrees():
            return []
        self._shown, self._shown_at = value, time
        return control_messages(light.kind, light.channel, light.number, value)

    def show_again(self, port_name: str) -> None:
        """Send everything again, if the device is at this port."""
        if self.is_shown_at(port_name):
            self._shown = None

    def is_shown_at(self, port_name: str) -> bool:
        """Whether this port's device has the light: by its name, or by its newest message."""
        part = self.binding.control.port
        if part:
            return matches(part, port_name)
        return self.port_name in ("", port_name)

    @property
    def _is_button(self) -> bool:
        return self.binding.button is not None or self.binding.control.kind == "note"

    def _threshold(self) -> int:
        return 1 if self.binding.control.kind == "note" else TOP[self.binding.control.kind] // 2 + 1

    def _follow(self, dial: Dial, position: float, time: float) -> None:
        binding = self.binding
        wanted = self._takeover.move(
            position,
            binding.unshape(dial.read()),
            time,
            same=dial.holds(binding.shape(position)),
        )
        if wanted is not None:
            dial.write(binding.shape(wanted))
            self._takeover.settle(binding.unshape(dial.read()))

    def _step(self, dial: Dial, value: int) -> None:
        steps = encoder_steps(value, self.binding.control.sends) * self.binding.speed
        if self.binding.invert:
            steps = -steps
        ways = dial.count - 1 if dial.count > 1 else 127
        dial.write(dial.read() + steps / ways)

    def _press(self, dial: Dial, reading: Reading, was_pressed: bool) -> None:
        mode = self.binding.button or ("toggle" if dial.count else "momentary")
        if mode == "momentary":
            dial.write(self.binding.shape(1.0 if self._pressed else 0.0))
        elif self._pressed and not was_pressed:
            if mode == "velocity":
                dial.write(self.binding.shape(reading.value / TOP[reading.kind]))
            elif dial.count == 1 or dial.count > 2:
                dial.next()
            else:
                dial.write(0.0 if dial.read() > 0.5 else 1.0)

    def _find_light(self) -> Feedback:
        if isinstance(self.binding.feedback, Feedback):
            return self.binding.feedback
        control = self.binding.control
        return Feedback(
            kind=control.kind,
            number=control.number,
            channel=self._channel,
            high=TOP[control.kind],
        )

    def _agrees(self) -> bool:
        """Whether the value that is shown stands for the parameter's present value."""
        if self._shown is None or self._dial is None:
            return False
        position = (self._shown - self._light.low) / (self._light.high - self._light.low)
        return self._dial.holds(self.binding.shape(position))
