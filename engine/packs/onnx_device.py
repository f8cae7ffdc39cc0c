"""What networks compute on: the CPU, or a graphics card that works."""

import ctypes
import io
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ParameterError
from .onnx_runtime import onnx_runtime

Device = str
"""Where a session runs: "cpu", "cuda" for the first NVIDIA graphics card, "cuda:1" for the second.

Users may ask for "auto" as well: the first card where it works, else the CPU.
"""

CUDA_PROVIDER, CPU_PROVIDER = "CUDAExecutionProvider", "CPUExecutionProvider"
CUDA_OPTIONS = {
    # The matrix units' short floats (TF32) would change a gradient by up to 3 %, and win nothing.
    "use_tf32": "0",
    # Trying every algorithm of cuDNN takes seconds for each new size of a batch.
    "cudnn_conv_algo_search": "HEURISTIC",
}
"""What ONNX Runtime is told besides the number of the card; see docs/performance.md."""
_CARD = re.compile(r"cuda(?::(\d{1,3}))?")

# y = Conv(x, 1): only a convolution shows whether CUDA's libraries and cuDNN load and fit the card.
_CONVOLUTION = (
    b'\x08\x07:Y\n\x0f\n\x01x\n\x01w\x12\x01y"\x04Conv\x12\x01g*\x11\x08\x01\x08\x01\x08\x01\x10'
    b"\x01B\x01wJ\x04\x00\x00\x80?Z\x17\n\x01x\x12\x12\n\x10\x08\x01\x12\x0c\n\x02\x08\x01\n\x02"
    b"\x08\x01\n\x02\x08\x01b\x17\n\x01y\x12\x12\n\x10\x08\x01\x12\x0c\n\x02\x08\x01\n\x02\x08\x01"
    b"\n\x02\x08\x01B\x04\n\x00\x10\r"
)


def card_number(device: str) -> int | None:
    """Return the number of the graphics card that a device stands for, from 0; None for the CPU.

    Raises:
        ParameterError: another word; "auto", which names no device, too.
    """
    found = _CARD.fullmatch(device)
    if found:
        return int(found[1] or 0)
    if device == "cpu":
        return None
    raise ParameterError(
        f"There is no device {device!r}: choose auto, cpu, cuda, or cuda:1 for a second card."
    )


def compute_device(wanted: str) -> Device:
    """Return the device to compute on.

    Args:
        wanted: "cpu"; "cuda" for the first NVIDIA graphics card, "cuda:1" for the second; or
            "auto": the first card where it works, else the CPU.

    Raises:
        ParameterError: another word, or CUDA is asked for and does not work here.
    """
    if wanted == "auto":
        return "cpu" if cuda_problem(0) else "cuda"
    card = card_number(wanted)
    if card is None:
        return "cpu"
    problem = cuda_problem(card)
    if problem:
        raise ParameterError(f"The device {wanted} does not work here: {problem}. Use cpu or auto.")
    return f"cuda:{card}" if card else "cuda"


def providers(device: Device, options: Mapping[str, str] | None = None) -> list[Any]:
    """Return what ONNX Runtime is told to compute on.

    Args:
        device: see `Device`.
        options: of CUDA, over `CUDA_OPTIONS`.
    """
    card = card_number(device)
    if card is None:
        return [CPU_PROVIDER]
    return [
        (CUDA_PROVIDER, {"device_id": str(card), **CUDA_OPTIONS, **(options or {})}),
        CPU_PROVIDER,
    ]


@cache
def cuda_problem(card: int = 0) -> str:
    """Return why ONNX Runtime cannot use a graphics card here; empty where it can.

    Args:
        card: its number, from 0.

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
        session = _open_probe(onnxruntime, card)
        if CUDA_PROVIDER not in session.get_providers():
            return _library_problem(onnxruntime)
        session.run(None, {"x": np.zeros((1, 1, 1), np.float32)})
    except Exception as error:  # ONNX Runtime's errors have no common base
        return problem_of(error)
    return ""


_ONE_CARD = "there is one graphics card, whose number is 0"
_CARDS = re.compile(r"must be between 0 \(inclusive\) and (\d+) \(exclusive\)")
_FAILURE = re.compile(r"(?:CUDA|CUDNN|CUBLAS|CUFFT)\S* failure \S+ ([^;]+)")
_MEMORY = re.compile(
    r"out of memory|failed to allocate|allocation failed|ALLOC_FAILED|bad_alloc", re.I
)


def problem_of(error: Exception) -> str:
    """Return what an error of ONNX Runtime says, in a few words without a full stop."""
    text = " ".join(str(error).split())
    if found := _CARDS.search(text):
        count = int(found[1])
        return f"there are {count} graphics cards, numbered from 0" if count > 1 else _ONE_CARD
    if _MEMORY.search(text):
        return "there is not enough memory"
    if found := _FAILURE.search(text):
        text = found[1]
    elif text.startswith("[ONNXRuntimeError]"):
        text = text.split(" : ", 3)[-1]
    return text.strip().rstrip(".") or type(error).__name__


def _open_probe(onnxruntime: Any, card: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        _CONVOLUTION, options, providers=providers(f"cuda:{card}"), enable_fallback=0
    )


def _library_problem(onnxruntime: Any) -> str:
    """Return which library is missing, where the system says so."""
    if sys.platform == "linux":
        folder = Path(onnxruntime.__file__).parent / "capi"
        try:
            ctypes.CDLL(str(folder / "libonnxruntime_providers_cuda.so"))
        except OSError as error:
            found = re.match(r"([^\s/]+): cannot open shared object", str(error))
            if found and found[1].startswith("libcuda.so"):
                return f"{found[1]} is missing, which comes with NVIDIA's driver"
            if found:
                return (
                    f"{found[1]} is missing; pip install 'onnxruntime-gpu[cuda,cudnn]' brings CUDA"
                    " and cuDNN"
                )
    return "its libraries (CUDA and cuDNN) do not load"
