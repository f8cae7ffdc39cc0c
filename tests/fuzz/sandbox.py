"""Lets a reader do what readers do: within a time and a memory, and in its own folder."""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS = 5.0
"""Of the processor, for one input: a busy machine changes nothing about it."""
WAIT_SECONDS = 60.0
"""For one input, where it waits for something."""
MEMORY = 1 << 30
"""More than the process has, in bytes of address space."""

_NEVER = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "os.kill")
_NEVER += ("pickle.find_class", "socket.connect", "os.symlink", "os.link", "os.chown")
_CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod")
_CHANGES += ("shutil.rmtree",)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ForbiddenError(BaseException):
    """A reader did what no reader may: wrote elsewhere, ran a program, loaded a pickle."""


class TooLongError(BaseException):
    """A reader took too long."""


class _Watch:
    folder = ""
    """Where files may be written now; empty while nothing is watched."""
    installed = False

    @classmethod
    def look(cls, event: str, arguments: tuple[Any, ...]) -> None:
        if not cls.folder:
            return
        if event in _NEVER:
            raise ForbiddenError(f"{event}{arguments!r:.200}")
        if event in _CHANGES or (event == "open" and _writes(arguments)):
            path = arguments[0]
            if isinstance(path, str | bytes | os.PathLike) and not cls._may_write(path):
                raise ForbiddenError(f"{event}{arguments!r:.200}")

    @classmethod
    def _may_write(cls, path: Any) -> bool:
        text = os.path.abspath(os.fsdecode(path))
        return text.startswith((cls.folder, os.devnull)) or "__pycache__" in text


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(flags and flags & _WRITING)


@contextmanager
def confined(folder: Path, seconds: float = SECONDS, memory: int = MEMORY) -> Iterator[None]:
    """Run the block with limits.

    Args:
        folder: the only one in which files may be written.
        seconds: of the processor, after which `TooLongError` is raised, where Python runs.
        memory: so much more address space there is; 0 for no limit.

    Raises:
        ForbiddenError: something was done that no reader may do.
    """
    if not _Watch.installed:
        sys.addaudithook(_Watch.look)
        _Watch.installed = True

    def late(number: int, frame: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds:g} s of work, or {WAIT_SECONDS:g} s of waiting")

    before = resource.getrlimit(resource.RLIMIT_AS)
    handlers = {number: signal.signal(number, late) for number in (signal.SIGALRM, signal.SIGPROF)}
    try:
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (_address_space() + memory, before[1]))
        _Watch.folder = str(folder)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _Watch.folder = ""
        resource.setrlimit(resource.RLIMIT_AS, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
