"""Looks for sound devices in a process of its own, which knows those that are there now.

A process that plays nothing should not load PortAudio: it would keep the list of its start, stay
a client of the sound server, and be aborted by PortAudio when that server ends.
"""

import json
import subprocess
from typing import Any

from ..errors import DeviceError
from ..python_process import module_command

SEARCH_SECONDS = 60.0


def look_for_devices() -> list[dict[str, Any]]:
    """Return every device that is there now, as `find_devices` does; takes part of a second.

    Raises:
        DeviceError: PortAudio is not installed, or the system does not answer.
    """
    command = module_command(f"{__package__}.device_search")
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SEARCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeviceError(
            f"The system does not name its sound devices within {SEARCH_SECONDS:g} s."
        ) from None
    line = done.stdout.strip().rpartition(b"\n")[2]
    if not line:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise DeviceError(f"The sound devices cannot be listed: {reason or 'no reason was given'}")
    answer = json.loads(line)
    if isinstance(answer, str):
        raise DeviceError(answer)
    return list(answer)


def main() -> None:
    """Print the devices, or why they cannot be listed, as one line of JSON."""
    from .devices import find_devices

    try:
        answer: list[dict[str, Any]] | str = find_devices()
    except DeviceError as problem:
        answer = str(problem)
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
