"""What the page's controls choose, as an SQL condition."""

from collections.abc import Collection, Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from ...engine.errors import LibraryError

EVERYTHING = "true"
_MOST_CONDITIONS = 64
_MOST_VALUES = 10_000
_LONGEST = 500


class _Condition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Between(_Condition):
    """A number from `low` to `high`, both included; None leaves that end open."""

    kind: Literal["between"]
    column: str
    low: FiniteFloat | None
    high: FiniteFloat | None


class OneOf(_Condition):
    """One of several texts."""

    kind: Literal["one-of"]
    column: str
    values: Annotated[list[Annotated[str, Field(max_length=_LONGEST)]], Field(max_length=1000)]


class Contains(_Condition):
    """A text with `text` in it, in large or small letters."""

    kind: Literal["contains"]
    column: str
    text: Annotated[str, Field(max_length=_LONGEST)]


Condition = Annotated[Between | OneOf | Contains, Field(discriminator="kind")]


class Filter(BaseModel):
    """Everything that the controls choose.

    Attributes:
        conditions: all of which hold.
        items: only these; None for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    conditions: Annotated[list[Condition], Field(max_length=_MOST_CONDITIONS)] = []
    items: Annotated[list[str], Field(max_length=_MOST_VALUES)] | None = None


def read_filter(data: object) -> Filter:
    """Return the filter that JSON data says.

    Raises:
        LibraryError: it is no filter.
    """
    try:
        return Filter.model_validate(data)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LibraryError(f"This is no filter: {where} {first['msg']}.") from None


def where(chosen: Filter, columns: Collection[str]) -> str:
    """Return the SQL condition of a filter.

    The texts in it are quoted, and the columns are only those that are named here: it can ask for
    nothing else, whatever the filter holds.

    Args:
        chosen: the filter.
        columns: those that a filter may name.

    Raises:
        LibraryError: a column that there is not.
    """
    parts = [part for each in chosen.conditions if (part := _sql(each, columns))]
    if chosen.items is not None:
        parts.append(_one_of("item", chosen.items))
    return " AND ".join(parts) or EVERYTHING


def _sql(condition: Between | OneOf | Contains, columns: Collection[str]) -> str:
    name = condition.column
    if name not in columns:
        raise LibraryError(f"There is no column {name[:40]!r}.")
    match condition:
        case Between():
            return _between(name, condition.low, condition.high)
        case OneOf():
            return _one_of(name, condition.values)
        case Contains():
            return f"contains(lower({name}), lower({quoted(condition.text)}))"


def _between(name: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        ends = ((">=", low), ("<=", high))
        return " AND ".join(f"{name} {sign} {end!r}" for sign, end in ends if end is not None)
    return f"{name} BETWEEN {low!r} AND {high!r}"


def _one_of(name: str, texts: Iterable[str]) -> str:
    listed = ", ".join(quoted(text) for text in texts)
    return f"{name} IN ({listed})" if listed else "false"


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
