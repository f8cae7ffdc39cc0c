"""Files in memory that several processes map: where they are made, with room, and how they go."""

import errno
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import InnerearError

STATE_FILE = "state"
"""Name of the shared state in a server's folder."""
FOLDER_PREFIX = "innerear-"
"""With which the name of every shared folder begins."""
GOING = ".going"
"""With which the name of a folder ends that is being deleted."""
_FOLDER_NAME = re.compile(rf"{FOLDER_PREFIX}[A-Za-z0-9_]{{6,8}}({re.escape(GOING)})*")
"""As `mkdtemp` makes them, here and in a plug-in."""
_MEMORY_FOLDER = Path("/dev/shm")
_LEAST_FREE_BYTES = 8_000_000
"""Room for all that a session shares before it plays; what is longer finds its own place."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EFBIG)


def make_shared_folder() -> Path:
    """Make a folder for this user alone, in memory where the system has room there.

    Files in memory never wait for a disk. Where memory is full, or there is no such folder, the
    folder is made among the temporary files.

    Raises:
        InnerearError: there is no place for it.
    """
    temporary = Path(tempfile.gettempdir())
    problem: OSError | None = None
    for parent in (_MEMORY_FOLDER, temporary):
        if parent == _MEMORY_FOLDER and not _has_room(parent):
            continue
        try:
            return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
        except OSError as refused:
            problem = refused
    raise InnerearError(
        f"no folder can be made in {_MEMORY_FOLDER} or {temporary} ({_words(problem)}); free some"
        " space, or name another folder for temporary files: TMPDIR=<folder>"
    )


def is_shared_folder_name(name: str) -> bool:
    """Return whether a name is one that a shared folder may have."""
    return _FOLDER_NAME.fullmatch(name) is not None


def make_shared_file(path: Path, size: int) -> int:
    """Make a file whose room is reserved, of zeros; return it open for reading and writing.

    A memory that is promised but not there ends a process in the middle of its work. Where the
    folder of `path` has no room, the file is made among the temporary files, and `path` becomes a
    link to it.

    Args:
        path: nothing may be there yet.
        size: in bytes.

    Raises:
        InnerearError: there is no room anywhere, or no file can be made.
    """
    try:
        return _reserve(path, size)
    except OSError as problem:
        if problem.errno not in _NO_ROOM:
            raise InnerearError(f"{path} cannot be shared: {problem.strerror}.") from problem
    place = _elsewhere(path)
    try:
        file = _reserve(place, size)
    except OSError as problem:
        raise InnerearError(
            f"there is no room for {size / 1e6:.0f} MB that processes share, in"
            f" {path.parent.parent} or {place.parent} ({_words(problem)}); free some, or name"
            " another folder for temporary files: TMPDIR=<folder>"
        ) from problem
    try:
        path.symlink_to(place)
    except OSError as problem:
        os.close(file)
        place.unlink()
        raise InnerearError(f"{path} cannot be shared: {problem.strerror}.") from problem
    return file


def remove_shared_file(path: Path) -> None:
    """Delete a shared file, wherever it was made; it may be gone already.

    Of a link that no session has made only the link goes. Another program's folder for temporary
    files may be another one.
    """
    if path.is_symlink():
        place = path.readlink()
        if place.name == _elsewhere(path).name and place.is_file() and not place.is_symlink():
            place.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def remove_shared_folder(folder: Path) -> None:
    """Delete a folder with its shared files, as far as that is possible.

    But for files that lie elsewhere it goes by another name first: whoever still writes there, such
    as an engine that is ending, finds no folder any more, and not one that is just being emptied.
    """
    going = folder.with_name(f"{folder.name}{GOING}")
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_symlink():
                remove_shared_file(path)
    try:
        folder.rename(going)
    except FileNotFoundError:  # somebody else deletes it
        return
    except OSError:  # a system that renames nothing in use
        going = folder
    shutil.rmtree(going, ignore_errors=True)


def _elsewhere(path: Path) -> Path:
    """Return where a shared file is made for which its folder has no room."""
    return Path(tempfile.gettempdir()) / f"{path.parent.name}-{path.name}"


def _reserve(path: Path, size: int) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.ftruncate(file, size)
        _fill(file, size)
    except OSError:
        os.close(file)
        path.unlink()
        raise
    return file


def _fill(file: int, size: int) -> None:
    """Take the room for a file, where the system and the file's disk can."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, size)
        except OSError as problem:
            if problem.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= _LEAST_FREE_BYTES


def _words(problem: OSError | None) -> str:
    return "no reason given" if problem is None else str(problem.strerror)
