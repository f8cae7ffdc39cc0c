"""Puts Innerear among a user's programs, and takes it away: nothing outside the user's own data."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..engine.errors import InnerearError
from ..engine.files import disk_error, write_beside
from .entry import ICON, NAME, desktop_entry, mime_types

_ICONS = {
    f"icons/hicolor/scalable/apps/{NAME}.svg": ICON.with_suffix(".svg"),
    f"icons/hicolor/256x256/apps/{NAME}.png": ICON,
}
_ENTRY, _TYPES = f"applications/{NAME}.desktop", f"mime/packages/{NAME}.xml"
_DATABASES = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))
"""Programs that desktops have -> the folder whose index they write."""


class DesktopError(InnerearError):
    """There is no desktop of the kind, or the disk refuses."""


def data_folder() -> Path:
    """Return the folder of the user's data.

    Raises:
        DesktopError: the system is another than Linux.
    """
    import platformdirs

    if sys.platform != "linux":
        raise DesktopError("Desktop entries are for Linux; start the window with: innerear gui")
    return platformdirs.user_data_path()


def opening_command() -> list[str]:
    """Return the command that opens the window, or a file whose name follows, in this Python."""
    started = [sys.executable]
    if not getattr(sys, "frozen", False):  # a program without Python is the command itself
        started += ["-P", "-m", "innerear.cli"]
    return [*started, "desktop", "open"]


def install(data: Path, command: Sequence[str]) -> list[Path]:
    """Write the entry, the icons and the kinds of files; return the files.

    Args:
        data: the folder of the user's data.
        command: see `desktop_entry`.

    Raises:
        DesktopError: the disk refuses.
    """
    texts = {_ENTRY: desktop_entry(command), _TYPES: mime_types()}
    contents = {name: text.encode() for name, text in texts.items()}
    contents |= {name: source.read_bytes() for name, source in _ICONS.items()}
    for name, content in contents.items():
        path = data / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise disk_error(path, problem, DesktopError) from problem
        with write_beside(path, DesktopError) as temporary:
            temporary.write_bytes(content)
    _update(data)
    return [data / name for name in contents]


def remove(data: Path) -> list[Path]:
    """Delete what `install` wrote; return the files that were there.

    Args:
        data: the folder of the user's data.

    Raises:
        DesktopError: the disk refuses.
    """
    found = [path for name in (_ENTRY, _TYPES, *_ICONS) if (path := data / name).is_file()]
    for path in found:
        try:
            path.unlink()
        except OSError as problem:
            raise DesktopError(f"{path} cannot be removed: {problem.strerror}.") from problem
    if found:
        _update(data)
    return found


def _update(data: Path) -> None:
    """Write the desktop's indexes anew, where the desktop has the programs for it."""
    for program, folder in _DATABASES:
        found = shutil.which(program)
        if found and (data / folder).is_dir():
            done = subprocess.run(
                [found, str(data / folder)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                said = done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}"
                raise DesktopError(f"{program} fails: {said}")
