"""A question before something is lost."""

from PySide6.QtWidgets import QMessageBox, QWidget


def agrees(parent: QWidget, title: str, question: str) -> bool:
    """Ask a question, and return whether the answer is yes; Enter and Escape mean no."""
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.question(parent, title, question, buttons.Yes | buttons.No, buttons.No)
    return answer == buttons.Yes
