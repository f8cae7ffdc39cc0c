"""What the numbers of a benchmark depend on."""

import platform
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ...engine.cores import cores


def machine() -> dict[str, str | int | None]:
    """Return what the numbers depend on."""
    from ...engine.kernel.binding import KERNEL
    from ...engine.packs.onnx_runtime import onnx_runtime

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor_name() or platform.processor(),
        "cores": cores(),
        "python": platform.python_version(),
        "onnxruntime": onnx_runtime().__version__,
        "callback": KERNEL,
        "torch": version("torch") if find_spec("torch") else None,
    }


def card(device: str) -> str | None:
    """Return the name and driver of a graphics card, where NVIDIA's own tool tells them.

    Args:
        device: "cuda" for the first, "cuda:1" for the second.
    """
    from ...engine.packs.onnx_device import card_number

    number = card_number(device)
    tool = shutil.which("nvidia-smi")
    if number is None or tool is None:
        return None
    asked = [tool, "--query-gpu=name,driver_version", "--format=csv,noheader", f"--id={number}"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def _processor_name() -> str:
    """Return the processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
