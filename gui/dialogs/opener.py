"""Makes the dialogs of the main window when they are first wanted, and shows them."""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from ..state.commands import keys_text
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings
from ..state.slots import Slots
from .about import about_box


@runtime_checkable
class Listing(Protocol):
    """A dialog that lists what may have changed while it was closed."""

    def refresh(self) -> None:
        """List what there is now."""


@runtime_checkable
class Working(Protocol):
    """A dialog that does long work."""

    def may_stop(self) -> bool:
        """Ask whether its work may be stopped; True where there is none."""
        ...

    def stop(self) -> None:
        """Stop its work, if there is some."""


class DialogOpener:
    """Holds the dialogs by name."""

    def __init__(self, window: QWidget, make: Mapping[str, Callable[[], QDialog]]) -> None:
        """Make no dialog yet.

        Args:
            window: the window beside which they open.
            make: name of a dialog -> what makes it.
        """
        self._window, self._make = window, make
        self._made: dict[str, QDialog] = {}

    def dialog(self, name: str) -> QDialog:
        """Return a dialog; make it if it is wanted for the first time."""
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def open(self, name: str) -> None:
        """Show a dialog beside the window, with what there is now."""
        dialog = self.dialog(name)
        self.refresh(name)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_about(self) -> None:
        """Show the versions."""
        box = about_box(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def refresh(self, name: str) -> None:
        """Let a dialog that was made list what there is now."""
        dialog = self._made.get(name)
        if isinstance(dialog, Listing):
            dialog.refresh()

    def may_stop(self) -> bool:
        """Ask whether what the dialogs are doing may be stopped; True where they do nothing."""
        return all(made.may_stop() for made in self._working())

    def stop(self) -> None:
        """Stop what the dialogs are doing."""
        for made in self._working():
            made.stop()

    def _working(self) -> list[Working]:
        return [made for made in self._made.values() if isinstance(made, Working)]

    def show_keys(self) -> None:
        """Show the list of all keys."""
        box = QMessageBox(self._window)
        box.setWindowTitle("Keys")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(keys_text())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def documentation(parent: QWidget) -> QDialog:
    """Load and return the dialog that shows the documents."""
    from .documentation import Documentation

    return Documentation(parent)


def library_browser(
    controller: ParameterController, slots: Slots, settings: WindowSettings, parent: QWidget
) -> QDialog:
    """Load and return the dialog for a library of dreams; see `LibraryBrowser`."""
    from .library import LibraryBrowser

    return LibraryBrowser(controller, slots, settings, parent)
