"""Files: written whole or not at all, and read with care where anybody may have made them."""

import errno
import json
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .errors import InnerearError

_STALE_SECONDS = 86_400.0


def check_output(path: Path, error: type[InnerearError] = InnerearError) -> None:
    """Raise an error where `path` cannot be written, before work is done for it.

    Args:
        path: the file that will be written.
        error: which error to raise.

    Raises:
        InnerearError: the folder is missing or not writable, `path` is a folder, or no name.
    """
    folder = path.parent
    try:
        if not folder.exists():
            raise error(
                f"{path}: the folder {folder} does not exist; make it first: mkdir -p {folder}"
            )
        if not folder.is_dir():
            raise error(f"{path}: {folder} is a file, not a folder; name another output")
        if path.is_dir():
            raise error(f"{path} is a folder; name a file in it")
        if not os.access(path if _is_device(path) else folder, os.W_OK):
            raise error(f"{path}: no permission to write in {folder}; name another output")
    except OSError as problem:  # a name that is too long, or a folder that must not be looked into
        raise disk_error(path, problem, error) from problem


def check_separate(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Raise where a file would be written over one that is read, or over another that is written.

    Args:
        outputs: the files that will be written.
        inputs: those that are read. Links and other spellings of a path are the same file.

    Raises:
        InnerearError: says which.
    """
    read = {_identity(path): path for path in inputs}
    written = set()
    for path in outputs:
        identity = _identity(path)
        if identity in read:
            raise InnerearError(f"{path} is what is read ({read[identity]}); name another output")
        if identity in written and not _is_device(path):
            raise InnerearError(f"{path} is named for two outputs; name another for one")
        written.add(identity)


@contextmanager
def write_beside(path: Path, error: type[InnerearError] = InnerearError) -> Iterator[Path]:
    """Yield a temporary name in the same folder; rename it to `path`, or delete it on failure.

    The temporary name keeps the suffix, as some libraries choose the format by it. An existing
    file is replaced in one step: a reader sees the old file or the new one, never a part.

    Args:
        path: the file. A link is followed; a device such as /dev/stdout is written directly.
        error: which error to raise where the file cannot be written.

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
    """Return the error to raise for an `OSError` that occurred while `path` was written."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return error(f"{path}: the disk is full; free some space or name another output")
    return error(f"{path}: cannot be written ({problem.strerror or problem}); name another output")


def _identity(path: Path) -> tuple[int, int] | str:
    """Return what all links to a file and all spellings of its path have in common."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def _is_device(path: Path) -> bool:
    """Return whether `path` is written into rather than replaced: a pipe or a terminal."""
    return path.exists() and not path.is_file() and not path.is_dir()


def as_text(name: str) -> str:
    """Return a file's name as text that UTF-8 can hold: a name may be any bytes."""
    return name.encode("utf-8", "replace").decode()


def list_folder(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what is in a folder, sorted; nothing where it is missing or must not be read.

    Args:
        folder: of the user's own things, which need not exist.
        pattern: that names match, as for `Path.glob`.
    """
    try:
        return sorted(path for path in folder.iterdir() if fnmatchcase(path.name, pattern))
    except OSError:
        return []


def parse_json(text: str | bytes) -> Any:
    """Return the data that JSON text holds.

    Raises:
        ValueError: it is no JSON, or nested deeper than anything of ours.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_whole(path: Path, most_bytes: int) -> bytes:
    """Return the content of a file that should be short.

    Args:
        path: of a file; what is none, such as a pipe, would never end.
        most_bytes: that it may have.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no file, or longer.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no file")
        if found.st_size > most_bytes:
            raise ValueError(f"it is longer than {most_bytes} bytes")
        return file.read(found.st_size)


def read_json(path: Path, most_bytes: int) -> Any:
    """Return the data in a JSON file that should be short; see `read_whole`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no file, longer, no JSON, or nested deeper than anything of ours.
    """
    return parse_json(read_whole(path, most_bytes))


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def names_file(text: str | Path) -> bool:
    """Return whether a text, which may be anything, is the path of a file."""
    with suppress(OSError, ValueError):  # no path: it is too long, or has a zero in it
        return Path(text).is_file()
    return False


def names_folder(text: str | Path) -> bool:
    """Return whether a text, which may be anything, is the path of a folder."""
    with suppress(OSError, ValueError):
        return Path(text).is_dir()
    return False


def write_text(path: Path, text: str, error: type[InnerearError] = InnerearError) -> None:
    """Write a text file whole or not at all; see `write_beside`."""
    with write_beside(path, error) as temporary:
        temporary.write_text(text, encoding="utf-8")


def exchange_folders(new: Path, place: Path, old: Path) -> None:
    """Move the folder `new` to `place`, and what was there to `old`; on failure move it back.

    All three are on one disk.

    Raises:
        OSError: the disk refuses; then `place` is as it was.
    """
    replaced = place.exists() or place.is_symlink()
    if replaced:
        place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if replaced:
            old.rename(place)
        raise


def sweep(folder: Path, *patterns: str) -> None:
    """Delete the folders that killed processes left behind a day ago or earlier.

    Args:
        folder: in which they worked.
        patterns: of the names of folders that are there only while something works in them.
    """
    for pattern in patterns:
        for left in folder.glob(pattern):
            if time.time() - left.lstat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
