"""Weighted mixes of targets as text: `output/Brass*0.7 + conv5/12*0.3`, read and written.

Terms are joined by a plus between spaces; each is a target, with a layer before a slash where it is
another than the parameter `layer` says, and a weight behind a star where that is not 1. Names of
classes may hold commas, colons and slashes.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..errors import ParameterError

_JOIN = re.compile(r"\s\+\s")
_WEIGHT_DIGITS = 3


@dataclass(frozen=True)
class Term:
    """One target of a mix.

    Attributes:
        name: the target, with its layer where one is written before it.
        weight: how much of its direction enters; below 0 the dream flees from it.
    """

    name: str
    weight: float = 1.0


def read_mix(text: str) -> tuple[Term, ...]:
    """Read a mix, or a single target, which is a mix of one.

    Args:
        text: such as `Brass*0.7 + conv5/12*0.3`.

    Raises:
        ParameterError: a part without a name, or a weight that is no number.
    """
    return tuple(_read_term(part, text) for part in _JOIN.split(f" {text} "))


def write_mix(terms: Iterable[Term]) -> str:
    """Return the text that `read_mix` reads; terms of no weight are left out."""
    kept = [replace(term, weight=round(term.weight, _WEIGHT_DIGITS)) for term in terms]
    return " + ".join(
        term.name if term.weight == 1.0 else f"{term.name}*{term.weight:g}"
        for term in kept
        if term.weight != 0.0
    )


def on_layer(term: Term, layer: str) -> Term:
    """Return the term with a layer written before it, unless it has one.

    A class whose own name holds a slash is left as it is: classes lie on `output` anyway.
    """
    return term if "/" in term.name else replace(term, name=f"{layer}/{term.name}")


def blend(mixes: Iterable[tuple[Iterable[Term], float]]) -> str:
    """Return the text of a mix of mixes; equal terms are added up.

    Args:
        mixes: each with the weight that it enters with.
    """
    weights: dict[str, float] = {}
    for terms, share in mixes:
        for term in terms:
            weights[term.name] = weights.get(term.name, 0.0) + share * term.weight
    return write_mix(Term(name, weight) for name, weight in weights.items())


def _read_term(part: str, text: str) -> Term:
    name, star, weight = (piece.strip() for piece in part.strip().rpartition("*"))
    if not star:
        name, weight = weight, "1"
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ParameterError(f"target {name!r} has the weight {weight!r}: write a number.")
    if not name:
        raise ParameterError(
            f"target {text!r} has a part without a name: write it as Brass*0.7 + Strings*0.3."
        )
    return Term(name, number)
