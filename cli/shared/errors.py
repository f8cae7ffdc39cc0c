"""The one place where an error becomes one line for the user and an exit status."""

import codecs
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from ...engine.errors import InnerearError

WRONG_INPUT = 2
INTERRUPTED = 128 + signal.SIGINT
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
    _open_standard_streams()
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


def _open_standard_streams() -> None:
    """Give streams that the caller has closed a place: what is printed there is for nobody."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _print_any_name() -> None:
    """Let names of files that are not UTF-8 be printed as they are, and all others everywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_utf8 = codecs.lookup(stream.encoding).name == "utf-8"
            stream.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def _complain(message: str) -> int:
    print("innerear: error:", " ".join(message.split()), file=sys.stderr)
    return WRONG_INPUT


def _usage_line(error: Any) -> str:
    message = str(error.format_message())
    if alike := getattr(error, "possibilities", None):
        message = f"{error.message.rstrip('.')}. Did you mean {', '.join(alike)}?"
    if context := getattr(error, "ctx", None):
        end = "" if message.endswith((".", "?")) else "."
        message = f"{message}{end} See {context.command_path} --help."
    return message


@contextmanager
def _terminated_cleanly() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP unless it is ignored, unwind the stack: no temporary file is left."""

    def leave(signal_number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signal_number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ending = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.getsignal(each) for each in ending}
    for each in ending:
        if before[each] is not signal.SIG_IGN:  # as under nohup
            signal.signal(each, leave)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
