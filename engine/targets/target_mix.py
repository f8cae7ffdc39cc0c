"""Targets as text, for any network: what lies between two of them, and what they imply."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..errors import ParameterError
from ..parameter import Value
from .grammar import SOUND, WrittenTerm, split_target, write_target


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


def uses_sound(target: str) -> bool:
    """Whether a target has the target sound in it; False where it cannot be read."""
    try:
        return any(term.name.rpartition("/")[2] == SOUND for term in split_target(target))
    except ParameterError:
        return False


def implied_target(
    values: Mapping[str, Value], before: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Return the target that a target sound implies where no target is given, by parameter id.

    Args:
        values: that are set along with the target sound. With a target among them none is implied.
        before: that were set already; a target with the target sound in it is kept.
    """
    if "target" in values or uses_sound(str((before or {}).get("target", ""))):
        return {}
    return {"target": SOUND}
