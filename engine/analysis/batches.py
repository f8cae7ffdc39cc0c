"""Splits work on a network into batches, and runs them side by side on all cores."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

from ..cores import cores
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
    workers = worker_count(network)
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
    pool = ThreadPoolExecutor(worker_count(network))
    try:
        pending = {pool.submit(work, part): part for part in parts}
        for each in as_completed(pending):
            yield pending[each], each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def in_order(
    pool: ThreadPoolExecutor, workers: int, work: Callable[[Part], Result], parts: Iterable[Part]
) -> Iterator[Result]:
    """Do the parts of some work side by side, and yield their results in the order of the parts.

    Parts are asked for only a few ahead of the results, so memory does not grow with their number.

    Args:
        pool: of the threads.
        workers: how many it has.
        work: done for each part; one that many threads may do at once.
        parts: any number, asked for in the caller's thread.
    """
    pending: deque[Future[Result]] = deque()
    try:
        for part in parts:
            pending.append(pool.submit(work, part))
            if len(pending) > 2 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for left in pending:
            left.cancel()


def worker_count(network: Network) -> int:
    """Return how many parts of some work on a network are done at once: one for each core."""
    return 1 if on_card(network) else cores()
