"""The command that runs one of our modules in a new process of this Python."""

import sys


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command, which imports nothing from the working folder.

    There may be a file of a user, or of a stranger, that has the name of a library.

    Args:
        module: its full name.
        arguments: of the new process.
    """
    safe = [] if getattr(sys, "frozen", False) else ["-P"]  # a program without Python takes none
    return [sys.executable, *safe, "-m", module, *arguments]
