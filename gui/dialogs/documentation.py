"""The dialog that shows the documents that come with Innerear."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QShowEvent, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
"""They are part of the package."""
FIRST = "gui.md"
_PAGES = {
    "The window": FIRST,
    "Knobs": "knobs.md",
    "Playing live": "playing-live.md",
    "Presets": "presets.md",
    "MIDI": "midi.md",
    "Words": "glossary.md",
}


class Page(QTextBrowser):
    """A document whose pictures are no wider than it is."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return what a document needs; a picture as wide as there is room."""
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return found
        picture = found if isinstance(found, QImage) else QImage.fromData(found)
        room = self.viewport().width() - 2 * round(self.document().documentMargin())
        if picture.isNull() or picture.width() <= room:
            return picture
        return picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)


class Documentation(QDialog):
    """Shows documents and follows the links between them; others open in the browser."""

    def __init__(self, parent: QWidget | None = None, folder: Path = DOCUMENTS) -> None:
        """Show the document about the window.

        Args:
            parent: the window.
            folder: with the documents.
        """
        super().__init__(parent)
        self.setWindowTitle("Help")
        self._folder = folder
        self.page = Page()
        self.page.setAccessibleName("Document")
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self.follow)
        row = QHBoxLayout()
        self.buttons = {title: QPushButton(title) for title in _PAGES}
        for title, button in self.buttons.items():
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, file=_PAGES[title]: self.show_page(file))
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.page, 1)
        em = self.fontMetrics().height()
        self.resize(em * 46, em * 36)
        self.show_page(FIRST)

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the pictures to the page, which has its size now."""
        super().showEvent(event)
        self.page.reload()

    def show_page(self, file: str) -> None:
        """Show one of the documents."""
        self.follow(QUrl.fromLocalFile(str(self._folder / file)))

    def follow(self, link: QUrl) -> None:
        """Show a document, or open what is none with the program that the system has for it."""
        target = self.page.source().resolved(link)
        if target.isLocalFile() and Path(target.toLocalFile()).suffix == ".md":
            self.page.setSource(target)
        else:
            QDesktopServices.openUrl(target)
