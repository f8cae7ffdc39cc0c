"""What cannot be prepared for a while is tried again, and whatever goes wrong is said."""

import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from innerear.engine.errors import InnerearError
from innerear.engine.live import processor_supervisor
from innerear.engine.live.processor_supervisor import ProcessorSupervisor
from innerear.engine.parameter import Value
from innerear.engine.parameter_values import ParameterSet

STREAM: Any = SimpleNamespace(sample_rate=48_000, prepared_block_size=128, channels=2)
LONG_SECONDS = 10.0


class Pool:
    """Prepares a processor once it has failed as often as it shall."""

    def __init__(self, problem: Exception, failures: int) -> None:
        self.problem, self.failures, self.asked = problem, failures, 0
        self.log = None
        self.reserves = 0

    def prepare(
        self, structural: Mapping[str, Value], *shape: object
    ) -> tuple[object, list[object]]:
        self.asked += 1
        if self.asked <= self.failures:
            raise self.problem
        shape_of = SimpleNamespace(layers={"output": 3}, classes=("a",), warning="")
        return object(), [SimpleNamespace(channel=SimpleNamespace(shape=shape_of))]

    def keep_reserve(self) -> None:
        self.reserves += 1
        raise InnerearError("there is no process for the next change")


class Callback:
    """Plays what it is given."""

    crossfader: object | None = None

    def play(self, processor: object, log: object) -> bool:
        self.crossfader = SimpleNamespace(newest=SimpleNamespace(block_size=128), retired=[])
        return True


def supervised(pool: Pool) -> tuple[ProcessorSupervisor, Callback, list[str]]:
    callback, said = Callback(), list[str]()
    parameters: Any = ParameterSet()
    made = ProcessorSupervisor(parameters, pool, callback, said.append)  # type: ignore[arg-type]
    made._watch_networks = lambda: None  # type: ignore[method-assign]
    return made, callback, said


def poll_until(supervisor: ProcessorSupervisor, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        supervisor.poll(STREAM)
        time.sleep(0.001)
    supervisor.wait()


@pytest.mark.parametrize("problem", [InnerearError("no memory"), OSError("no processes")])
def test_where_nothing_plays_it_is_tried_until_something_does(
    problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor_supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    pool = Pool(problem, failures=3)
    supervisor, callback, said = supervised(pool)
    poll_until(supervisor, lambda: callback.crossfader is not None)
    assert pool.asked == 4
    assert [str(problem) in line for line in said] == [True] * 3
    assert pool.reserves == 4
    assert supervisor.settled


def test_the_pauses_between_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(processor_supervisor.time, "monotonic", lambda: now[0])
    pool = Pool(InnerearError("no memory"), failures=100)
    supervisor, _, _ = supervised(pool)
    asked = []
    for now[0] in range(200):
        before = pool.asked
        supervisor.poll(STREAM)
        supervisor.wait()
        if pool.asked > before:
            asked.append(now[0])
    assert asked == [0, 6, 17, 38, 79, 140]


@pytest.mark.parametrize("problem", [InnerearError("no such target"), MemoryError("all used")])
def test_what_cannot_follow_what_plays_is_said_once_and_a_process_waits_for_the_next_change(
    problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor_supervisor, "STRUCTURAL_REST_SECONDS", 0.0)
    pool = Pool(problem, failures=0)
    supervisor, callback, said = supervised(pool)
    poll_until(supervisor, lambda: callback.crossfader is not None)
    pool.failures, pool.reserves = 100, 0
    supervisor._parameters.set("n_fft", 4096)
    poll_until(supervisor, lambda: bool(said))
    deadline = time.monotonic() + 0.3
    poll_until(supervisor, lambda: time.monotonic() > deadline)
    assert supervisor._parameters["n_fft"] == 1024  # the knobs show what plays
    assert len(said) == 1
    assert pool.reserves == 1
