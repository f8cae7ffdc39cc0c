"""The requests that clients send to an audio server: one type each, with JSON both ways."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..errors import ParameterError, nearest
from ..parameter import Value

Answer = Mapping[str, Any]
"""JSON data that a client gets back; empty where there is nothing to say."""

ANSWER_SECONDS = 10.0
OPEN_SECONDS = 300.0
"""The server opens devices, maybe those before too, and may load a network; each has its limit."""


@dataclass(frozen=True)
class Request:
    """What a client asks the audio server for.

    Attributes:
        name: of the type of request, in its JSON.
        answer_seconds: how long a client waits for the answer.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)
    name: ClassVar[str] = ""
    answer_seconds: ClassVar[float] = ANSWER_SECONDS

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data; see `read_request`."""
        return {"do": self.name, **asdict(self)}


@dataclass(frozen=True)
class Quit(Request):
    """End the server."""

    name = "quit"


@dataclass(frozen=True)
class ResetMeasurements(Request):
    """Forget all durations, lost blocks and ages so far."""

    name = "reset-measurements"


@dataclass(frozen=True)
class OpenDevices(Request):
    """Play from other devices; where they cannot be opened, the server keeps those before.

    Attributes:
        input_device, output_device, sample_rate, channels, sidechain, connect: see `open_stream`.
    """

    name = "open-devices"
    answer_seconds = OPEN_SECONDS
    input_device: str | int | None = None
    output_device: str | int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    sidechain: tuple[int, ...] = ()
    connect: bool = True


@dataclass(frozen=True)
class OpenFile(Request):
    """Play another file; where it cannot be opened, the server keeps what played before.

    Attributes:
        path, output_device, sample_rate, looping: see `FileStream`.
    """

    name = "open-file"
    answer_seconds = OPEN_SECONDS
    path: str
    output_device: str | int | None = None
    sample_rate: int | None = None
    looping: bool = True


@dataclass(frozen=True)
class SetFilePlayback(Request):
    """Play, pause, seek or loop the file that plays; None leaves a value as it is.

    Attributes:
        playing: False pauses.
        looping: whether the file starts again at its end.
        seconds: the position to go on from.
    """

    name = "set-file-playback"
    playing: bool | None = None
    looping: bool | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class DoAction(Request):
    """Do what a button does.

    Attributes:
        action: one of `ACTIONS`.
        arguments: of the action; `preset` takes a number from 1.
    """

    name = "action"
    action: str
    arguments: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlayPreset(Request):
    """Set all parameters to a preset.

    The answer has `before` and `after`: the controls, as `RestoreControls` takes them.

    Attributes:
        preset: its name.
    """

    name = "play-preset"
    preset: str


@dataclass(frozen=True)
class SetSlot(Request):
    """Put a preset into a slot of the morph.

    Attributes:
        slot: a or b.
        preset: its name.
        values: by parameter id.
        title: of the preset, for people.
    """

    name = "set-slot"
    slot: Literal["a", "b"]
    preset: str
    values: dict[str, Value] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class RestoreControls(Request):
    """Set preset, slots, morph and parameters together, as they were once.

    A slot in which something else was put since stays.

    Attributes:
        controls: JSON data of a `ControlState` and, as `morph`, the place between its slots.
        left: such data of what the controls were left as by what is taken back, or done again.
        values: by parameter id; the others stay.
    """

    name = "restore-controls"
    controls: dict[str, Any]
    left: dict[str, Any]
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class StoreSlot(Request):
    """Keep the present parameters in a slot of the morph.

    Attributes:
        slot: a or b.
    """

    name = "store-slot"
    slot: Literal["a", "b"]


@dataclass(frozen=True)
class ToggleSlot(Request):
    """Move the morph to the other slot; the answer has `slot`, a or b."""

    name = "toggle-slot"


@dataclass(frozen=True)
class MidiLearn(Request):
    """Bind the control that is moved next; see `MidiController.learn`.

    Attributes:
        target: a parameter's id or an action.
        preset: number for the action `preset`, from 1.
        keep: whether what the control did before stays bound.
    """

    name = "midi-learn"
    target: str
    preset: int | None = None
    keep: bool = False


@dataclass(frozen=True)
class MidiCancel(Request):
    """Stop waiting for a control."""

    name = "midi-cancel"


@dataclass(frozen=True)
class MidiForget(Request):
    """Remove all controls of a parameter or an action.

    Attributes:
        target: a parameter's id or an action.
    """

    name = "midi-forget"
    target: str


@dataclass(frozen=True)
class MidiBind(Request):
    """Add a binding; see `MidiController.bind`.

    Attributes:
        binding: JSON data of a `Binding`.
        keep: whether what its control did before stays bound.
    """

    name = "midi-bind"
    binding: dict[str, Any]
    keep: bool = True


@dataclass(frozen=True)
class MidiUnbind(Request):
    """Remove one binding; see `MidiController.unbind`.

    Attributes:
        binding: JSON data of a `Binding`, as the answer to `MidiBindings` has it.
    """

    name = "midi-unbind"
    binding: dict[str, Any]


@dataclass(frozen=True)
class MidiMessages(Request):
    """Ask for the newest messages; the answer has `messages`, a line each, and their `count`.

    Attributes:
        after: only those that came after as many, by the `count` of an earlier answer.
    """

    name = "midi-messages"
    after: int = 0


@dataclass(frozen=True)
class MidiBindings(Request):
    """Ask for the bindings; the answer has `bindings`, each as JSON data of a `Binding`.

    Those that the user made come first, the newest before the others.

    Attributes:
        target: only those of this parameter or action; None for all.
    """

    name = "midi-bindings"
    target: str | None = None


@dataclass(frozen=True)
class MidiMapping(Request):
    """Use another mapping for all controllers.

    Attributes:
        mapping: its name; see `load_mapping`.
    """

    name = "midi-mapping"
    mapping: str


REQUESTS: Mapping[str, type[Request]] = {each.name: each for each in Request.__subclasses__()}
"""The types by their names."""


def read_request(data: Mapping[str, Any]) -> Request:
    """Return the request that JSON data holds.

    Args:
        data: `do`, the name of the request, and its values.

    Raises:
        ParameterError: there is no such request, or a value is missing, unknown or of the wrong
            type.
    """
    name = data.get("do")
    if not isinstance(name, str) or name not in REQUESTS:
        raise ParameterError(f"There is no request {name!r}. {nearest(str(name), REQUESTS)}")
    values = {key: value for key, value in data.items() if key != "do"}
    try:
        return _reader(name).validate_json(json.dumps(values))
    except ValidationError as problem:
        raise ParameterError(f"The request {name!r} is wrong: {_first_error(problem)}") from None


@cache
def _reader(name: str) -> TypeAdapter[Request]:
    """Return what reads a request, made when one comes: all together would delay every start."""
    return TypeAdapter(REQUESTS[name])


def _first_error(problem: ValidationError) -> str:
    """Return which field is wrong first and what is wrong with it, in one line."""
    first = problem.errors(include_url=False)[0]
    field_name = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "missing":
            return f"{field_name} is missing."
        case "unexpected_keyword_argument":
            return f"it takes no {field_name}."
    what = first["msg"].removeprefix("Input ")
    return f"{field_name} cannot be {str(first['input'])[:40]!r}: it {what}."
