"""ONNX Runtime, or one line that says how to mend its installation."""

import importlib
from importlib.metadata import distributions
from typing import Any

from ..errors import ModelError

BUILDS = "onnxruntime"
"""How the names of all packages begin that install the module of this name."""
_NEEDED = ("InferenceSession", "SessionOptions", "OrtValue", "get_available_providers")


def onnx_runtime() -> Any:
    """Return the module `onnxruntime`.

    Several packages install it. Where one was installed over another, or removed beside it, what is
    left may be an empty folder, or the libraries of another version.

    Raises:
        ModelError: it is not installed, or broken; says which packages to reinstall.
    """
    try:
        module = importlib.import_module("onnxruntime")
    except Exception as problem:  # a broken library fails in its own ways
        raise ModelError(_how_to_mend(f"{type(problem).__name__}: {problem}")) from problem
    missing = [name for name in _NEEDED if not hasattr(module, name)]
    if missing:
        raise ModelError(_how_to_mend(f"it has no {missing[0]}"))
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
