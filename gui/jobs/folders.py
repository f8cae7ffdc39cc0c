"""Opens the user's folders in the system's file manager."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from ...engine.control import presets
from ...engine.errors import InnerearError
from ...engine.files import disk_error
from ...engine.packs import pack


def recordings_folder() -> Path:
    """Return the folder for recordings, in the user's music; it need not exist."""
    music = QStandardPaths.StandardLocation.MusicLocation
    return Path(QStandardPaths.writableLocation(music)) / "Innerear"


FOLDERS: Mapping[str, Callable[[], Path]] = {
    "presets-folder": presets.user_folder,
    "models-folder": pack.user_folder,
    "recordings-folder": recordings_folder,
}
"""Name of the command that opens a folder -> what finds it."""


def open_folder(find: Callable[[], Path]) -> None:
    """Open a folder, which is made if there is none yet.

    Args:
        find: returns the folder.

    Raises:
        InnerearError: it cannot be made, or no program shows folders.
    """
    folder = find()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(folder, problem) from None
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        raise InnerearError(f"No program here shows folders; this one is {folder}.")
