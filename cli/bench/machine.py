"""What the numbers of a benchmark depend on."""

import os
import platform
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ...engine.kernel.binding import KERNEL


def machine() -> dict[str, str | int | None]:
    """Return what the numbers depend on."""
    import onnxruntime

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor_name() or platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "callback": KERNEL,
        "torch": version("torch") if find_spec("torch") else None,
    }


def _processor_name() -> str:
    """Return the processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
