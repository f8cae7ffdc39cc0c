"""Fuzzes every reader in turn, for as long as one likes: `make fuzz SECONDS=600`.

Each reader runs in a process of its own, which is ended where it stops answering. The errors that
are reached guide; with `--engine atheris` (`pip install atheris`; Linux) the lines of Python do.
Input that is not handled is kept in `corpus/`, where `make test` tries it from then on. What led
somewhere new is kept in the folder of the work, `.fuzz/`, and the next run goes on with it.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .target import CORPUS, Target

WORK = Path(".fuzz")
_BEGIN_SECONDS, _HANG_SECONDS = 600.0, 150.0
"""To import everything, on a machine that is busy; and behind the end, for the last input."""
_SAVE_SECONDS = 2.0
_STATE = "state.json"
_MOST_KEPT = 2000


class _Work:
    """What a process of one target writes down, so that its parent and the next run know."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target, self.folder = target, folder / target.name
        self.queue = self.folder / "queue"
        self.queue.mkdir(parents=True, exist_ok=True)
        state = self.folder / _STATE
        self.state: dict[str, Any] = json.loads(state.read_text()) if state.is_file() else {}
        self._places: set[str] = set(self.state.get("places", ()))
        self._found: set[str] = set()
        self._current = (self.folder / "current").open("wb", buffering=0)
        self.executions, self.failures = 0, 0
        self._saved = time.monotonic()

    def seeds(self) -> list[bytes]:
        kept = [path.read_bytes() for path in sorted(self.queue.iterdir())[:_MOST_KEPT]]
        return [*kept, *self._target.kept.values()]

    def attempt(self, data: bytes) -> bool:
        """Give input to the reader; return whether it led somewhere new."""
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            self.save()
        self._current.seek(0)
        self._current.write(data)
        self._current.truncate()
        self.executions += 1
        try:
            place = self._target.reader.attempt(data)
        except AssertionError as problem:
            self._fail(data, str(problem))
            return False
        if place in self._places:
            return False
        self._places.add(place)
        self.keep(data)
        return True

    def keep(self, data: bytes) -> None:
        (self.queue / _name_of(data)).write_bytes(data)

    def save(self) -> None:
        """Write down how far it came; `attempt` does so every two seconds."""
        self._saved = time.monotonic()
        before = int(self.state.get("executions", 0))
        state = {"executions": before + self.executions, "places": sorted(self._places)}
        (self.folder / _STATE).write_text(json.dumps(state))
        now = {"executions": self.executions, "failures": self.failures}
        (self.folder / "now.json").write_text(json.dumps({**now, "places": len(self._places)}))

    def _fail(self, data: bytes, problem: str) -> None:
        self.failures += 1
        lines = [line.strip() for line in problem.splitlines() if line.strip()]
        what = "\n".join(each for each in lines if each.startswith('File "'))[-200:]
        if what in self._found:
            return  # one input for each place is enough
        self._found.add(what)
        keep_failure(self._target, data)
        print(f"{self._target.name}: {problem}", flush=True)


def keep_failure(target: Target, data: bytes) -> Path:
    """Keep input that is not handled; return where."""
    path = CORPUS / target.name / _name_of(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def fuzz(target: Target, seconds: float, folder: Path) -> None:
    """Fuzz one target in this process."""
    work = _Work(target, folder)
    reader = target.reader
    work.save()
    # Another run has other input.
    choices = random.Random(f"{target.name} {work.state.get('executions', 0)}")
    seeds = work.seeds()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = reader.input(choices, seeds)
        if work.attempt(data):
            seeds.append(data)
    work.save()


def fuzz_with_atheris(target: Target, seconds: float, folder: Path) -> None:
    """Fuzz one target in this process, guided by Atheris; does not return."""
    import atheris

    work = _Work(target, folder)
    reader = target.reader
    for data in (*reader.seeds, *work.seeds()):
        work.keep(data)
    work.save()

    def attempt(data: bytes) -> None:
        work.attempt(data)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        return reader.mutated(data, random.Random(seed))[:size]

    options = [f"-max_total_time={round(seconds)}", "-max_len=200000", "-rss_limit_mb=0"]
    options += ["-timeout=60", "-verbosity=0", "-print_final_stats=0", "-handle_segv=0"]
    arguments = [sys.argv[0], *options, f"-artifact_prefix={work.folder}/", str(work.queue)]
    atheris.Setup(arguments, attempt, custom_mutator=mutate)
    atheris.Fuzz()


@contextmanager
def _watched(command: list[str], folder: Path, seconds: float) -> Iterator[str]:
    """Run a process to its end, or end it where it hangs; yield what was wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(folder / "now.json", process, _BEGIN_SECONDS)
            ended = process.wait(seconds + _HANG_SECONDS)
            yield f"it died of signal {-ended}" if ended < 0 else ""
        except subprocess.TimeoutExpired:
            yield "it hung"
        finally:
            process.kill()
            process.wait()


def _wait_for(path: Path, process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait until a process has begun, and has written so, or has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not path.is_file() and process.poll() is None:
        time.sleep(0.1)


def run_target(target: Target, seconds: float, folder: Path, engine: str) -> bool:
    """Fuzz one target in a process of its own, print a line, and return whether all is well."""
    own = folder / target.name
    (own / "now.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", __spec__.name, "--one", target.name, "--engine", engine]
    command += ["--seconds", str(seconds), "--work", str(folder)]
    start = time.monotonic()
    with _watched(command, own, seconds) as problem:
        took = time.monotonic() - start
        path = own / "now.json"
        now = json.loads(path.read_text()) if path.is_file() else {}
        if problem:
            kept = keep_failure(target, (own / "current").read_bytes())
            print(f"{target.name}: {problem}; its input is {kept}", flush=True)
    log = (own / "log").read_text(errors="replace")
    if not now:
        print(f"{target.name}: could not begin\n{log[-2000:]}", flush=True)
        return False
    failures = int(now["failures"])
    print(
        f"{target.name:18} {now['executions']:9} executions {now['executions'] / took:8.0f}/s"
        f" {now['places']:5} places {failures:5} not handled ({engine})",
        flush=True,
    )
    if failures:
        print(log[:4000], flush=True)
    return not (problem or failures)


def main() -> int:
    """Fuzz; return 1 where something was not handled."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make fuzz")
    parser.add_argument("--seconds", type=float, default=600.0, help="for all targets together")
    parser.add_argument("--target", action="append", help="only this one; may be given again")
    parser.add_argument("--engine", choices=("atheris", "random"), default="random")
    parser.add_argument("--work", type=Path, default=WORK, help="where a run is gone on with")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    folder, engine = chosen.work.resolve(), chosen.engine
    if chosen.one and engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["innerear", "pythonosc"]):
            from .readers import TARGETS
        fuzz_with_atheris(TARGETS[chosen.one], chosen.seconds, folder)
    from .readers import TARGETS

    if chosen.one:
        fuzz(TARGETS[chosen.one], chosen.seconds, folder)
        return 0
    names = chosen.target or list(TARGETS)
    share = chosen.seconds / len(names)
    right = [run_target(TARGETS[name], share, folder, engine) for name in names]
    return 0 if all(right) else 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
