"""Lists of names with weights, as people write them: `conv5,output:0.5`."""

import math
from collections.abc import Iterable, Iterator

from ..errors import ParameterError


def split_weighted(text: str) -> Iterator[tuple[str, str]]:
    """Yield each name and its weight as written; "1" where none is.

    Args:
        text: names separated by commas; a weight follows a colon.
    """
    for part in text.split(","):
        name, colon, weight = part.strip().rpartition(":")
        yield (name.strip(), weight.strip()) if colon else (weight, "1")


def weight_of(what: str, name: str, text: str) -> float:
    """Return the number that a weight is.

    Args:
        what: is weighed, such as "layer"; for the error.
        name: of the one that is weighed.
        text: its weight.

    Raises:
        ParameterError: it is not a finite number.
    """
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise ParameterError(f"{what} {name!r} has the weight {text!r}: write a number.")
    return weight


def write_weighted(pairs: Iterable[tuple[str, float]]) -> str:
    """Return the text that `split_weighted` reads."""
    return ",".join(name if weight == 1.0 else f"{name}:{weight:.3g}" for name, weight in pairs)
