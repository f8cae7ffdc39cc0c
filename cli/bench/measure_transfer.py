"""Measures who hears a dream: the networks that dream it, and judges that took no part."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...engine.analysis.judging.judges import Judge, Score, Summary, mean_summary, summarise
from ...engine.analysis.judging.sound_measures import SoundMeasures, measure_sound, power_db
from ...engine.arrays import Float
from ...engine.packs.network import PackLike
from ...engine.parameter import Value
from ...engine.parameter_values import ParameterSet
from ...engine.parameters import PARAMETERS
from ...engine.plugin.render import render
from .real_examples import RealExamples, mixed_in

BLOCK_SIZE = 4096  # the result does not depend on it, the time does
YARDSTICK_DB = -6.0
AS_SET = "dream"
SAME_LEVEL = "example, as loud as the change"
FIXED_LEVEL = f"example at {YARDSTICK_DB:g} dB"
ALONE = "example alone"
UNSEEN = "unseen packs, mean"

OTHER_DREAMS: Mapping[str, Mapping[str, Value]] = {
    "waveform dream": {"parameterisation": "waveform"},
}
"""Dreams to compare with: what they are called -> parameters on top of those set."""


@dataclass(frozen=True)
class Sound:
    """A sound to dream into: its name, float32 (channels, samples), and its rate in hertz."""

    name: str
    samples: Float
    sample_rate: int


@dataclass(frozen=True)
class Listener:
    """A network that listens, and whether it took part in the dream."""

    judge: Judge
    took_part: bool


@dataclass(frozen=True)
class TransferRow:
    """What one listener heard.

    Attributes:
        way: what was done to the sounds: `AS_SET`, one of `OTHER_DREAMS`, or a real example mixed
            in or alone.
        listener: name of the network, or `UNSEEN`.
        took_part: whether it is one of the dreaming networks.
        target: the class; None for all targets together.
        heard: scores before and after.
    """

    way: str
    listener: str
    took_part: bool
    target: str | None
    heard: Summary

    def as_dict(self) -> dict[str, Any]:
        """Return the row as data."""
        row = asdict(self)
        return {**row, **row.pop("heard")}


@dataclass(frozen=True)
class SoundRow:
    """How the results of one way sound: of each measure the median, and the extreme.

    Attributes:
        way: see `TransferRow`.
        median: measure -> median over sounds and targets, None where it never applied.
        worst: measure -> the value farthest from no dream: the largest, for correlation the least,
            for the level the largest without regard to sign.
    """

    way: str
    median: dict[str, float | None]
    worst: dict[str, float | None]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as data."""
        return asdict(self)


@dataclass(frozen=True)
class Transfer:
    """The result of `measure_transfer`.

    Attributes:
        rows: for each way and each listener over all targets, then for each target.
        sound_rows: how each dream sounds.
        left_out: why ways are missing, a line each.
    """

    rows: list[TransferRow]
    sound_rows: list[SoundRow]
    left_out: list[str]


@dataclass(frozen=True)
class _Pair:
    """What was heard and measured for one way, sound and target."""

    way: str
    target: str
    scores: dict[str, tuple[Score, Score]]
    measures: SoundMeasures | None


def measure_transfer(
    sounds: Sequence[Sound],
    targets: Sequence[str],
    parameters: ParameterSet,
    listeners: Sequence[Listener],
    *,
    pack: PackLike | None = None,
    yardstick: bool = True,
    progress: Callable[[float], None] = lambda done: None,
) -> Transfer:
    """Dream each target into each sound, and ask every listener before and after.

    Args:
        sounds: at least one.
        targets: names of classes, at least one.
        parameters: of the dream; the target is set for each.
        listeners: the dreaming networks and the judges.
        pack: the network that dreams; by default those that the parameters name.
        yardstick: whether real examples are mixed in beside, and `OTHER_DREAMS` made.
        progress: called with the number of dreams done, of sounds times targets.
    """
    pairs: list[_Pair] = []
    examples = RealExamples()
    dreams = _dreams(parameters) if yardstick else {AS_SET: parameters}
    for place, sound in enumerate(sounds):
        before = {each.judge.name: _listen(each, sound) for each in listeners}
        for number, target in enumerate(targets):
            results = {way: _dream(sound, pack, values, target) for way, values in dreams.items()}
            if yardstick:
                example = examples.sequence(
                    target, sound.sample_rate, sound.samples.shape[1], seed=place
                )
                results |= _with_example(sound, results[AS_SET], example)
            for way, after in results.items():
                heard = dict(
                    _heard(listeners, target, before, Sound(way, after, sound.sample_rate))
                )
                measures = None
                if way in dreams:
                    measures = measure_sound(sound.samples, after, sound.sample_rate)
                pairs.append(_Pair(way, target, heard, measures))
            progress(place * len(targets) + number + 1)
    return Transfer(
        _rows(pairs, listeners, targets), _sound_rows(pairs), list(examples.left_out.values())
    )


def _dreams(parameters: ParameterSet) -> dict[str, ParameterSet]:
    """Return the dreams to make by name: the one asked for, and others that differ from it."""
    asked = parameters.as_dict()
    found = {AS_SET: parameters}
    for way, values in OTHER_DREAMS.items():
        if all(id in PARAMETERS for id in values) and {**asked, **values} != asked:
            found[way] = ParameterSet(**{**asked, **values})
    return found


def _dream(sound: Sound, pack: PackLike | None, values: ParameterSet, target: str) -> Float:
    network = values.text("model") if pack is None else pack
    given = ParameterSet(**{**values.as_dict(), "target": target})
    return render(
        sound.samples, sound.sample_rate, network, parameters=given, block_size=BLOCK_SIZE
    )


def _with_example(sound: Sound, dreamed: Float, example: Float | None) -> dict[str, Float]:
    """Return the sound with an example as loud as the dream's change, at a fixed level, alone."""
    if example is None:
        return {}
    change_db = power_db(dreamed - sound.samples) - power_db(sound.samples)
    return {
        SAME_LEVEL: mixed_in(sound.samples, example, change_db),
        FIXED_LEVEL: mixed_in(sound.samples, example, YARDSTICK_DB),
        ALONE: example,
    }


def _listen(listener: Listener, sound: Sound) -> Float:
    return listener.judge.listen(sound.samples, sound.sample_rate)


def _heard(
    listeners: Sequence[Listener], target: str, before: Mapping[str, Float], after: Sound
) -> Iterator[tuple[str, tuple[Score, Score]]]:
    """Yield for each listener that has the class its name, and scores before and after."""
    for each in listeners:
        judge = each.judge
        if judge.class_for(target) is not None:
            scores = (before[judge.name], _listen(each, after))
            yield judge.name, (judge.score(scores[0], target), judge.score(scores[1], target))


def _rows(
    pairs: Sequence[_Pair], listeners: Sequence[Listener], targets: Sequence[str]
) -> list[TransferRow]:
    ways = list(dict.fromkeys(pair.way for pair in pairs))
    rows = []
    for target in (None, *targets):
        for way in ways:
            unseen = []
            chosen = [pair for pair in pairs if pair.way == way and target in (None, pair.target)]
            for each in listeners:
                name = each.judge.name
                scores = [pair.scores[name] for pair in chosen if name in pair.scores]
                if not scores:
                    continue
                rows.append(TransferRow(way, name, each.took_part, target, summarise(scores)))
                if not each.took_part and not each.judge.is_published:
                    unseen.append(rows[-1].heard)
            if unseen:
                rows.append(TransferRow(way, UNSEEN, False, target, mean_summary(unseen)))
    return rows


def _sound_rows(pairs: Sequence[_Pair]) -> list[SoundRow]:
    rows = []
    for way in dict.fromkeys(pair.way for pair in pairs if pair.measures is not None):
        found = [pair.measures for pair in pairs if pair.way == way and pair.measures is not None]
        median: dict[str, float | None] = {}
        worst: dict[str, float | None] = {}
        for name in SoundMeasures.__dataclass_fields__:
            values = [value for each in found if (value := getattr(each, name)) is not None]
            median[name] = float(np.median(values)) if values else None
            worst[name] = _worst(name, values)
        rows.append(SoundRow(way, median, worst))
    return rows


def _worst(name: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if name == "correlation":
        return min(values)
    return max(values, key=abs) if name == "level_db" else max(values)
