"""Files that appear whole or not at all: written beside their name, then renamed."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InnerearError


def check_output(path: Path, error: type[InnerearError] = InnerearError) -> None:
    """Raise where nothing could be written at `path`, so that no work is done in vain.

    Args:
        path: the file that will be written.
        error: which error to raise.

    Raises:
        InnerearError: the folder is missing or closed to us, or the name is a folder's.
    """
    folder = path.parent
    if not folder.exists():
        raise error(f"{path}: the folder {folder} does not exist; make it first: mkdir -p {folder}")
    if not folder.is_dir():
        raise error(f"{path}: {folder} is a file, not a folder; name another output")
    if path.is_dir():
        raise error(f"{path} is a folder; name a file in it")
    if not os.access(path if _is_device(path) else folder, os.W_OK):
        raise error(f"{path}: no permission to write in {folder}; name another output")


@contextmanager
def write_beside(path: Path, error: type[InnerearError] = InnerearError) -> Iterator[Path]:
    """Give a temporary name in the same folder; rename it to `path` on success, else delete it.

    The temporary name keeps the suffix, for libraries that take the format from it. An existing
    file is replaced in one step: a reader sees the old or the new one, never half of either.

    Args:
        path: where the finished file goes. A link is followed; a device (/dev/stdout) is opened
            as it is.
        error: which error to raise when the folder or the disk refuses.

    Yields:
        The name to write to.

    Raises:
        InnerearError: as `check_output`, or the disk is full.
    """
    check_output(path, error)
    if _is_device(path):
        yield path
        return
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.stem}-{secrets.token_hex(4)}{target.suffix}")
    try:
        yield temporary
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    except OSError as problem:
        if problem.filename is None or str(problem.filename) == str(temporary):
            raise disk_error(path, problem, error) from problem
        raise
    finally:
        temporary.unlink(missing_ok=True)


def disk_error(
    path: Path, problem: OSError, error: type[InnerearError] = InnerearError
) -> InnerearError:
    """Turn an error of the operating system while writing `path` into one line for the user."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return error(f"{path}: the disk is full; free some space or name another output")
    return error(f"{path}: cannot be written ({problem.strerror or problem}); name another output")


def _is_device(path: Path) -> bool:
    """Whether `path` is something to write into rather than to replace: a pipe, a terminal."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_text(path: Path, text: str, error: type[InnerearError] = InnerearError) -> None:
    """Write a text file whole or not at all; see `write_beside`."""
    with write_beside(path, error) as temporary:
        temporary.write_text(text, encoding="utf-8")
