"""What networks compute on: how many cores of the CPU, or a graphics card that works."""

import io
import os
from contextlib import redirect_stdout
from functools import cache
from typing import Any, Literal, get_args

from ..errors import ParameterError, nearest
from .onnx_runtime import onnx_runtime

Device = Literal["cpu", "cuda"]
"""Where a session runs."""
WantedDevice = Literal["auto", "cpu", "cuda"]
"""What users may ask for."""

CUDA_PROVIDER = "CUDAExecutionProvider"

# y = x, the smallest network: only opening a session shows whether CUDA's libraries load.
_IDENTITY = (
    b'\x08\x07\x12\x00:6\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x00Z\x0f\n\x01x\x12\n\n\x08\x08\x01'
    b"\x12\x04\n\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)


def cores() -> int:
    """Return how many cores this process may use: where the system gives it some, those."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def compute_device(wanted: str) -> Device:
    """Return the device to compute on.

    Args:
        wanted: "cpu", "cuda" for the first NVIDIA graphics card, or "auto": that card where it
            works, else the CPU.

    Raises:
        ParameterError: another word, or CUDA is asked for and does not work here.
    """
    if wanted not in get_args(WantedDevice):
        raise ParameterError(
            f"There is no device {wanted!r}. {nearest(wanted, get_args(WantedDevice))}"
        )
    if wanted == "cpu":
        return "cpu"
    problem = cuda_problem()
    if problem and wanted == "cuda":
        raise ParameterError(f"The device cuda does not work here: {problem}. Use cpu or auto.")
    return "cpu" if problem else "cuda"


@cache
def cuda_problem() -> str:
    """Return why ONNX Runtime cannot use a graphics card here; empty where it can.

    Raises:
        ModelError: ONNX Runtime is broken.
    """
    onnxruntime = onnx_runtime()

    if CUDA_PROVIDER not in onnxruntime.get_available_providers():
        return "this ONNX Runtime is built without it"
    onnxruntime.set_default_logger_severity(4)  # what matters is what comes of it
    with redirect_stdout(io.StringIO()):
        if hasattr(onnxruntime, "preload_dlls"):
            onnxruntime.preload_dlls()  # CUDA's libraries may come from NVIDIA's wheels
    try:
        session = _open_probe(onnxruntime)
    except Exception as error:  # ONNX Runtime's errors have no common base
        return str(error).strip().splitlines()[0].rstrip(".")
    if CUDA_PROVIDER not in session.get_providers():
        return "its libraries (CUDA and cuDNN) do not load"
    return ""


def _open_probe(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    providers = [CUDA_PROVIDER, "CPUExecutionProvider"]
    return onnxruntime.InferenceSession(_IDENTITY, options, providers=providers, enable_fallback=0)
