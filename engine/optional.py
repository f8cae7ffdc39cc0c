"""Libraries that not every installation has, and the extra of the package that brings each."""

from importlib.util import find_spec

from .errors import InnerearError

EXTRAS = {
    "typer": "cli",
    "rich": "cli",
    "matplotlib": "plots",
    "PySide6": "gui",
    "torch": "torch",
    "onnx": "torch",
    "safetensors": "torch",
    "mido": "torch",
    "nnAudio": "torch",
    "pywt": "torch",
    "link": "sync",
    "zeroconf": "sync",
    "neutone_sdk": "neutone",
    "distributed": "library",
    "duckdb": "library",
    "fsspec": "library",
    "pyarrow": "library",
    "starlette": "library",
    "uvicorn": "library",
}
"""Module to import -> extra to install."""


class MissingLibraryError(InnerearError):
    """A library is needed that the base installation leaves out."""


def require(who_needs: str, *libraries: str) -> None:
    """Raise where a library is not installed; import nothing.

    Args:
        who_needs: the beginning of the message, such as "figures need".
        libraries: names of modules, all of one extra in `EXTRAS`.

    Raises:
        MissingLibraryError: says which are missing, and how to install them.
    """
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        them = "it" if len(missing) == 1 else "them"
        raise MissingLibraryError(
            f"{who_needs} {', '.join(missing)}; install {them} with:"
            f" pip install 'innerear[{EXTRAS[missing[0]]}]'"
        )
