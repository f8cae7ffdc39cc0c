"""What commands print with `--json`: the one declaration that output and docs/json.md follow.

`python -m innerear.cli.shared.schemas` prints the tables of docs/json.md.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from .output import print_json

Value = bool | int | float | str


def _field(description: str) -> Any:
    return Field(description=description)


class Schema(BaseModel):
    """JSON data with these fields and no others; those with a default may be left out."""

    model_config = ConfigDict(extra="forbid")


class Age(Schema):
    """How old the newest dream was over the last frames, in milliseconds."""

    p50: Annotated[float, _field("median")]
    p99: Annotated[float, _field("99th percentile")]


class Dreams(Schema):
    """The dreams of a run."""

    count: Annotated[int, _field("how many")]
    late: Annotated[int, _field("frames of the filter whose dream was late")]
    age_ms: Annotated[Age, _field("their age")]


class BlockTimes(Schema):
    """How long the processing of a block took, in milliseconds."""

    p50: Annotated[float, _field("median")]
    p99: Annotated[float, _field("99th percentile")]
    p999: Annotated[float, _field("99.9th percentile")]
    max: Annotated[float, _field("the longest")]


class Judged(Schema):
    """What a network that took no part hears (`--judge`)."""

    judge: Annotated[str, _field("its name")]
    target: Annotated[str, _field("what was dreamed of, in words")]
    class_: Annotated[
        str | None, Field(alias="class", description="what it calls that; null: no such class")
    ]
    score_before: Annotated[float, _field("mean score before, 0 to 1")] = 0.0
    score_after: Annotated[float, _field("mean score after, 0 to 1")] = 0.0
    log_odds_gain: Annotated[float, _field("how much its log-odds rose")] = 0.0
    rank_before: Annotated[int, _field("rank among its classes before, from 1")] = 0
    rank_after: Annotated[int, _field("rank after, from 1")] = 0


class Measurements(Schema):
    """What `render` and `live` measure alike."""

    sample_rate: Annotated[int, _field("of the sound, in hertz")]
    block_size: Annotated[int, _field("samples in a block")]
    latency_samples: Annotated[int, _field("from input to output, without a device's own")]
    nan_resets: Annotated[int, _field("how often NaN or infinity was replaced by silence")]
    dreams: Annotated[Dreams, _field("how many there were, and their age")]
    block_ms: Annotated[BlockTimes, _field("durations of the processing of a block")]
    budget_ratio_p999: Annotated[
        float, _field("their 99.9th percentile as a share of a block's duration")
    ]
    parameters: Annotated[dict[str, Value], _field("value of every parameter, by its id")]
    heard: Annotated[str, _field("what was excited last, in words")]
    problem: Annotated[str, _field("what was wrong at the end; empty: nothing")]


class RenderReport(Measurements):
    """`innerear render --json`, and its `--report` without `judges`."""

    samples: Annotated[int, _field("per channel, that were written")]
    channels: Annotated[int, _field("of the sound")]
    peak_dbfs: Annotated[float | None, _field("level of the highest sample; null: silence")]
    seed: Annotated[int, _field("of what was drawn by chance")]
    realtime_factor: Annotated[float, _field("duration of the sound / of the rendering")]
    judges: Annotated[list[Judged], _field("with `--judge`: a row for each")] = []


class LiveReport(Measurements):
    """`innerear live --json`, printed at the end."""

    xruns: Annotated[int, _field("dropouts: blocks that the device reports as lost")]
    realtime: Annotated[bool, _field("whether the audio callback had real-time priority")]


class DreamReport(Schema):
    """`innerear dream --json`, and its `--report` without `judges`."""

    model: Annotated[str, _field("name of the network")]
    samples: Annotated[int, _field("per channel")]
    sample_rate: Annotated[int, _field("of the sound, in hertz")]
    channels: Annotated[int, _field("of the sound")]
    settings: Annotated[dict[str, Value | None], _field("value of every knob, by its name")]
    windows: Annotated[int, _field("how many windows the network heard at each step")]
    window_seconds: Annotated[float, _field("length of one")]
    hop_seconds: Annotated[float, _field("from one to the next")]
    targets: Annotated[list[str], _field("what each step excited, in words")]
    scores: Annotated[list[float], _field("of the last target: before, and after each step")]
    score_before: Annotated[float, _field("the first of them")]
    score_after: Annotated[float, _field("the last of them")]
    change_db: Annotated[float | None, _field("level of the change re the sound; null: no change")]
    peak_dbfs: Annotated[float | None, _field("level of the highest sample; null: silence")]
    turned_down_db: Annotated[float, _field("by how much the result was turned down")]
    broken_windows: Annotated[int, _field("gradients that were no numbers and left out")]
    seconds_per_step: Annotated[float | None, _field("how long a step took; null: there was none")]
    kept: Annotated[list[str], _field("with `--every`: files of the sounds on the way")]
    judges: Annotated[list[Judged], _field("with `--judge`: a row for each")] = []


class PaperFigure(Schema):
    """One figure of `innerear dream --paper`."""

    number: Annotated[int, _field("in the paper")]
    caption: Annotated[str, _field("what it shows")]
    picture: Annotated[str, _field("file in the folder")]
    sound: Annotated[str, _field("file in the folder")]
    recursion: Annotated[
        dict[str, Any] | None, _field("as `innerear dream --json`, without `kept`; null: the sound")
    ]


class PaperReport(Schema):
    """`innerear dream --paper FOLDER --json`, and `report.json` in the folder."""

    model: Annotated[str, _field("name of the network")]
    sound: Annotated[str, _field("name of the sound")]
    figures: Annotated[list[PaperFigure], _field("a row for each")]


class HearReport(Schema):
    """`innerear hear --json`."""

    model: Annotated[str, _field("name of the network")]
    sample_rate: Annotated[int, _field("of the network, in hertz")]
    window_seconds: Annotated[float, _field("length of a window")]
    hop_seconds: Annotated[float, _field("from one window to the next")]
    duration_seconds: Annotated[float, _field("of the sound")]
    times: Annotated[list[float], _field("start of each window, in seconds")]
    classes: Annotated[list[str], _field("names of the classes")]
    scores: Annotated[list[list[float]], _field("a row a window: the score of each class, 0 to 1")]
    layer: Annotated[str, _field("with `--layer`: its name")] = ""
    activations: Annotated[
        list[list[float]], _field("with `--layer`: a row a window, the activation of each unit")
    ] = []


REPORTS = (RenderReport, LiveReport, DreamReport, PaperReport, HearReport)
PARTS = (Dreams, Age, BlockTimes, Judged, PaperFigure)


def print_report(schema: type[Schema], data: Mapping[str, Any]) -> None:
    """Print `data` as JSON, in the schema's order and with no field that it does not declare."""
    print_json(schema.model_validate(data).model_dump(by_alias=True, exclude_unset=True))


def as_markdown(schema: type[Schema]) -> str:
    """Return a schema as a heading and a table of its fields."""
    return "\n".join(_lines(schema)) + "\n"


def _lines(schema: type[Schema]) -> Iterator[str]:
    yield f"## {schema.__name__}"
    yield ""
    yield schema.__doc__ or ""
    yield ""
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, field in schema.model_fields.items():
        meaning = (field.description or "") + ("" if field.is_required() else " (may be left out)")
        yield f"| `{field.alias or name}` | {_type_name(field.annotation)} | {meaning} |"


_NAMES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    type(None): "null",
    Value: "boolean, number or text",
    Value | None: "boolean, number, text or null",
    Any: "anything",
}


def _type_name(type_: Any) -> str:
    if type_ in _NAMES:
        return _NAMES[type_]
    inner = [_type_name(each) for each in get_args(type_)]
    if get_origin(type_) in (Union, types.UnionType):
        return " or ".join(inner)
    if get_origin(type_) is list:
        return f"list of {inner[0]}"
    if get_origin(type_) is dict:
        return f"object of {inner[1]}"
    return f"[{type_.__name__}](#{type_.__name__.lower()})"


if __name__ == "__main__":
    print("\n".join(as_markdown(each) for each in (*REPORTS, *PARTS)), end="")
