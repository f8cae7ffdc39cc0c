"""A process is told from another that has its number later."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from innerear.engine.ipc.processes import birth_of, is_running, kill_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no birth")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_process_is_the_same_while_it_runs(child: subprocess.Popen[bytes]) -> None:
    birth = birth_of(child.pid)
    assert birth == birth_of(child.pid) != birth_of(1)
    assert is_running(child.pid, birth)
    assert kill_process(child.pid, birth)
    child.wait()
    assert not is_running(child.pid, birth)
    assert not kill_process(child.pid, birth)
    assert birth_of(child.pid) == ""


def test_one_that_has_ended_does_not_run_though_nobody_has_waited_for_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    birth = birth_of(child.pid)
    child.kill()
    while is_running(child.pid, birth):
        time.sleep(0.01)
    assert birth_of(child.pid) == birth, "it is still there, and not waited for"
    assert not is_running(child.pid, "")
    assert child.stdin is not None
    child.stdin.close()
    child.wait()


def test_another_process_of_its_number_is_left_alone(child: subprocess.Popen[bytes]) -> None:
    assert not is_running(child.pid, "1")
    assert not kill_process(child.pid, "1")
    assert child.poll() is None


def test_without_a_birth_the_number_counts(child: subprocess.Popen[bytes]) -> None:
    assert is_running(child.pid, "")


@pytest.mark.parametrize("pid", [10**9, 10**30])
def test_a_number_that_no_process_can_have(pid: int) -> None:
    assert not is_running(pid, "")
    assert birth_of(pid) == ""


def test_a_name_may_hold_anything() -> None:
    """The name stands before what is read, in parentheses."""
    rename = "import ctypes; ctypes.CDLL(None).prctl(15, b'a) S 1 (b 7', 0, 0, 0)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{rename}; print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert int(birth_of(process.pid)) >= int(birth_of(os.getpid()))
        process.kill()
