"""Bindings of controls to parameters and actions, and mappings of many bindings: checked data."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...actions import ACTIONS
from ...errors import ParameterError, nearest
from ...parameter import NOTE_BEATS
from ...parameters import PARAMETERS, find_parameter
from .controls import TOP, Channel, Control, ControlKind
from .takeover import TakeoverMode

SCHEMA_VERSION = 1


Position = Annotated[float, Field(ge=0, le=1)]
ButtonMode = Literal["toggle", "momentary", "velocity"]
Setting = bool | int | float | str


class Feedback(BaseModel):
    """The light or motor that shows a parameter on the device.

    Attributes:
        kind: of the message to send.
        number: of the control to send to.
        channel: 1 to 16.
        low: what to send where the control would stand at 0.
        high: what to send where it would stand at 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ControlKind
    number: int = Field(default=0, ge=0, le=16_383)
    channel: Channel = 1
    low: int = Field(default=0, ge=0)
    high: int = Field(default=127, ge=0)

    @model_validator(mode="after")
    def _possible(self) -> "Feedback":
        Control(kind=self.kind, number=self.number)
        if max(self.low, self.high) > TOP[self.kind]:
            raise ValueError(f"a {self.kind} takes values up to {TOP[self.kind]}")
        if self.low == self.high:
            raise ValueError("low and high are the same")
        return self


class Binding(BaseModel):
    """Binds one control to one parameter or one action.

    Attributes:
        control: that is moved.
        parameter: id of the parameter that it turns.
        action: what it calls when it is pressed, instead.
        preset: for the action `preset`, its number from 1; a program change brings its own.
        range: knob positions of the parameter, 0 to 1, at the control's two ends.
        values: the same as values of the parameter, such as [20, 500] milliseconds.
        steps: values to choose among, such as ["1/16", "1/8", "1/4"]; a button takes the next.
        curve: the position is raised to this power: above 1 is finer at the low end.
        invert: turning up turns down.
        takeover: when the parameter is elsewhere: `jump`, `pick-up` or `scale`; by default the
            mapping's.
        button: what a press does: `toggle`, `momentary` (while it is held) or `velocity` (how
            hard it was hit, for notes). By default notes toggle what can be switched or chosen
            and are momentary for the rest; other controls are no buttons.
        speed: of an endless encoder; 1 is 1/127 of the way, or one choice, per step.
        feedback: whether the value is sent back to the device, or where else to; by default as
            the mapping says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    control: Control
    parameter: str | None = None
    action: str | None = None
    preset: int | None = Field(default=None, ge=1, le=16_384)
    range: tuple[Position, Position] | None = None
    values: tuple[Setting, Setting] | None = None
    steps: tuple[Setting, ...] | None = Field(default=None, min_length=1, max_length=128)
    curve: float = Field(default=1.0, ge=0.1, le=10)
    invert: bool = False
    takeover: TakeoverMode | None = None
    button: ButtonMode | None = None
    speed: float = Field(default=1.0, gt=0, le=127)
    feedback: bool | Feedback | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Binding":
        if (self.parameter is None) == (self.action is None):
            raise ValueError("a binding needs either a parameter or an action")
        if self.action is not None and self.action not in ACTIONS:
            raise ValueError(f"there is no action {self.action!r}. {nearest(self.action, ACTIONS)}")
        if self.control.kind == "program" and self.action != "preset":
            raise ValueError("a program change can only choose a preset")
        if self.action == "preset" and self.preset is None and self.control.kind != "program":
            raise ValueError("the action preset needs the number of a preset")
        if self.parameter is not None:
            self._check_values(self.parameter)
        return self

    def _check_values(self, id: str) -> None:
        if sum(each is not None for each in (self.range, self.values, self.steps)) > 1:
            raise ValueError("range, values and steps exclude each other")
        try:
            parameter = find_parameter(id)
            for value in (*(self.values or ()), *(self.steps or ())):
                parameter.check(value)
        except ParameterError as error:
            raise ValueError(str(error)) from None
        if self.values and parameter.kind == "text":
            raise ValueError(f"{id} is a name: use steps instead of values")
        if parameter.kind == "duration" and any(
            parameter.check(v) in NOTE_BEATS for v in self.values or ()
        ):
            raise ValueError(f"{id}: use steps instead of values for note values")
        low, high = self.ends()
        if low == high:
            raise ValueError("both ends of the range are the same")

    def ends(self) -> tuple[float, float]:
        """Return the parameter's knob positions at the control's two ends."""
        if self.values and self.parameter:
            parameter = PARAMETERS[self.parameter]
            low, high = (parameter.position(parameter.check(value)) for value in self.values)
            return low, high
        return self.range or (0.0, 1.0)

    @property
    def target(self) -> str:
        """The parameter or action it is for."""
        return self.parameter or self.action or ""

    def shape(self, position: float) -> float:
        """Return the parameter's share of its range for a control at `position`."""
        return float((1 - position if self.invert else position) ** self.curve)

    def unshape(self, share: float) -> float:
        """Return the control's position for a parameter at `share` of its range."""
        position = float(min(max(share, 0.0), 1.0) ** (1 / self.curve))
        return 1 - position if self.invert else position


class Mapping(BaseModel):
    """The bindings of one or several devices.

    Attributes:
        schema_version: of this format; a newer one is refused.
        title: for people: the device.
        source: where the numbers come from.
        port: part of the device's port name, for the controls that name none themselves.
        channel: for the controls that name none themselves; None listens to all.
        takeover: for the bindings that say nothing else.
        feedback: whether values are sent back to the device, for bindings that say nothing else.
        bindings: in any order; a control may have several, and so may a parameter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    title: str = Field(default="", max_length=200)
    source: str = ""
    port: str = Field(default="", max_length=200)
    channel: Channel | None = None
    takeover: TakeoverMode = "pick-up"
    feedback: bool = False
    bindings: tuple[Binding, ...] = Field(default=(), max_length=4096)

    def resolved(self) -> tuple[Binding, ...]:
        """Return the bindings with the mapping's defaults filled in."""
        return tuple(
            binding.model_copy(
                update={
                    "control": binding.control.model_copy(
                        update={
                            "port": binding.control.port or self.port,
                            "channel": binding.control.channel or self.channel,
                        }
                    ),
                    "takeover": binding.takeover or self.takeover,
                    "feedback": self.feedback if binding.feedback is None else binding.feedback,
                }
            )
            for binding in self.bindings
        )


def combine(mappings: Iterable[Mapping]) -> Mapping:
    """Return one mapping with the bindings of all `mappings`."""
    given = tuple(mappings)
    return Mapping(
        title=", ".join(mapping.title for mapping in given if mapping.title),
        bindings=tuple(binding for mapping in given for binding in mapping.resolved()),
    )


PROGRAM_CHANGES = Mapping(
    bindings=(Binding(control=Control(kind="program"), action="preset"),),
)
"""Program change n chooses preset n, from any device."""
