"""Who uses a session's folder, and which of its clients may restart its audio server.

The last process that leaves the folder deletes it; where all were killed, whoever comes next does.
"""

import itertools
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import DeviceError
from ..files import list_folder
from ..ipc.host_channel import HOST_FILE
from ..ipc.processes import birth_of, is_running
from ..ipc.shared_files import (
    FOLDER_PREFIX,
    GOING,
    STATE_FILE,
    is_shared_folder_name,
    remove_shared_folder,
)

FORGET_SECONDS = 120.0
"""After so long, a folder that nobody has joined is forgotten, and a right that names no holder."""
_RESTARTING = "restarting"
_MEMBERS = "members"
SERVER = "server"
"""The role of the audio server; a folder has one at most."""
_numbers = itertools.count(1)


class Membership:
    """One user of a session's folder: a client, or the audio server.

    Neither may delete the folder while another uses it: a server that cannot open its device ends,
    and its client goes on; a client that stops the sound ends, and another may start it again.
    """

    def __init__(self, folder: Path, role: str) -> None:
        """Join; the folder is there for as long as this process runs and has not left.

        Members that were killed are forgotten.

        Args:
            folder: that is shared.
            role: what joins, such as `client`. A process that has joined in the same role before
                it replaced itself is the same member.

        Raises:
            DeviceError: the folder goes just now, or cannot be written.
        """
        self._folder = folder
        self._entry = folder / _MEMBERS / f"{os.getpid()}-{role}"
        try:
            self._entry.parent.mkdir(mode=0o700, exist_ok=True)
            self._entry.touch(0o600)
            self._entry.write_text(birth_of(os.getpid()))
            for entry in self._entry.parent.iterdir():
                if not _lives(entry):
                    entry.unlink(missing_ok=True)
        except OSError as problem:
            raise DeviceError(
                f"No audio engine plays in {folder}: {problem.strerror}."
            ) from problem

    @classmethod
    def of_client(cls, folder: Path) -> "Membership":
        """Join as a client; a process may have several."""
        return cls(folder, f"client-{next(_numbers)}")

    def leave(self) -> None:
        """Leave; delete the folder where nobody else is left. Leaving twice does nothing more.

        A plug-in's folder stays for as long as its host has not left: the host starts the audio
        server there again.
        """
        self._entry.unlink(missing_ok=True)
        if _is_hosted(self._folder):
            return
        with suppress(FileNotFoundError):  # whoever else has left deletes it
            if not any(map(_lives, self._entry.parent.iterdir())):
                remove_shared_folder(self._folder)


def remove_abandoned(parent: Path) -> None:
    """Delete the folders of sessions whose every member was killed before it could leave.

    Another user's folder is left alone; so is one that nobody has joined yet, for some time, a
    plug-in's, whose host starts the audio server there again, and what is no session's folder.

    Args:
        parent: where sessions have their folders, and others have other things.
    """
    for folder in list_folder(parent, f"{FOLDER_PREFIX}*"):
        try:
            found = folder.lstat()
            if not is_session_folder(folder, found.st_mode):
                continue
            members = folder / _MEMBERS
            entries = list(members.iterdir()) if members.is_dir() else []
        except OSError:  # it is going, or nobody may look
            continue
        ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        joined = bool(entries) or time.time() - found.st_mtime > FORGET_SECONDS
        if ours and joined and not _is_hosted(folder) and not any(map(_lives, entries)):
            remove_shared_folder(folder)


def is_session_folder(path: Path, mode: int) -> bool:
    """Return whether a session has made what lies there: among temporary files others lie, too.

    Args:
        path: whose name begins with `FOLDER_PREFIX`.
        mode: as `lstat` tells it.
    """
    if not stat.S_ISDIR(mode) or not is_shared_folder_name(path.name):
        return False
    return path.name.endswith(GOING) or any(
        (path / name).exists() for name in (_MEMBERS, STATE_FILE, HOST_FILE)
    )


def has_server(folder: Path, besides: int | None = None) -> bool:
    """Whether the audio server of a folder runs and has not left it.

    Args:
        folder: that is shared.
        besides: the process of one that does not count.
    """
    servers = (folder / _MEMBERS).glob(f"*-{SERVER}")
    return any(_lives(each) for each in servers if each.name != f"{besides}-{SERVER}")


def _is_hosted(folder: Path) -> bool:
    """Whether a plug-in uses a folder; its host, which may be in a sandbox, is no member.

    The plug-in holds a lock on its file, which goes with it however it ends.
    """
    try:
        import fcntl
    except ImportError:  # another system, for which there is no plug-in
        return (folder / HOST_FILE).exists()
    try:
        with (folder / HOST_FILE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is none
        pass
    return False


def _lives(entry: Path) -> bool:
    """Whether the process of a member still runs; one that was killed could not leave."""
    try:
        return is_running(int(entry.name.partition("-")[0]), entry.read_text(errors="replace"))
    except (OSError, ValueError):
        return False


@contextmanager
def restart_right(folder: Path) -> Iterator[bool]:
    """Hold the right to restart the server of `folder`, while the block lasts.

    Yields:
        False where another client holds it.
    """
    file = folder / _RESTARTING
    if _is_forsaken(file):
        file.unlink(missing_ok=True)
    try:
        with file.open("x") as mine:
            mine.write(f"{os.getpid()} {birth_of(os.getpid())}")
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        file.unlink(missing_ok=True)


def _is_forsaken(file: Path) -> bool:
    """Whether the client that holds the right to restart was killed meanwhile."""
    try:
        pid, _, birth = file.read_text(errors="replace").partition(" ")
        if pid.isdigit():
            return not is_running(int(pid), birth)
        return time.time() - file.stat().st_mtime > FORGET_SECONDS  # it was killed at once
    except OSError:  # nobody holds it
        return False
