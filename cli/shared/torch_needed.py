"""The one line for those who installed Innerear without torch."""

from importlib.util import find_spec

from ...engine.errors import InnerearError

NEEDED = ("torch", "onnx", "safetensors", "mido", "nnAudio", "pywt")


def need_torch() -> None:
    """Say how to get torch, where it is missing.

    Raises:
        InnerearError: torch, or what trains and exports networks, is not installed.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InnerearError(
            f"This needs {' and '.join(missing)}, which the base installation leaves out; install"
            " with: pip install 'innerear[torch]'"
        )
