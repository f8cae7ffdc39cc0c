"""Loads the window; a library of the system that Qt does not find is one line."""

import re
from collections.abc import Callable

from ...engine.optional import MissingLibraryError

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Libraries that Qt needs of the system -> their packages in Debian and Ubuntu."""


def load_window() -> Callable[..., int]:
    """Return `run` of `gui/app.py`.

    Raises:
        MissingLibraryError: PySide6 is not installed, or a library of the system is not.
    """
    try:
        from ...gui.app import run
    except ImportError as problem:
        found = re.match(r"(lib\S+\.so\S*): cannot open", str(problem))
        if found is None:
            raise
        library = found[1]
        package = PACKAGES.get(library, f"the package that has {library}")
        raise MissingLibraryError(
            f"the window needs the library {library}; install it: sudo apt install {package}"
        ) from problem
    return run
