"""A place for a widget that is made after the window's first paint, or when it is asked for."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

AFTER_PAINT_MS = 60
"""After the window's first paint, and after what begins the sound then."""
Made = TypeVar("Made", bound=QWidget)


class Later(QWidget, Generic[Made]):
    """Keeps the room of a widget that takes long to load, so that the window need not wait."""

    def __init__(self, make: Callable[[], Made], parent: QWidget | None = None) -> None:
        """Make nothing yet.

        Args:
            make: makes the widget.
            parent: of the place.
        """
        super().__init__(parent)
        self._make = make
        self._widget: Made | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @property
    def is_made(self) -> bool:
        """Whether the widget was made."""
        return self._widget is not None

    @property
    def widget(self) -> Made:
        """The widget, made now if it was not before."""
        if self._widget is None:
            self._widget = self._make()
            self._column.addWidget(self._widget)
        return self._widget

    def showEvent(self, event: QShowEvent) -> None:
        """Make the widget soon."""
        super().showEvent(event)
        if not self.is_made:
            QTimer.singleShot(AFTER_PAINT_MS, self, lambda: self.widget)
