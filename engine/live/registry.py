"""Which audio servers play on this computer without a client of their own, so that one may join."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files import write_text
from ..ipc.shared_state import STATE_FILE


def runtime_folder() -> Path:
    """Return the user's folder for files that live only while something runs."""
    import platformdirs

    folder = platformdirs.user_runtime_path("innerear", appauthor=False)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def registered(folder: Path) -> Iterator[None]:
    """List this process as the audio server that plays in `folder`, while the block lasts."""
    entry = runtime_folder() / f"server-{os.getpid()}.json"
    write_text(entry, json.dumps({"folder": str(folder)}))
    try:
        yield
    finally:
        entry.unlink(missing_ok=True)


def running_servers() -> list[Path]:
    """Return the folders of the audio servers that play, the newest first."""
    found: list[tuple[float, Path]] = []
    for entry in runtime_folder().glob("server-*.json"):
        try:
            os.kill(int(entry.stem.rpartition("-")[2]), 0)
            folder = Path(json.loads(entry.read_text())["folder"])
            found.append((entry.stat().st_mtime, folder))
        except (OSError, ValueError, KeyError):  # its process was killed and left the entry
            entry.unlink(missing_ok=True)
    folders = [folder for _, folder in sorted(found, reverse=True)]
    return [folder for folder in folders if (folder / STATE_FILE).exists()]
