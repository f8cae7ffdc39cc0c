"""The form of a performance log: what happened, a line of JSON each, and the files beside it.

A log is a folder with one folder for each part, `part-001` and so on: a new part begins where the
instrument is started again, or another device brings another rate or number of channels. In a part:

- `part.json`: a `Part`.
- `events.jsonl`: an event a line, in the order in which they happened to each processor.
- `input.wav`: all that came in, 32-bit float.
- `dreams-SOURCE.f32`: the magnitudes of a source's dreams, one after the other.
- `tape-SOURCE-LINK.f32`: the waveform of its finished dreams, as far as it was there to be read.

Positions of processors and sources are counts of their own calls, so that the same calls meet the
same things when the performance is played again.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ..parameter import Value

VERSION = 1
PART_FILE, EVENTS_FILE, INPUT_FILE = "part.json", "events.jsonl", "input.wav"
MOST_CHANNELS = 64
MOST_BLOCK = 65_536

Number = Annotated[int, Field(ge=0, lt=2**53)]
Id = Annotated[int, Field(ge=0, lt=1_000_000)]
Lag = Annotated[int, Field(ge=0, le=60 * 192_000)]


def part_name(number: int) -> str:
    """Return the name of a part's folder, from 1."""
    return f"part-{number:03d}"


def dreams_file(source: int) -> str:
    """Return the name of the file of a source's dreams."""
    return f"dreams-{source}.f32"


def tape_file(source: int, link: int) -> str:
    """Return the name of the file of one link's tape."""
    return f"tape-{source}-{link}.f32"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Part(_Strict):
    """What a part is about.

    Attributes:
        version: of this form.
        sample_rate: in hertz.
        channels: how many.
        made_by: version of Innerear.
        machine: processor, system and library versions, on which the same bits can be expected.
    """

    version: int
    sample_rate: int = Field(ge=8_000, le=192_000)
    channels: int = Field(ge=1, le=MOST_CHANNELS)
    made_by: str = Field(max_length=100)
    machine: str = Field(max_length=1000)


class Prepared(_Strict):
    """A processor was prepared.

    Attributes:
        processor: its number, from 0.
        structural: the values for which it was prepared, by parameter id.
        block_size: that it was told to expect.
    """

    event: Literal["prepared"] = "prepared"
    processor: Id
    structural: dict[str, Value]
    block_size: int = Field(ge=1, le=MOST_BLOCK)


class Sourced(_Strict):
    """A processor was given a source of dreams.

    Attributes:
        source: its number, from 0.
        processor: whose it is.
        model_rate, tape_lag, allowance: see `DreamSource`.
        tape_capacity: samples of the tape that it keeps.
    """

    event: Literal["source"] = "source"
    source: Id
    processor: Id
    model_rate: int = Field(ge=1_000, le=192_000)
    tape_lag: Lag
    allowance: Lag
    tape_capacity: Lag


class Values(_Strict):
    """A processor took the values of the parameters, and some had changed.

    Attributes:
        processor: its number.
        take: how often it had taken them before: three times until it is prepared, then once a
            block.
        sample: of the input at which that was.
        values: those that had changed, by id.
    """

    event: Literal["values"] = "values"
    processor: Id
    take: Number
    sample: Number
    values: dict[str, Value]


class Swap(_Strict):
    """A processor began to play beside the one before, and will fade in.

    Attributes:
        processor: its number.
        block, sample: of the input with which it begins.
    """

    event: Literal["swap"] = "swap"
    processor: Id
    block: Number
    sample: Number


class Cue(_Strict):
    """A processor heard of a panic or a beat at the beginning of a block.

    Attributes:
        processor: its number.
        call: blocks that it had processed before.
        beats: where the music is; None for a panic.
    """

    event: Literal["cue"] = "cue"
    processor: Id
    call: Number
    beats: float | None


class Blocks(_Strict):
    """Blocks have another length from here on.

    Attributes:
        block: the first of them.
        samples: of each.
    """

    event: Literal["blocks"] = "blocks"
    block: Number
    samples: int = Field(ge=1, le=MOST_BLOCK)


class DreamArrived(_Strict):
    """The network had found a dream; its magnitude is in the source's file of dreams.

    Attributes:
        source: its number.
        dream: its number there, from 0.
        heard_until: the input sample up to which the network had heard, counted by the source.
        target: what was excited, in words.
        objective: how strongly.
    """

    event: Literal["dream"] = "dream"
    source: Id
    dream: Number
    heard_until: int = Field(gt=-(2**53), lt=2**53)
    target: str = Field(max_length=1000)
    objective: float


class Look(_Strict):
    """What a source had to offer from one frame of the filter on.

    Attributes:
        source: its number.
        feed: frames that it had been fed before.
        dream: number of the newest dream.
        count: of its dreams; see `RemoteSource.count`.
        link: number of the tape in use.
        end: samples on that tape.
        origin: the source's sample at which that tape begins.
    """

    event: Literal["look"] = "look"
    source: Id
    feed: Number
    dream: Number
    count: Number
    link: Id
    end: Number
    origin: int = Field(gt=-(2**53), lt=2**53)


class Until(_Strict):
    """All up to here is in the files.

    Attributes:
        blocks, samples: that were played.
    """

    event: Literal["until"] = "until"
    blocks: Number
    samples: Number


Event = Prepared | Sourced | Values | Swap | Cue | Blocks | DreamArrived | Look | Until
EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
