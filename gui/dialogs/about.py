"""The dialog that says which versions these are."""

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QMessageBox, QWidget

from ..._version import VERSION
from ...engine.errors import ModelError
from ...engine.packs.onnx_runtime import onnx_runtime


def versions() -> dict[str, str]:
    """Return the versions that a report of a fault needs, by what they are of."""
    return {
        "Innerear": VERSION,
        "Python": platform.python_version(),
        "Qt": qVersion() or "unknown",
        "ONNX Runtime": _onnx_version(),
        "PortAudio's binding": _package_version("sounddevice"),
        "System": platform.platform(terse=True),
    }


def about_box(parent: QWidget) -> QMessageBox:
    """Return the dialog; its text can be copied."""
    rows = "".join(
        f"<tr><td><b>{what}</b>&nbsp;&nbsp;</td><td>{which}</td></tr>"
        for what, which in versions().items()
    )
    box = QMessageBox(parent)
    box.setWindowTitle("About Innerear")
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(
        "A neural network listens, and what it hears is fed back into the sound.<br><br>"
        f"<table>{rows}</table>"
    )
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return box


def _onnx_version() -> str:
    try:
        return str(getattr(onnx_runtime(), "__version__", "unknown"))
    except ModelError as problem:
        return str(problem)


def _package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
