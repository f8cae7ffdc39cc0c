"""What is counted while a soak runs: of each kind of process, and of what lies about."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MARK = "INNEREAR_SOAK"
"""The environment variable by which all processes of a soak are known, wherever they end up."""

KINDS = {
    "audio server": r"innerear\.engine\.live( |$)",
    "resource tracker": r"resource_tracker",
    "network": r"multiprocessing",
    "plug-in's engine": r"plugin_server",
    "plug-in's host": r"tests\.soak\.plugin_host",
    "ear": r"tests\.soak\.ear",
    "window": r"cli gui",
    "library": r"cli library",
    "client": r"tests\.soak\b",
    "sound card": r"jackd",
}
"""Kind of process -> what its command line has; the first that fits."""


@dataclass(frozen=True)
class Process:
    """What a process holds: bytes of its own memory, and how many of each other thing."""

    pid: int
    kind: str
    memory: int
    descriptors: int
    threads: int
    sockets: int


@dataclass(frozen=True)
class Sample:
    """All that is counted at one moment.

    Attributes:
        at: seconds from the beginning.
        processes: those that live.
        zombies: pids of those that have ended, and whose parent has not noticed.
        totals: name -> number of what lies about.
        load: the machine's load average.
    """

    at: float
    processes: tuple[Process, ...]
    zombies: tuple[int, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    load: float = 0.0


def count(begun: float, mark: str, folders: Mapping[str, Path]) -> Sample:
    """Count everything now.

    Args:
        begun: `time.monotonic()` of the beginning.
        mark: of this soak's processes; see `MARK`.
        folders: name -> folder whose entries are counted, all levels together.
    """
    marked = processes_with(mark)
    processes = tuple(filter(None, (_process(pid) for pid in marked)))
    return Sample(
        at=time.monotonic() - begun,
        processes=processes,
        zombies=tuple(_zombies_of(set(marked) | {os.getpid()})),
        totals={name: _entries(folder) for name, folder in folders.items()},
        load=os.getloadavg()[0],
    )


def processes_with(mark: str) -> list[int]:
    """Return the pids of the processes that carry a mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # another user's, or gone
            continue
    return found


def command_of(pid: int) -> str:
    """Return the command line of a process; empty where it has ended."""
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace").strip()


def kind_of(command: str) -> str:
    """Return the kind of a process by its command line."""
    return next((kind for kind, words in KINDS.items() if re.search(words, command)), "other")


def _process(pid: int) -> Process | None:
    base = Path("/proc", str(pid))
    try:
        command = command_of(pid)
        memory = re.search(r"^Pss_Anon:\s+(\d+)", (base / "smaps_rollup").read_text(), re.M)
        status = re.search(r"^Threads:\s+(\d+)", (base / "status").read_text(), re.M)
        links = [_target(link) for link in (base / "fd").iterdir()]
    except OSError:  # it has ended
        return None
    if memory is None or status is None:
        return None
    sockets = sum(link.startswith("socket:") for link in links)
    return Process(
        pid, kind_of(command), 1024 * int(memory[1]), len(links), int(status[1]), sockets
    )


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _zombies_of(parents: set[int]) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state == "Z" and int(parent) in parents:
            found.append(int(entry.parent.name))
    return found


def _entries(folder: Path) -> int:
    ours = (path for path in folder.glob("*") if not path.name.startswith("jack"))
    return sum(1 + sum(1 for _ in path.rglob("*")) for path in ours)
