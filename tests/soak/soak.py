"""Runs a soak: plays, lets happen what is planned, counts, and reports."""

import faulthandler
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

from innerear.engine.errors import InnerearError
from innerear.engine.live.membership import remove_abandoned
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.plugin.built import find_built

from .counters import Sample, command_of, count, processes_with
from .performer import Performer, SilenceFailure
from .report import write_report
from .schedule import plan
from .stage import Stage
from .verdicts import Verdict, flat, lasting_zombies

MEMORY = Path("/dev/shm")
COUNT_SECONDS = 5.0
SAMPLES_A_SOAK = 20
"""At least, of a short one."""
STUCK_SECONDS = 90.0
"""After as long in one action, the log of this process gets a line for each thread."""
COMING_BACK_SECONDS = 60.0
GOING_SECONDS = 20.0
EXPECTED = (InnerearError, ConnectionError, TimeoutError, ProcessLookupError)
"""What an action meets where the audio server was just killed."""


class Soak:
    """One run; what it has found is in its attributes."""

    def __init__(self, seconds: float, stage: Stage, mark: str, log: Path) -> None:
        self.seconds, self.stage, self.mark = seconds, stage, mark
        self.samples: list[Sample] = []
        self.events: list[tuple[float, str]] = []
        self.faults: list[str] = []
        self.silence_failures = 0
        self.longest_outage = 0.0
        self.restarts = self.left_out = 0
        self._log = log.open("w")
        self._begun = time.monotonic()
        self._next_count = 0.0
        self._playing_at = self._begun
        self._was_playing = True

    @property
    def now(self) -> float:
        """Seconds from the beginning."""
        return time.monotonic() - self._begun

    def say(self, words: str) -> None:
        """Write a line into the log, with the time."""
        print(f"{self.now:9.2f}  {words}", file=self._log, flush=True)

    def run(self, session: Session, seed: int) -> None:
        """Do all that is planned."""
        self._begun = self._playing_at = time.monotonic()
        performer = Performer(session, self.stage)
        steps = plan(self.seconds, seed)
        for number, step in enumerate(steps):
            self._wait(session, performer)
            while self.now < step.at:
                self._wait(session, performer)
            if self.now > self.seconds:  # a machine that is too busy for the plan
                self.left_out = len(steps) - number
                break
            self._do(step.action, performer, random.Random(step.chance))
        while self.now < self.seconds or performer.later:
            self._wait(session, performer)
        self._wait_for_sound(session, performer)
        self.restarts = session.restarts

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def _do(self, action: str, performer: Performer, chance: random.Random) -> None:
        self.events.append((self.now, action))
        begun = self.now
        faulthandler.dump_traceback_later(STUCK_SECONDS)
        try:
            said = performer.do(action, chance)
        except EXPECTED as problem:
            said = f"refused: {problem}"
        except SilenceFailure as problem:
            self.silence_failures += 1
            said = f"FAILED: {problem}"
        except Exception as problem:  # any other fault is what a soak looks for
            self.faults.append(traceback.format_exc())
            said = f"FAULT: {problem!r}"
        self.say(f"{action} ({self.now - begun:.2f} s) {said}".rstrip())

    def _wait(self, session: Session, performer: Performer) -> None:
        faulthandler.dump_traceback_later(STUCK_SECONDS)
        try:
            session.supervise()
        except InnerearError as problem:
            self.say(f"supervise: {problem}")
        try:
            for done in performer.do_what_is_due():
                self.say(done)
        except EXPECTED as problem:
            self.say(f"refused: {problem}")
        self.stage.look_after()
        self._note_outages(session)
        if self.now >= self._next_count:
            self._next_count = self.now + min(COUNT_SECONDS, self.seconds / SAMPLES_A_SOAK)
            self.samples.append(count(self._begun, self.mark, self._folders()))
        time.sleep(0.05)

    def _folders(self) -> Mapping[str, Path]:
        return {"shared memory": MEMORY, "temporary files": self.stage.temporary}

    def _note_outages(self, session: Session) -> None:
        status = session.status()
        if status is not None and status.playing:
            if not self._was_playing:
                self.say(f"plays again after {time.monotonic() - self._playing_at:.1f} s")
            self._playing_at, self._was_playing = time.monotonic(), True
        else:
            self._was_playing = False
            self.longest_outage = max(self.longest_outage, time.monotonic() - self._playing_at)

    def _wait_for_sound(self, session: Session, performer: Performer) -> None:
        self.stage.play("noise")
        for id in ("mute", "dim", "silenced", "bypass", "freeze"):
            session.parameters.set(id, False)
        end = self.now + COMING_BACK_SECONDS
        while self.now < end:
            self._wait(session, performer)
            status = session.status()
            if status is not None and status.playing and self.stage.hears():
                return
        self.faults.append("The sound did not come back at the end.")


def soak(
    seconds: float, seed: int, output: Path, apart: bool, plugin: Path | None = None
) -> list[Verdict]:
    """Play for a while and write a report.

    Args:
        seconds: to play.
        seed: of chance.
        output: a folder, which is replaced where it is a soak's.
        apart: whether this process has a /dev/shm of its own.
        plugin: the folder of the plug-in's built bundles; by default what the user has built.

    Returns:
        The verdicts, of which each must have passed.
    """
    output = output.resolve()
    if (output / "events.log").exists():
        shutil.rmtree(output)
    run = output / "run"
    run.mkdir(parents=True)
    mark = f"{os.getpid()}-{time.time_ns()}"
    stage = Stage(run, mark, apart, plugin.resolve() if plugin else find_built())
    before = shared_things()
    _settle_in(stage.logs / "soak.log")
    done = Soak(seconds, stage, mark, output / "events.log")
    try:
        stage.prepare()
        stage.start_card()
        with Session(parameters=ParameterSet()) as session:
            session.start(keep_alive=True)
            try:
                done.run(session, seed)
            finally:
                stage.end_companions()  # the last to leave takes the folder away
                if (session.folder / "server.log").exists():
                    shutil.copy(session.folder / "server.log", stage.logs / "audio server.log")
    finally:
        stage.close()
        done.close()
    verdicts = judge(done, before)
    write_report(output, done, verdicts, seed, apart)
    return verdicts


def judge(done: Soak, before: set[str]) -> list[Verdict]:
    """Return all verdicts."""
    left = _wait_until_gone(done.mark)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    stage = done.stage
    remove_abandoned(MEMORY)  # what was killed cannot; whoever comes next does
    lying = sorted(shared_things() - before)
    temporary = [path for path in stage.temporary.rglob("*") if "jack" not in path.name]
    zeros = {
        "samples above full scale": stage.heard["above"],
        "samples that are no numbers": stage.heard["not_numbers"],
        "panics that were heard": done.silence_failures,
        "exceptions": len(done.faults),
        "tracebacks in logs": tracebacks(stage.logs),
        "zombies": lasting_zombies(done.samples),
        "processes left over": len(left),
        "shared memory left over": len(lying),
        "temporary files left over": len(temporary),
        "heard nothing": int(stage.heard["samples"] == 0),
    }
    counted = {
        "gaps in noise": stage.heard["gaps"],
        "the longest gap, in samples": stage.longest_gap,
        "xruns that JACK reported": stage.xruns,
        "the longest outage, in seconds": done.longest_outage,
        "the loudest sample": stage.heard["peak"],
        "restarts of the audio server": done.restarts,
        "sound cards started": stage.cards,
        "actions left out for lack of time": done.left_out,
    }
    done.faults += [f"left over: {described(MEMORY / name)}" for name in lying]
    done.faults += [f"left over: {path}" for path in temporary]
    return [
        *(Verdict(name, "must be zero", float(value)) for name, value in zeros.items()),
        *flat(done.samples),
        *(Verdict(name, "counted", float(value)) for name, value in counted.items()),
    ]


def tracebacks(folder: Path) -> int:
    """Return how many tracebacks the logs in a folder hold."""
    return sum(
        len(
            re.findall(
                r"^Traceback|terminate called|Fatal Python",
                path.read_text("utf-8", "replace"),
                re.M,
            )
        )
        for path in folder.glob("*.log")
    )


def shared_things() -> set[str]:
    """Return what of ours lies in shared memory."""
    return {path.name for path in MEMORY.glob("innerear*")}


def described(path: Path) -> str:
    """Return a path, and what lies in it; of a member of a session, what runs as its process."""
    lines = [path.name]
    for each in sorted(path.rglob("*")):
        lines.append(f"  {each.relative_to(path)}")
        pid = each.name.partition("-")[0]
        if each.parent.name == "members" and pid.isdigit():
            lines.append(f"    {command_of(int(pid)) or 'has ended'}")
    return "\n".join(lines)


def _wait_until_gone(mark: str) -> list[int]:
    end = time.monotonic() + GOING_SECONDS
    while time.monotonic() < end:
        left = [pid for pid in processes_with(mark) if pid != os.getpid()]
        if not left:
            break
        time.sleep(0.2)
    return left


def _settle_in(log: Path) -> None:
    """Send what this process says on stderr to a log, and end in order when asked to."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
