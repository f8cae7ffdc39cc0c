"""Lets a preset be dropped on a widget: a file, or the text of one, as from a library's page."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from ...engine.control.preset_file import parse_preset
from ...engine.control.presets import SUFFIX, Preset, load_preset, name_of

Take = Callable[[Callable[[], Preset], QPointF], object]


class PresetDrop(QObject):
    """Watches a widget; what is no preset goes on to the widgets around it."""

    def __init__(self, widget: QWidget, take: Take) -> None:
        """Accept drops from now on.

        Args:
            widget: on which presets can be dropped; it owns this object.
            take: called with what reads the preset, which may raise an `InnerearError`, and with
                the place in the widget.
        """
        super().__init__(widget)
        self._take = take
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle a drag that carries a preset."""
        kinds = QEvent.Type
        if event.type() not in (kinds.DragEnter, kinds.DragMove, kinds.Drop):
            return False
        assert isinstance(event, QDragMoveEvent | QDropEvent)
        read = dropped_preset(event.mimeData())
        if read is None:
            event.ignore()
            return True
        event.acceptProposedAction()
        if event.type() == kinds.Drop:
            self._take(read, event.position())
        return True


def dropped_preset(data: QMimeData) -> Callable[[], Preset] | None:
    """Return what reads the preset that a drag carries; None where it carries none.

    Args:
        data: of the drag.
    """
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if files:
        is_preset = files[0].suffix.lower() == SUFFIX
        return (lambda: load_preset(files[0])) if is_preset else None
    text = data.text()
    return (lambda: _from_text(text)) if text.lstrip().startswith("{") else None


def _from_text(text: str) -> Preset:
    content = parse_preset(text.encode(), "what was dropped")
    name = name_of(content.title) or "dropped"
    return Preset(name, content.parameters, content.title, content.description, content.tags)
