"""A soak notices what it is there to notice, and lets pass what is well."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from innerear.engine.ipc.processes import birth_of

from ..conftest import CHECKOUT, require
from . import soak
from .counters import MARK, Process, Sample, count, kind_of
from .hearing import Hearing
from .report import write_report
from .schedule import ENDINGS, EVERY_SECONDS, SETTLE_SECONDS, plan
from .soak import Soak, judge
from .verdicts import Verdict, flat, lasting_zombies

HEALTHY = 100e6
LEAKY = """
import os, sys, threading
leaked = []
for line in sys.stdin:
    if line == "leak\\n":
        leaked.append(bytearray(os.urandom(4_000_000)))
        leaked.append(os.dup(0))
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("done", flush=True)
"""


def failed(verdicts: list[Verdict]) -> set[str]:
    return {verdict.name for verdict in verdicts if not verdict.passed}


def hour(grows: Callable[[float], dict[str, float]], totals: str = "") -> list[Sample]:
    """Return made-up counts of an hour in which three audio servers played.

    Args:
        grows: hours -> what has been added to each counter by then.
        totals: of what lies about, the one that grows.
    """
    chance = np.random.default_rng(0)
    made = []
    for at in range(0, 3600, 20):
        add = grows(at / 3600)
        held = {
            "memory": int(HEALTHY + 2e6 * chance.random() + add.get("memory", 0)),
            "descriptors": 40 + at % 3 + int(add.get("descriptors", 0)),
            "threads": 12 + int(add.get("threads", 0)),
            "sockets": 5 + int(add.get("sockets", 0)),
        }
        lies = {"shared memory": 20, "temporary files": 9}
        if totals:
            lies[totals] += int(add[totals])
        server = Process(pid=100 + at // 1200, kind="audio server", **held)
        made.append(Sample(float(at), (server,), (), lies))
    return made


def test_what_is_flat_passes() -> None:
    assert failed(flat(hour(lambda hours: {}))) == set()


@pytest.mark.parametrize(
    ("counter", "an_hour"),
    [("memory", 60e6), ("descriptors", 12.0), ("threads", 6.0), ("sockets", 12.0)],
)
def test_a_process_that_takes_more_and_more_is_noticed(counter: str, an_hour: float) -> None:
    """The kills between make no difference: each process is compared with itself."""
    grown = hour(lambda hours: {counter: an_hour * hours})
    assert failed(flat(grown)) == {f"{counter} of audio server"}


@pytest.mark.parametrize("name", ["shared memory", "temporary files"])
def test_what_lies_about_and_grows_is_noticed(name: str) -> None:
    assert failed(flat(hour(lambda hours: {name: 12 * hours}, name))) == {name}


def test_what_lives_too_short_a_time_says_nothing_of_a_slow_leak() -> None:
    warming = hour(lambda hours: {"memory": 40e6 * (hours * 24 % 1.0)})  # anew each 150 seconds
    short = [
        Sample(
            sample.at,
            tuple(replace(each, pid=int(sample.at // 150)) for each in sample.processes),
            (),
            sample.totals,
        )
        for sample in warming
    ]
    assert failed(flat(short)) == set()


def test_a_step_is_no_leak() -> None:
    """Caches fill once; a recording comes and goes."""
    once = hour(lambda hours: {"memory": 50e6 * (0.4 < hours < 0.5), "descriptors": hours == 0.5})
    assert failed(flat(once)) == set()


@contextmanager
def fake(mark: str) -> Iterator[Callable[[str], None]]:
    """Run a process of a soak; yield a function that gives it an order."""
    process = subprocess.Popen(
        [sys.executable, "-c", LEAKY],
        env={**os.environ, MARK: mark},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def order(word: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        print(word, file=process.stdin, flush=True)
        assert process.stdout.readline() == "done\n"

    with process:
        try:
            yield order
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("word", "expected"),
    [("leak", {"memory", "descriptors", "threads"}), ("work", set())],
)
def test_a_real_process_is_counted(word: str, expected: set[str]) -> None:
    mark = f"test-{os.getpid()}-{word}"
    samples = []
    with fake(mark) as order:
        order("begin")
        for step in range(12):
            order(word)
            samples.append(replaced_time(count(0.0, mark, {}), 10.0 * step))
    assert all(len(sample.processes) == 1 for sample in samples)
    assert failed(flat(samples)) == {f"{counter} of other" for counter in expected}


def replaced_time(sample: Sample, at: float) -> Sample:
    return Sample(at, sample.processes, sample.zombies, sample.totals, sample.load)


def test_the_dead_that_nobody_buries_are_noticed() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    seen = [count(0.0, "nobody", {}) for _ in range(3)]
    dead.wait()
    after = count(0.0, "nobody", {})
    assert all(dead.pid in sample.zombies for sample in seen)
    assert dead.pid not in after.zombies
    assert lasting_zombies([*seen, after]) == 1
    assert lasting_zombies([*seen[:1], after, *seen[:1], after]) == 0


def test_samples_that_must_not_be_are_heard() -> None:
    hearing = Hearing()
    noise = np.random.default_rng(0).uniform(0.1, 0.9, (2, 512)).astype(np.float32)
    hearing.hear(list(noise))
    heard = hearing.take()
    assert (heard["samples"], heard["above"], heard["not_numbers"], heard["gaps"]) == (512, 0, 0, 0)
    noise[0, 7], noise[1, 9], noise[1, 11] = -1.01, np.nan, np.inf
    hearing.hear(list(noise))
    heard = hearing.take()
    assert heard["above"] == 1
    assert heard["not_numbers"] == 2
    assert heard["peak"] == pytest.approx(1.01)


def test_a_gap_across_blocks_is_heard_and_a_short_one_is_none() -> None:
    hearing = Hearing()
    sound = np.ones(512, np.float32)
    sound[480:] = 0.0
    rest = np.ones(512, np.float32)
    rest[:32] = 0.0
    rest[100:120] = 0.0
    hearing.hear([sound])
    hearing.hear([rest])
    heard = hearing.take()
    assert (heard["gaps"], heard["longest"]) == (1, 64)


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Soak:
    """Return a soak of an hour, made up, in which all was well."""
    for name in ("memory", "logs", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(soak, "MEMORY", tmp_path / "memory")
    monkeypatch.setattr(soak, "GOING_SECONDS", 0.5)
    stage: Any = SimpleNamespace(
        logs=tmp_path / "logs",
        temporary=tmp_path / "temporary",
        heard={"samples": 10**8, "above": 0, "not_numbers": 0, "gaps": 3, "peak": 0.98},
        longest_gap=4096,
        xruns=2,
        cards=4,
    )
    (stage.logs / "audio server.log").write_text("plays\n")
    made = Soak(3600.0, stage, f"test-{os.getpid()}-{tmp_path.name}", tmp_path / "events.log")
    made.samples = hour(lambda hours: {})
    return made


def leave_a_folder(done: Soak) -> None:
    members = soak.MEMORY / "innerear-left" / "members"
    members.mkdir(parents=True)
    (members / f"{os.getpid()}-client-1").write_text(birth_of(os.getpid()))


def leave_a_file(done: Soak) -> None:
    (done.stage.temporary / "half a recording").touch()


def leave_a_traceback(done: Soak) -> None:
    said = "all is well\nTraceback (most recent call last):\n  File ...\nKeyError: 1\n"
    (done.stage.logs / "window.log").write_text(said)


def meet_an_exception(done: Soak) -> None:
    done.faults.append("KeyError")


def hear_a_panic(done: Soak) -> None:
    done.silence_failures += 1


def hear(name: str, value: int) -> Callable[[Soak], None]:
    return lambda done: cast(Any, done.stage.heard).update({name: value})


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (hear("above", 1), "samples above full scale"),
        (hear("not_numbers", 1), "samples that are no numbers"),
        (hear("samples", 0), "heard nothing"),
        (hear_a_panic, "panics that were heard"),
        (meet_an_exception, "exceptions"),
        (leave_a_traceback, "tracebacks in logs"),
        (leave_a_folder, "shared memory left over"),
        (leave_a_file, "temporary files left over"),
    ],
)
def test_each_thing_that_must_be_zero_is_noticed(
    done: Soak, harm: Callable[[Soak], None], name: str
) -> None:
    before = soak.shared_things()
    assert failed(judge(done, before)) == set()
    harm(done)
    assert failed(judge(done, before)) == {name}
    done.close()


def test_a_process_that_stays_is_noticed_and_ended(done: Soak) -> None:
    left = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env={**os.environ, MARK: done.mark},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with left:
        assert left.stdout is not None
        left.stdout.readline()  # a process that has just been started shows no environment yet
        assert failed(judge(done, set())) == {"processes left over"}
        assert left.wait() == -signal.SIGKILL
    done.close()


def test_the_report_says_what_failed(done: Soak, tmp_path: Path) -> None:
    leave_a_folder(done)
    verdicts = judge(done, set())
    write_report(tmp_path, done, verdicts, seed=1, apart=False)
    done.close()
    report = json.loads((tmp_path / "report.json").read_text())
    assert not report["passed"]
    (left,) = report["faults"]
    assert left.splitlines()[0] == "left over: innerear-left"
    assert f"{os.getpid()}-client-1\n" in left
    assert "python" in left.splitlines()[-1]
    page = (tmp_path / "report.md").read_text()
    assert "FAILED" in page.splitlines()[0]
    assert "| shared memory left over | must be zero | 1 | 0 |" in page
    assert (tmp_path / "counters.png").stat().st_size > 0


def test_a_seed_repeats_the_plan_and_nothing_is_left_out() -> None:
    assert plan(60.0, 3) == plan(60.0, 3)
    assert plan(60.0, 3) != plan(60.0, 4)
    steps = plan(60.0, 3)
    assert {step.action for step in steps} == set(EVERY_SECONDS)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    plugin, *endings = [step for step in steps if step.action in ENDINGS]
    assert (plugin.action, plugin.at) == ("plug-in", SETTLE_SECONDS)
    assert {step.action for step in endings} == set(ENDINGS)
    assert min(step.at for step in endings) > 0.6 * 60.0  # till then, everything lives


def test_processes_are_known_by_their_commands() -> None:
    assert kind_of("python -m innerear.engine.live /dev/shm/x ") == "audio server"
    assert kind_of("python -m innerear.cli gui") == "window"
    assert kind_of("jackd -R --name soak-1") == "sound card"
    assert kind_of("sleep 5") == "other"


@pytest.mark.soak
def test_twenty_seconds_pass(tmp_path: Path) -> None:
    require("jackd", "libjack", "rtmidi")
    command = [sys.executable, "-m", "tests.soak", "20s", "--output", str(tmp_path / "soak")]
    ended = subprocess.run(command, cwd=CHECKOUT, check=False)
    report = json.loads((tmp_path / "soak" / "report.json").read_text())
    assert [each["name"] for each in report["verdicts"] if not each["passed"]] == []
    assert report["about"]["samples heard"] > 0
    assert ended.returncode == 0
