"""Splits work on a network into batches, and runs them side by side on all cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from ..packs.network import Network

Part = TypeVar("Part")
Result = TypeVar("Result")

BATCH, CARD_BATCH = 4, 64
"""Waveforms at once: what fits a core's cache, or fills a graphics card."""


def on_card(network: Network) -> bool:
    """Return whether a network computes on a graphics card."""
    return getattr(network, "device", "cpu") != "cpu"


def batch_size(network: Network) -> int:
    """Return how many waveforms go through a network at once."""
    return CARD_BATCH if on_card(network) else BATCH


def balanced(network: Network, count: int) -> list[range]:
    """Split `count` items into batches that keep all cores busy to the end."""
    size = batch_size(network)
    workers = _workers(network)
    rounds = -(-count // (size * workers))
    size = max(1, -(-count // max(1, rounds * workers)))
    return [range(count)[first : first + size] for first in range(0, count, size)]


def in_parallel(
    network: Network, work: Callable[[Part], Result], parts: Sequence[Part]
) -> Iterator[tuple[Part, Result]]:
    """Do the parts of some work, and yield each with its result as it is done.

    On a CPU, as many parts run side by side as there are cores: a gradient keeps one core busy and
    releases Python's lock. On a graphics card they run one after the other.
    """
    pool = ThreadPoolExecutor(_workers(network))
    try:
        pending = {pool.submit(work, part): part for part in parts}
        for each in as_completed(pending):
            yield pending[each], each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _workers(network: Network) -> int:
    return 1 if on_card(network) else _cores()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
