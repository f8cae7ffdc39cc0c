"""The one line for those who installed Innerear without torch."""

from ...engine.optional import require

NEEDED = ("torch", "onnx", "safetensors", "mido", "nnAudio", "pywt")


def need_torch() -> None:
    """Say how to install torch, where it is missing.

    Raises:
        MissingLibraryError: torch, or what trains and exports networks, is not installed.
    """
    require("this command needs", *NEEDED)
