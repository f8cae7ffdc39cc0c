"""Which instruments play on this computer without a front of their own, so that one may join."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files import write_text


def runtime_folder() -> Path:
    """Return the user's folder for what lives only while something runs."""
    import platformdirs

    folder = platformdirs.user_runtime_path("innerear", appauthor=False)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def registered(folder: Path) -> Iterator[None]:
    """List this process, as the instrument that plays in `folder`, while the block lasts."""
    entry = runtime_folder() / f"instrument-{os.getpid()}.json"
    write_text(entry, json.dumps({"folder": str(folder)}))
    try:
        yield
    finally:
        entry.unlink(missing_ok=True)


def running_instruments() -> list[Path]:
    """Return the folders of the instruments that play, the newest first."""
    found: list[tuple[float, Path]] = []
    for entry in runtime_folder().glob("instrument-*.json"):
        try:
            os.kill(int(entry.stem.rpartition("-")[2]), 0)
            folder = Path(json.loads(entry.read_text())["folder"])
            found.append((entry.stat().st_mtime, folder))
        except (OSError, ValueError, KeyError):  # it has died, and could not say so
            entry.unlink(missing_ok=True)
    return [folder for _, folder in sorted(found, reverse=True) if (folder / "board").exists()]
