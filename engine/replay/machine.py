"""What decides how numbers are rounded on this machine."""

import platform

import numpy as np

from ..kernel.binding import KERNEL


def this_machine() -> str:
    """Return the processor, the system, the library versions and the kernel, in words.

    Where they are the same, a replay has the same bits as the performance.
    """
    parts = (
        platform.processor() or platform.machine(),
        platform.system(),
        f"Python {platform.python_version()}",
        f"numpy {np.__version__}",
        f"kernel {KERNEL}",
    )
    return " ".join(parts)
