"""A button of a dialog that Enter, pressed in a field, leaves alone."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton


def dialog_button(text: str, do: Callable[[], object]) -> QPushButton:
    """Return a button that does something when it is clicked, and is never the default one."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(do)
    return button
