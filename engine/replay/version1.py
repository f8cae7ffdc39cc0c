"""Reads the events of a performance log of version 1 as those of today.

Version 1 counted how often a processor had taken the values of its parameters: when it was made,
by `prepare`, by the `reset` in it, then once a block.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ..parameter import Value
from .events import (
    BlockSizeChanged,
    Cue,
    DreamArrived,
    Event,
    Id,
    Lag,
    Moment,
    Number,
    Prepared,
    Rate,
    SignedNumber,
    SourceAdded,
    SourceState,
    Strict,
    Swapped,
    ValuesTaken,
    Written,
)

_RESET_TAKE = 2
"""The take of `reset` in `prepare`; earlier ones are of `prepare`, later ones of blocks."""


class _Source(Strict):
    event: Literal["source"]
    source: Id
    processor: Id
    model_rate: Rate
    tape_lag: Lag
    allowance: Lag
    tape_capacity: Lag

    def upgraded(self) -> SourceAdded:
        return SourceAdded(
            source=self.source,
            processor=self.processor,
            model_rate=self.model_rate,
            tape_lag=self.tape_lag,
            update_deadline=self.allowance,
            tape_capacity=self.tape_capacity,
        )


class _Values(Strict):
    event: Literal["values"]
    processor: Id
    take: Number
    sample: Number
    values: dict[str, Value]

    def upgraded(self) -> ValuesTaken:
        blocks = self.take - _RESET_TAKE - 1
        moment: Moment = "prepare" if blocks < -1 else "reset" if blocks == -1 else "block"
        return ValuesTaken(
            processor=self.processor,
            moment=moment,
            call=max(0, blocks),
            sample=self.sample,
            values=self.values,
        )


class _Look(Strict):
    event: Literal["look"]
    source: Id
    feed: Number
    dream: Number
    count: Number
    link: Id
    end: Number
    origin: SignedNumber

    def upgraded(self) -> SourceState:
        return SourceState(
            source=self.source,
            feed=self.feed,
            dream=self.dream,
            count=self.count,
            connection=self.link,
            end=self.end,
            origin=self.origin,
        )


class _Until(Strict):
    event: Literal["until"]
    blocks: Number
    samples: Number

    def upgraded(self) -> Written:
        return Written(blocks=self.blocks, samples=self.samples)


_Old = _Source | _Values | _Look | _Until
_Same = Prepared | Swapped | Cue | BlockSizeChanged | DreamArrived
_EVENTS: TypeAdapter[_Old | _Same] = TypeAdapter(
    Annotated[_Old | _Same, Field(discriminator="event")]
)


def read_event(data: object) -> Event:
    """Return an event of version 1 as one of today.

    Args:
        data: plain data, as from JSON.

    Raises:
        ValidationError: it is no event of version 1.
    """
    event = _EVENTS.validate_python(data)
    return event.upgraded() if isinstance(event, _Old) else event
