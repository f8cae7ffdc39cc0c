"""The order of the presets, which gives their program numbers, and which of them comes next."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

SHIPPED = (
    "bass-below",
    "between-brass-and-flute",
    "birds-answer",
    "brass-halo",
    "bright-ghosts",
    "chirping-swarm",
    "choir-in-the-walls",
    "chord-of-layers",
    "constant-q-shadow",
    "counting-machine",
    "dripping-tones",
    "half-bar-memory",
    "inside-out",
    "no-waiting",
    "only-the-dream",
    "organ-of-partials",
    "raw-edges",
    "resonant-stairs",
    "slow-tide",
    "someone-speaks",
    "stepping-stones",
    "struck-glass",
    "template-organ",
    "three-listeners",
    "thunder-inside",
    "tunnel-drone",
    "voice-at-once",
)
"""The shipped presets by their program numbers, from 1.

What people have mapped to a number has to stay there: new presets are added at the end.
"""


def in_order(names: Collection[str]) -> list[str]:
    """Return the names of presets by their program numbers: shipped ones first, then the user's.

    Args:
        names: of all presets. The user's own are in alphabetical order.
    """
    shipped = [name for name in SHIPPED if name in names]
    return shipped + sorted(set(names).difference(shipped))


def steps_from(names: Sequence[str], current: str, direction: Literal[1, -1]) -> Iterator[str]:
    """Yield every preset once: the next one of `current` first, then the one after it, cyclically.

    Args:
        names: in their order.
        current: what plays; where it is none of them, the first or last of them comes first.
        direction: 1 to the next, -1 to the previous.
    """
    count = len(names)
    start = names.index(current) if current in names else (-1 if direction > 0 else 0)
    for step in range(1, count + 1):
        yield names[(start + direction * step) % count]
