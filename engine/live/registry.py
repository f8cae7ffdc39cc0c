"""Which audio servers play on this computer, so that a client may join."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InnerearError
from ..files import list_folder, read_json, write_text
from ..ipc.processes import birth_of, is_running
from ..ipc.shared_files import STATE_FILE

_MOST_BYTES = 10_000


def runtime_folder() -> Path:
    """Return the user's folder for files that live only while something runs.

    Where the system's own cannot be written, it is one of the user's among the temporary files.

    Raises:
        InnerearError: neither can be.
    """
    import platformdirs

    usual = platformdirs.user_runtime_path("innerear", appauthor=False)
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    other = Path(tempfile.gettempdir()) / f"innerear-{user}"
    for folder in (usual, other):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.R_OK | os.W_OK | os.X_OK) and _is_ours(folder):
                return folder
    raise InnerearError(
        f"neither {usual} nor {other} can be written; name a folder with XDG_RUNTIME_DIR=<folder>"
    )


def _is_ours(folder: Path) -> bool:
    """Return whether no other user has made a folder."""
    return not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()


@contextmanager
def registered(folder: Path, stays: bool) -> Iterator[None]:
    """List this process as an audio server, while the block lasts.

    Args:
        folder: where it plays.
        stays: whether it plays on without a client.

    Raises:
        InnerearError: its entry cannot be written, and it has to be found. One that ends with
            its client plays unlisted.
    """
    try:
        entry = runtime_folder() / f"server-{os.getpid()}.json"
        said = {"folder": str(folder), "stays": stays, "birth": birth_of(os.getpid())}
        write_text(entry, json.dumps(said))
    except InnerearError:
        if stays:
            raise
        yield
        return
    try:
        yield
    finally:
        entry.unlink(missing_ok=True)


def running_servers(*, staying: bool = True) -> list[Path]:
    """Return the folders of the audio servers that play, the newest first.

    Args:
        staying: only those that play on without a client; else also those that end with the
            program that started them, such as `innerear live`.
    """
    found: list[tuple[float, Path]] = []
    for entry in list_folder(runtime_folder(), "server-*.json"):
        try:
            said = read_json(entry, _MOST_BYTES)
            pid = int(entry.stem.rpartition("-")[2])
            if not is_running(pid, str(said["birth"])):  # it was killed and left the entry
                entry.unlink(missing_ok=True)
            elif said["stays"] or not staying:
                found.append((entry.stat().st_mtime, Path(said["folder"])))
        except (OSError, ValueError, KeyError, TypeError):  # it is none of ours
            entry.unlink(missing_ok=True)
    folders = [folder for _, folder in sorted(found, reverse=True)]
    return [folder for folder in folders if (folder / STATE_FILE).exists()]
