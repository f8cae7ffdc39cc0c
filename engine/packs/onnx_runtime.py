"""ONNX Runtime, or one line that says how to mend its installation."""

import importlib
import os
from importlib.metadata import distributions
from typing import Any

from ..errors import ModelError

BUILDS = "onnxruntime"
"""How the names of all packages begin that install the module of this name."""
NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""1 keeps ONNX Runtime from sending to its makers what it is used for, and from keeping an identity
in the user's folders; other systems than Windows know it, from 1.29 on."""
_NEEDED = (
    "InferenceSession",
    "SessionOptions",
    "OrtValue",
    "get_available_providers",
    "disable_telemetry_events",
)


def onnx_runtime() -> Any:
    """Return the module `onnxruntime`, which sends nothing anywhere unless the user has said so.

    Several packages install it. Where one was installed over another, or removed beside it, what is
    left may be an empty folder, or the libraries of another version.

    Raises:
        ModelError: it is not installed, or broken; says which packages to reinstall.
    """
    os.environ.setdefault(NO_TELEMETRY, "1")  # for child processes, too
    try:
        module = importlib.import_module("onnxruntime")
    except Exception as problem:  # a broken library fails in its own ways
        raise ModelError(_how_to_mend(f"{type(problem).__name__}: {problem}")) from problem
    missing = [name for name in _NEEDED if not hasattr(module, name)]
    if missing:
        raise ModelError(_how_to_mend(f"it has no {missing[0]}"))
    if os.environ[NO_TELEMETRY] == "1":
        module.disable_telemetry_events()  # for Windows
    return module


def _how_to_mend(reason: str) -> str:
    installed = sorted(
        {
            name
            for found in distributions()
            if (name := found.metadata["Name"] or "").lower().startswith(BUILDS)
        }
    )
    keep = next((name for name in installed if "gpu" in name.lower()), BUILDS)
    remove = f"pip uninstall -y {' '.join(installed)} && " if installed else ""
    said = " ".join(reason.split())
    return (
        f"ONNX Runtime does not work here ({said}); install it anew: {remove}pip install"
        f" --force-reinstall {keep}"
    )
