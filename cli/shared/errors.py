"""The one place where an error becomes one line for the user and an exit status."""

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from ...engine.errors import InnerearError

WRONG_INPUT = 2
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
_NAMES_REFUSED = (
    errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.EEXIST, errno.ENOTDIR,
    errno.EISDIR, errno.EROFS,
)  # fmt: skip
_ADVICE = {
    **dict.fromkeys(_NAMES_REFUSED, "name another file or folder"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
}
"""What to do where the system refuses a path that a user named, wherever it is looked at first."""
BROKEN_PIPE = 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else 1

# Typer brings its own copy of click, or in older releases uses click itself: either way this is
# the class of all errors in how a command was called.
_UsageError: Any = typer.BadParameter.__mro__[1]


def run(command: Any, arguments: Sequence[str]) -> int:
    """Run a command; print an error of the user's as one line on stderr.

    Any other exception is a defect, and keeps its traceback.

    Args:
        command: made by typer.
        arguments: those after its name.

    Returns:
        The exit status.
    """
    _print_any_name()
    try:
        with _terminated_cleanly():
            status = command.main(list(arguments), prog_name="innerear", standalone_mode=False)
            sys.stdout.flush()
    except InnerearError as error:
        return _complain(str(error))
    except _UsageError as error:
        return _complain(_usage_line(error))
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader has closed its end of the pipe. Python would report that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is None:
            return _complain(f"the output cannot be written: {error.strerror}; free some space")
        if error.errno not in _ADVICE:
            raise
        return _complain(f"{error.filename}: {error.strerror}; {_ADVICE[error.errno]}")
    if status == INTERRUPTED:
        print("innerear: interrupted", file=sys.stderr)
    return status if isinstance(status, int) else 0


def _print_any_name() -> None:
    """Let names of files that are not UTF-8 be printed as they are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def _complain(message: str) -> int:
    print("innerear: error:", " ".join(message.split()), file=sys.stderr)
    return WRONG_INPUT


def _usage_line(error: Any) -> str:
    message = str(error.format_message())
    if alike := getattr(error, "possibilities", None):
        message = f"{error.message.rstrip('.')}. Did you mean {', '.join(alike)}?"
    if context := getattr(error, "ctx", None):
        message = f"{message} See {context.command_path} --help."
    return message


@contextmanager
def _terminated_cleanly() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that no temporary file is left behind."""

    def leave(signal_number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
