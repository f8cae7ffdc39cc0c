"""Who uses a session's folder, and which of its clients may restart its audio server.

The last process that leaves the folder deletes it; where all were killed, whoever comes next does.
"""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files import list_folder
from ..ipc.host_channel import HOST_FILE
from ..ipc.processes import birth_of, is_running
from ..ipc.shared_files import FOLDER_PREFIX, remove_shared_folder

FORGET_SECONDS = 120.0
"""A client that has not finished a restart after so long was killed meanwhile."""
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
        """
        self._folder = folder
        self._entry = folder / _MEMBERS / f"{os.getpid()}-{role}"
        self._entry.parent.mkdir(mode=0o700, exist_ok=True)
        self._entry.touch(0o600)
        self._entry.write_text(birth_of(os.getpid()))
        for entry in self._entry.parent.iterdir():
            if not _lives(entry):
                entry.unlink(missing_ok=True)

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
        if not self._folder.exists() or _is_hosted(self._folder):
            return
        if not any(map(_lives, self._entry.parent.iterdir())):
            remove_shared_folder(self._folder)


def remove_abandoned(parent: Path) -> None:
    """Delete the folders of sessions whose every member was killed before it could leave.

    Another user's folder is left alone; so is one that nobody has joined yet, for some time, and a
    plug-in's, whose host starts the audio server there again.

    Args:
        parent: where sessions have their folders, and others have other things.
    """
    for folder in list_folder(parent, f"{FOLDER_PREFIX}*"):
        try:
            found = folder.lstat()
            members = folder / _MEMBERS
            entries = list(members.iterdir()) if members.is_dir() else []
        except OSError:  # it is going, or nobody may look
            continue
        ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        joined = bool(entries) or time.time() - found.st_mtime > FORGET_SECONDS
        if ours and joined and not _is_hosted(folder) and not any(map(_lives, entries)):
            remove_shared_folder(folder)


def has_server(folder: Path) -> bool:
    """Whether the audio server of a folder runs and has not left it."""
    return any(map(_lives, (folder / _MEMBERS).glob(f"*-{SERVER}")))


def _is_hosted(folder: Path) -> bool:
    """Whether a plug-in uses a folder; its host, which may be in a sandbox, is no member."""
    return (folder / HOST_FILE).exists()


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
    try:
        if time.time() - file.stat().st_mtime > FORGET_SECONDS:
            file.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    try:
        file.touch(0o600, exist_ok=False)
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        file.unlink(missing_ok=True)
