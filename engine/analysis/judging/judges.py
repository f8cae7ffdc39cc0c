"""Judges of a dream: networks that took no part in it, and what they hear before and after.

A dream that only the dreaming network hears is a disturbance of that network. So every other
network that has the class listens as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Float
from ...errors import ModelError, nearest
from ...packs.adding.addable import PUBLISHED
from ...packs.network import PackLike
from ...packs.pack import Pack, available_packs, load_pack
from ..classify import hear_stream
from ..sounds import as_channels
from .audioset_classes import corresponding_class

SMALLEST_SCORE = 1e-6
"""Scores are cut to this and to 1 less it, so that no gain in log-odds is infinite."""
OVERLAP = 2
"""Windows that hold each sample."""


@dataclass(frozen=True)
class Score:
    """How strongly a judge hears one class in one sound.

    Attributes:
        mean: of the class's score over the windows, 0..1.
        median: the same, the median over the windows.
        rank: of the class among all of the judge's by their means; 1 is the strongest.
    """

    mean: float
    median: float
    rank: int


@dataclass(frozen=True)
class Summary:
    """What a judge hears in several sounds, before and after.

    Attributes:
        count: of pairs of a sound and a target.
        mean_before, mean_after: means over the pairs of the mean score.
        median_before, median_after: medians over the pairs of the mean score.
        window_median_before, window_median_after: means over the pairs of the windows' median.
        log_odds_gain: mean over the pairs of the change of the log-odds of the mean score.
        rank_before, rank_after: medians over the pairs of the rank.
    """

    count: int
    mean_before: float
    mean_after: float
    median_before: float
    median_after: float
    window_median_before: float
    window_median_after: float
    log_odds_gain: float
    rank_before: float
    rank_after: float


class Judge:
    """A network that listens to whole sounds."""

    def __init__(self, pack: PackLike) -> None:
        """Let `pack` listen."""
        self.pack = pack

    @property
    def name(self) -> str:
        """The network's name."""
        return self.pack.name

    @property
    def is_published(self) -> bool:
        """Whether others made and trained it, on other sounds and classes than ours."""
        return self.name in PUBLISHED

    def class_for(self, target: str) -> str | None:
        """Return the judge's own class for `target`; see `corresponding_class`."""
        return corresponding_class(target, self.pack.classes)

    def listen(self, sound: ArrayLike, sample_rate: int) -> Float:
        """Return the scores of all classes, float32 (windows, classes), windows half overlapping.

        Args:
            sound: (samples,) or (channels, samples), full scale at 1; channels are mixed.
            sample_rate: in hertz, any; the sound is resampled to the judge's.

        Raises:
            ParameterError: the sound is empty, has another shape, or holds NaN.
        """
        return self.listen_stream([as_channels("sound", sound)], sample_rate)

    def listen_stream(self, blocks: Iterable[Float], sample_rate: int) -> Float:
        """Return what `listen` does, of a sound in blocks, float32 (channels, samples) each."""
        hop = max(1, self.pack.window // OVERLAP)
        return hear_stream(blocks, sample_rate, self.pack, hop=hop).scores

    def score(self, scores: Float, target: str) -> Score:
        """Return how strongly the class of a target was heard.

        Args:
            scores: what `listen` returned.
            target: a class's name that `class_for` knows.

        Raises:
            ModelError: the judge has no such class.
        """
        name = self.class_for(target)
        if name is None:
            raise ModelError(f"{self.name} has no class that corresponds to {target!r}.")
        index = self.pack.classes.index(name)
        means = scores.mean(axis=0)
        return Score(float(means[index]), float(np.median(scores[:, index])), rank(means, index))


def rank(scores: ArrayLike, index: int) -> int:
    """Return the rank of one score among all, (classes,): 1 plus the number that are higher."""
    values = np.asarray(scores)
    return 1 + int(np.count_nonzero(values > values[index]))


def log_odds(score: ArrayLike) -> NDArray[np.float64]:
    """Return ln(p / (1 - p)) of scores, cut to `SMALLEST_SCORE` and to 1 less it."""
    p = np.clip(np.asarray(score, np.float64), SMALLEST_SCORE, 1.0 - SMALLEST_SCORE)
    return np.asarray(np.log(p / (1.0 - p)))


def summarise(pairs: Sequence[tuple[Score, Score]]) -> Summary:
    """Return means and medians over pairs of the scores before and after, at least one."""
    means, medians, ranks = (
        np.array([[getattr(score, field) for score in pair] for pair in pairs], np.float64)
        for field in ("mean", "median", "rank")
    )
    gains = log_odds(means[:, 1]) - log_odds(means[:, 0])
    return Summary(
        count=len(pairs),
        mean_before=float(means[:, 0].mean()),
        mean_after=float(means[:, 1].mean()),
        median_before=float(np.median(means[:, 0])),
        median_after=float(np.median(means[:, 1])),
        window_median_before=float(medians[:, 0].mean()),
        window_median_after=float(medians[:, 1].mean()),
        log_odds_gain=float(gains.mean()),
        rank_before=float(np.median(ranks[:, 0])),
        rank_after=float(np.median(ranks[:, 1])),
    )


def mean_summary(summaries: Sequence[Summary]) -> Summary:
    """Return the mean of several judges' summaries, field by field; `count` is their sum."""
    fields = [field for field in Summary.__dataclass_fields__ if field != "count"]
    means = {
        field: float(np.mean([getattr(each, field) for each in summaries])) for field in fields
    }
    return Summary(count=sum(each.count for each in summaries), **means)


def find_judges(
    targets: Sequence[str], dreaming: Sequence[PackLike], names: Sequence[str] = ()
) -> list[Judge]:
    """Return the judges of a dream: installed packs that have the class and took no part.

    By default a pack that was trained on from one that dreams, or the other way round, is no judge.

    Args:
        targets: classes that are dreamed.
        dreaming: the networks that dream.
        names: the judges wanted, by name or folder; by default all that have one of the classes.

    Returns:
        The judges, those that others published last.

    Raises:
        ModelError: there is no pack of such a name, one took part itself, or no judge has one of
            the classes.
    """
    took_part = {pack.name for pack in dreaming}
    named = [Judge(load_pack(name)) for name in names]
    if partial := [each.name for each in named if each.name in took_part]:
        raise ModelError(f"{partial[0]} dreams itself and cannot judge: name another judge.")
    unseen = named or unseen_judges(dreaming)
    for target in targets:
        if not any(each.class_for(target) for each in unseen):
            classes = {name for each in unseen for name in each.pack.classes}
            raise ModelError(
                f"No judge has the class {target!r}. {nearest(target, sorted(classes))}"
            )
    judges = [each for each in unseen if any(each.class_for(target) for target in targets)]
    return sorted(judges, key=lambda each: each.is_published)


def unseen_judges(dreaming: Sequence[PackLike]) -> list[Judge]:
    """Return every installed pack that is neither one of those that dream nor akin to one.

    Akin is a pack that was trained on from one that dreams, or the other way round.
    """
    kin = {name for pack in dreaming for name in _kin_of(pack)}
    found = [Judge(load_pack(name)) for name in available_packs()]
    return [each for each in found if not kin & _kin_of(each.pack)]


def origin_of(pack: PackLike) -> str:
    """Return the name of the pack whose weights a training began with; empty if there is none."""
    return pack.manifest.origin if isinstance(pack, Pack) else ""


def _kin_of(pack: PackLike) -> set[str]:
    return {pack.name, origin_of(pack)} - {""}
