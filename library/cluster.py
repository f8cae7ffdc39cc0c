"""Runs batches of items by Dask: in processes of this machine, or on a cluster of any size."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .._version import VERSION
from ..engine.errors import LibraryError
from .making import DONE, FAILED, Workshop, make_batch, write_failure
from .place import Place
from .plan import Item, batches
from .records import row_name

_BATCH = 16
_SAFE_PATH = "PYTHONSAFEPATH"
_WAITING_A_WORKER = 4
_JOIN_SECONDS = 30
_CONNECT_SECONDS = 10
_LOCAL = {
    "distributed.scheduler.allowed-failures": 2,
    # What only waits at a worker that dies would be suspected, too.
    "distributed.scheduler.worker-saturation": 1.0,
    # Looking a hundred times a second at what a worker does, fifty times at its loop, and ten times
    # at its memory took a tenth of its time.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.worker.memory.monitor-interval": "1s",
    # Dask lets workers give every freed array back to the system: a sixth of their time went into
    # getting it again.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
}

Done = Callable[[list[tuple[str, str]]], None]


def run(
    workshop: Workshop,
    items: Sequence[Item],
    scheduler: str | None,
    workers: int,
    done: Done,
) -> None:
    """Make items on workers. A worker that dies costs the item that it was at.

    Args:
        workshop: where, and how.
        items: to make, in order.
        scheduler: address of a Dask scheduler; None for processes of this machine.
        workers: how many processes, without a scheduler.
        done: called with id and state of the items of each batch that is done.

    Raises:
        LibraryError: the scheduler or its workers cannot be used, or the library cannot be written.
    """
    from distributed import as_completed

    with _client(scheduler, workers, workshop.address) as (client, count):
        waiting = iter(batches(items, count, _BATCH))
        running: dict[Any, tuple[Item, ...]] = {}
        completed = as_completed()

        def submit(batch: tuple[Item, ...]) -> None:
            future = client.submit(make_batch, workshop, batch, pure=False)
            running[future] = batch
            completed.add(future)

        def fill() -> None:
            # Only so many wait at the scheduler, so that its memory does not grow with a plan.
            while len(running) < count * _WAITING_A_WORKER:
                batch = next(waiting, None)
                if batch is None:
                    return
                submit(batch)

        fill()
        for future in completed:
            batch = running.pop(future)
            if future.status == "finished":
                done(future.result())
            elif future.status == "lost":  # its worker died before it could say that it was done
                submit(batch)
            else:
                _check_alive(future, scheduler)
                if len(batch) > 1:  # one of them kills workers: find out which
                    for item in batch:
                        submit((item,))
                else:
                    done([_failed(workshop, batch[0])])
            fill()


def _check_alive(future: Any, scheduler: str | None) -> None:
    """Raise unless a batch failed because its workers died."""
    from distributed import KilledWorker

    if future.status != "error":
        raise LibraryError(
            f"The scheduler {scheduler or 'of this machine'} was lost; what was made is kept: start"
            " the same build again."
        )
    problem = future.exception()
    if not isinstance(problem, KilledWorker):
        raise problem


def _failed(workshop: Workshop, item: Item) -> tuple[str, str]:
    place = Place(workshop.address)
    if place.exists(row_name(item.id)):
        return item.id, DONE
    reason = "The workers that made it died: it may need more memory than they have."
    write_failure(place, workshop, item, reason)
    return item.id, FAILED


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let processes that start now, such as Python's own helpers, not import from this folder."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        os.environ.pop(_SAFE_PATH)
        if before is not None:
            os.environ[_SAFE_PATH] = before


@contextmanager
def _client(scheduler: str | None, workers: int, address: str) -> Iterator[tuple[Any, int]]:
    """Yield a client, and how many workers it has."""
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is None:
        with (
            _safe_path(),
            dask.config.set(_LOCAL),
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client, workers
        return
    try:
        client = Client(scheduler, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as problem:
        raise LibraryError(
            f"There is no scheduler at {scheduler!r} ({str(problem).splitlines()[0]}); start one"
            " with: dask scheduler"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_JOIN_SECONDS)
        except TimeoutError:
            raise LibraryError(
                f"No worker has joined {scheduler}; start some with: dask worker {scheduler}"
            ) from None
        _check_workers(client, address)
        yield client, sum(client.nthreads().values())


def _check_workers(client: Any, address: str) -> None:
    """Raise where a worker is of another version, or cannot see the library."""
    try:
        answers = client.run(describe, address)
    except Exception as problem:  # whatever a worker without Innerear raises
        line = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise LibraryError(
            f"A worker cannot make items: {line}; install innerear[library] of this version there."
        ) from None
    for worker, (version, sees) in answers.items():
        if version != VERSION:
            raise LibraryError(f"The worker {worker} has Innerear {version}, not {VERSION}.")
        if not sees:
            raise LibraryError(
                f"The worker {worker} does not see {address}: a cluster needs a library that all"
                " can reach, such as a shared folder or s3://bucket/library."
            )


def describe(address: str) -> tuple[str, bool]:
    """Return a worker's version, and whether it sees a library."""
    return VERSION, Place(address).exists("library.json")
