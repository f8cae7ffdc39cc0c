"""Asks a new process whether a JACK server is there, where this one may see none any more.

What JACK's library knows of servers it keeps in shared memory that it maps once. Where those files
were deleted meanwhile, as is often advised when a server has crashed, a server that starts later
cannot be seen by programs that ran before.
"""

import subprocess

from ...python_process import module_command
from .library import load_binding

LOOK_SECONDS = 5.0


def new_process_finds_server() -> bool:
    """Return whether a process that starts now can join the JACK server; takes a moment."""
    try:
        looked = subprocess.run(
            module_command(__name__),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LOOK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # no process can be made; the server hangs
        return False
    return looked.returncode == 0


if __name__ == "__main__":
    load_binding().Client("innerear-look", no_start_server=True)
