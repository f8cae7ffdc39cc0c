"""Shows unexpected errors as reports that the user can copy; window and sound go on."""

import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from .._version import VERSION
from .controls.wrapped_label import WrappedLabel

MOST_REPORTS = 20
"""Later errors are only printed: code that fails at each frame would fill the dialog."""


def report_of(
    kind: type[BaseException], problem: BaseException, trace: TracebackType | None
) -> str:
    """Return versions, platform and traceback of an error, which are what `sys.excepthook` gets."""
    from PySide6 import __version__ as qt_version

    head = (
        f"Innerear {VERSION}, Python {platform.python_version()}, PySide6 {qt_version},"
        f" {platform.platform()}"
    )
    return head + "\n\n" + "".join(traceback.format_exception(kind, problem, trace))


class ReportDialog(QDialog):
    """Shows reports, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show no report yet."""
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        words = WrappedLabel(
            "<b>Something went wrong in the window.</b> The sound goes on, and so can you."
            " If you report this, add the text below."
        )
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Report")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)
        self.resize(720, 420)

    def add(self, report: str) -> None:
        """Show one more report."""
        self.text.appendPlainText(report)
        self.show()
        self.raise_()


class CrashReports(QObject):
    """Catches the uncaught exceptions of all threads, and shows them as reports."""

    _caught = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        """Catch nothing until `install`.

        Args:
            parent: the window over which reports are shown.
        """
        super().__init__(parent)
        self._count = 0
        self.dialog = ReportDialog(parent)
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._before = sys.excepthook, threading.excepthook

    def install(self) -> None:
        """Replace Python's exception hooks."""
        sys.excepthook = self.catch
        threading.excepthook = lambda args: self.catch(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def remove(self) -> None:
        """Restore Python's exception hooks."""
        sys.excepthook, threading.excepthook = self._before

    def catch(
        self, kind: type[BaseException], problem: BaseException, trace: TracebackType | None
    ) -> None:
        """Print an error and show it; for the arguments see `sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        report = report_of(kind, problem, trace)
        print(report, file=sys.stderr)
        self._count += 1
        if self._count <= MOST_REPORTS:
            self._caught.emit(report)

    def _show(self, report: str) -> None:
        self.dialog.add(report)
