"""Work in parts: side by side, in order, and only a few ahead."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from innerear.engine.analysis.batches import in_order

WORKERS = 3


def test_results_come_in_the_order_of_the_parts_though_later_ones_are_done_first() -> None:
    second_is_done = threading.Event()

    def work(part: int) -> int:
        if part == 0:
            assert second_is_done.wait(10)
        if part == 1:
            second_is_done.set()
        return part * part

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(in_order(pool, WORKERS, work, range(20)))
    assert found == [part * part for part in range(20)]


def test_parts_are_asked_for_only_a_few_ahead_of_the_results() -> None:
    asked: list[int] = []

    def parts():
        for part in range(1000):
            asked.append(part)
            yield part

    with ThreadPoolExecutor(WORKERS) as pool:
        for done, _ in enumerate(in_order(pool, WORKERS, abs, parts())):
            assert len(asked) <= done + 2 * WORKERS + 1
    assert len(asked) == 1000


def test_an_error_ends_the_work() -> None:
    started: list[int] = []

    def work(part: int) -> int:
        started.append(part)
        raise ValueError(part)

    with ThreadPoolExecutor(WORKERS) as pool, pytest.raises(ValueError, match="0"):
        list(in_order(pool, WORKERS, work, range(1000)))
    assert len(started) <= 2 * WORKERS + 1
