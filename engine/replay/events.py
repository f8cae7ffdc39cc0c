"""The format of a performance log: its events, one line of JSON each, and the files beside them.

A log is a folder with one folder for each part, `part-001` and so on. A new part begins where the
audio server is started again, or where another device has another rate or number of channels. A
part holds:

- `part.json`: a `Part`.
- `events.jsonl`: one event a line, in the order in which they happened to each processor.
- `input.wav`: the input, 32-bit float.
- `dreams-SOURCE.f32`: the spectra of a source's dreams, one after the other.
- `tape-SOURCE-CONNECTION.f32`: the waveform of its finished dreams, as far as it could be read.

Events say when they happened as a count: of blocks for the stream, of its own calls of `process`
for a processor, of its own calls of `feed` for a source. So a replay that makes the same calls gets
the same things. Version 1, which counted otherwise, is read by `version1.py`. Up to version 2 every
dream's spectrum was magnitudes. Where a parameter is left out, the default of the log's version
holds (`former_defaults.py`), and up to version 5 the feedback loop was another
(`former_feedback_loop.py`).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ..parameter import Value
from ..parameterisations import Form

VERSION = 6
PART_FILE, EVENTS_FILE, INPUT_FILE = "part.json", "events.jsonl", "input.wav"
MOST_CHANNELS = 64
MOST_BLOCK = 65_536

Number = Annotated[int, Field(ge=0, lt=2**53)]
SignedNumber = Annotated[int, Field(gt=-(2**53), lt=2**53)]
Id = Annotated[int, Field(ge=0, lt=1_000_000)]
Rate = Annotated[int, Field(ge=1_000, le=192_000)]
Lag = Annotated[int, Field(ge=0, le=60 * 192_000)]
Ahead = Annotated[int, Field(ge=-60 * 192_000, le=60 * 192_000)]
BlockSize = Annotated[int, Field(ge=1, le=MOST_BLOCK)]
Moment = Literal["prepare", "reset", "block"]


def part_name(number: int) -> str:
    """Return the name of a part's folder; parts are counted from 1."""
    return f"part-{number:03d}"


def dreams_file(source: int) -> str:
    """Return the name of the file of a source's dreams."""
    return f"dreams-{source}.f32"


def tape_file(source: int, connection: int) -> str:
    """Return the name of the file of the tape of one connection of a source."""
    return f"tape-{source}-{connection}.f32"


class Strict(BaseModel):
    """Data that may come from anybody: unknown names and numbers that are not finite are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Part(Strict):
    """What a part is a log of.

    Attributes:
        version: of the format.
        sample_rate: in hertz.
        channels: of the stream.
        made_by: version of Innerear.
        machine: see `this_machine`.
    """

    version: int
    sample_rate: int = Field(ge=8_000, le=192_000)
    channels: int = Field(ge=1, le=MOST_CHANNELS)
    made_by: str = Field(max_length=100)
    machine: str = Field(max_length=1000)


class Prepared(Strict):
    """A processor was prepared. Its `ValuesTaken` at "prepare" follows.

    Attributes:
        processor: its number, from 0.
        structural: the structural values that it was prepared for, by parameter id.
        block_size: that it was prepared for.
    """

    event: Literal["prepared"] = "prepared"
    processor: Id
    structural: dict[str, Value]
    block_size: BlockSize | None


class SourceAdded(Strict):
    """A processor was given a source of dreams.

    Attributes:
        source: its number, from 0.
        processor: the processor's number.
        model_rate, tape_lag, update_deadline: see `DreamSource`.
        tape_capacity: samples of the tape that it keeps.
    """

    event: Literal["source"] = "source"
    source: Id
    processor: Id
    model_rate: Rate
    tape_lag: Ahead
    update_deadline: Lag
    tape_capacity: Lag


class ValuesTaken(Strict):
    """A processor took the values of its parameters. Blocks with unchanged values have no event.

    Attributes:
        processor: its number.
        moment: whether `prepare`, `reset` or `process` took them.
        call: the number of calls of `process` before, since it was prepared.
        sample: the number of samples of the input before.
        values: those that differ from the values taken before, by id; at "prepare" all of them.
    """

    event: Literal["values"] = "values"
    processor: Id
    moment: Moment
    call: Number
    sample: Number
    values: dict[str, Value]


class Swapped(Strict):
    """A processor began to process the input, beside the one before, and will fade in.

    Attributes:
        processor: its number.
        block, sample: the number of blocks and samples of the input before.
    """

    event: Literal["swap"] = "swap"
    processor: Id
    block: Number
    sample: Number


class Cue(Strict):
    """A clear or a beat took effect at the beginning of a processor's block.

    Attributes:
        processor: its number.
        call: the number of calls of `process` before.
        beats: the musical position in quarter notes; None for a clear.
    """

    event: Literal["cue"] = "cue"
    processor: Id
    call: Number
    beats: float | None


class BlockSizeChanged(Strict):
    """Blocks have another length from here on.

    Attributes:
        block: number of the first of them, from 0.
        samples: in each of them.
    """

    event: Literal["blocks"] = "blocks"
    block: Number
    samples: BlockSize


class DreamArrived(Strict):
    """A source had a new dream; its spectrum is in the source's file of dreams.

    Attributes:
        source: its number.
        dream: the dream's number in that source, from 0.
        heard_until: see `Dream`.
        target: what was excited, in words.
        objective: how strongly.
        form: what its spectrum is.
    """

    event: Literal["dream"] = "dream"
    source: Id
    dream: Number
    heard_until: SignedNumber
    target: str = Field(max_length=1000)
    objective: float
    form: Form = "magnitude"


class SourceState(Strict):
    """What a source had to offer from one call of `feed` on.

    Attributes:
        source: its number.
        feed: the number of calls of `feed` before.
        dream: number of the newest dream.
        count: of its dreams; see `RemoteSource.count`.
        connection: number of the connection whose tape is in use.
        end: samples on that tape.
        origin: the stream's sample at which that tape begins.
    """

    event: Literal["state"] = "state"
    source: Id
    feed: Number
    dream: Number
    count: Number
    connection: Id
    end: Number
    origin: SignedNumber


class Written(Strict):
    """Everything up to here is in the files.

    Attributes:
        blocks, samples: that were played.
    """

    event: Literal["written"] = "written"
    blocks: Number
    samples: Number


Event = (
    Prepared
    | SourceAdded
    | ValuesTaken
    | Swapped
    | Cue
    | BlockSizeChanged
    | DreamArrived
    | SourceState
    | Written
)
EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
