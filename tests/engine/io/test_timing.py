"""How another thread finds the time between two blocks."""

import sys
import threading
import time

import numpy as np
import pytest

from innerear.engine.io.devices import SWITCH_SECONDS, UNDISTURBED_SECONDS, Timing

ROUTE = np.zeros(1, np.int64)


def _played(stream: Timing) -> None:
    stream.play(np.zeros((1, 8), np.float32), np.zeros((8, 1), np.float32), ROUTE)


def test_a_gap_begins_once_a_block_has_been_processed() -> None:
    seen, asked, processing = [], threading.Event(), threading.Event()

    def process(block: np.ndarray, sidechain: np.ndarray | None) -> np.ndarray:
        processing.set()
        asked.wait(10.0)
        time.sleep(0.05)  # the other thread waits by now
        seen.append("block")
        return block

    stream = Timing(process)
    playing = threading.Thread(target=_played, args=(stream,))
    playing.start()
    processing.wait(10.0)
    asked.set()
    stream.wait_for_gap(10.0)
    seen.append("gap")
    playing.join()
    assert seen == ["block", "gap"]


def test_a_gap_is_not_waited_for_in_vain() -> None:
    stream = Timing(lambda block, sidechain: block)
    began = time.monotonic()
    stream.wait_for_gap(0.01)
    _played(stream)  # just too late: the next wait must be for another block
    stream.wait_for_gap(0.01)
    _played(stream)
    assert time.monotonic() - began >= 0.02


def test_no_other_thread_asks_for_the_lock_while_a_block_is_processed() -> None:
    before, during = sys.getswitchinterval(), []

    def process(block: np.ndarray, sidechain: np.ndarray | None) -> np.ndarray:
        during.append(sys.getswitchinterval())
        if len(during) == 2:
            raise ValueError("a mistake")
        return block

    stream = Timing(process)
    block, sink = np.zeros((1, 8), np.float32), np.zeros((8, 1), np.float32)
    try:
        for _ in range(3):
            stream.play(block, sink, np.zeros(1, np.int64))
            assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    finally:
        sys.setswitchinterval(before)
    assert during == pytest.approx([UNDISTURBED_SECONDS] * 3)
    assert stream.failure == "ValueError: a mistake"
