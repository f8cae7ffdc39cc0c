"""Arithmetic on targets as text, for any network: what lies between two of them."""

from collections.abc import Iterable
from dataclasses import replace

from .grammar import WrittenTerm, write_target


def on_layer(term: WrittenTerm, layer: str) -> WrittenTerm:
    """Return the term with a layer written before it, unless it has one.

    A class whose own name holds a slash is left as it is: classes lie on `output` anyway.
    """
    return term if "/" in term.name else replace(term, name=f"{layer}/{term.name}")


def blend(mixes: Iterable[tuple[Iterable[WrittenTerm], float]]) -> str:
    """Return the text of a mix of targets; the weights of equal terms are added.

    Args:
        mixes: the terms of each target, and the weight that it enters with.
    """
    weights: dict[str, float] = {}
    for terms, share in mixes:
        for term in terms:
            weights[term.name] = weights.get(term.name, 0.0) + share * term.weight
    return write_target(WrittenTerm(name, weight) for name, weight in weights.items())
