"""Lines typed on standard input while the program runs."""

import os
import select
import sys
import time


class TypedLines:
    """Waits for lines on standard input; only waits where there is none."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._rest = b""
        self._open = sys.stdin is not None and not sys.stdin.closed

    def wait(self, seconds: float) -> list[str]:
        """Return the lines that were typed, after at most `seconds`; empty ones are left out."""
        if not self._open:
            time.sleep(seconds)
            return []
        try:
            file = sys.stdin.fileno()
            if not select.select([file], [], [], seconds)[0]:
                return []
            got = os.read(file, 65_536)
        except (OSError, ValueError):  # not a file, or a system that cannot wait for one
            got = b""
        self._open = bool(got)
        # What stands behind the last line's end is the start of the next, or all there will be.
        *lines, self._rest = (self._rest + (got or b"\n")).split(b"\n")
        return [line.decode(errors="replace").strip() for line in lines if line.strip()]
