"""The window's colours, fonts and style sheet; all sizes follow the size of the type."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

BACKGROUND = "#0d1017"
PANEL = "#151a23"
RAISED = "#1e2530"
LINE = "#2c3543"
FAINT = "#75839a"
QUIET = "#9fabbd"
TEXT = "#e8ecf3"
ACCENT = "#ffb454"
"""What is chosen, and the value of a knob."""
HARDWARE = "#62d0ff"
"""The position of a hardware knob, and the keyboard focus."""
WARNING = "#ff7a70"
GOOD = "#7fd18b"
RECORDING = "#e0323c"

FONTS = ["Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"]
BASE_PIXELS = 13
STAGE_PIXELS = 21


@dataclass(frozen=True)
class Sizes:
    """Lengths in pixels that follow the size of the type.

    Attributes:
        text: the size of the type.
    """

    text: int = BASE_PIXELS

    @classmethod
    def of(cls, stage: bool, zoom: float) -> "Sizes":
        """Return the sizes in stage mode or outside it, enlarged by a factor."""
        return cls(round((STAGE_PIXELS if stage else BASE_PIXELS) * zoom))

    def em(self, factor: float) -> int:
        """Return a multiple of the type's size."""
        return round(self.text * factor)


def color(name: str, alpha: float = 1.0) -> QColor:
    """Return the colour `name` (#RRGGBB) with an opacity from 0 to 1."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


def font(pixels: float, bold: bool = False) -> QFont:
    """Return the window's font at a size in pixels."""
    made = QFont()
    made.setFamilies(FONTS)
    made.setPixelSize(max(6, round(pixels)))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def pixel_size(widget: QWidget) -> int:
    """Return the size of a widget's type in pixels; the usual one if its font has none."""
    pixels = widget.font().pixelSize()
    return pixels if pixels > 0 else BASE_PIXELS


def apply_theme(application: QApplication, sizes: Sizes) -> None:
    """Set the colours, the font and the style sheet of all windows, unless they are set already."""
    style_sheet = _style_sheet(sizes)
    if application.styleSheet() == style_sheet:  # Qt would go through all widgets again
        return
    with _no_widget_collected():
        # While there is a sheet, Qt goes through all widgets for each of these.
        application.setStyleSheet("")
        application.setStyle("Fusion")
        application.setPalette(_palette())
        application.setFont(font(sizes.text))
        application.setStyleSheet(style_sheet)


@contextmanager
def _no_widget_collected() -> Iterator[None]:
    """Keep Python from deleting widgets that are no longer used while Qt walks through all."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _palette() -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, BACKGROUND),
        (roles.WindowText, TEXT),
        (roles.Base, PANEL),
        (roles.AlternateBase, RAISED),
        (roles.Text, TEXT),
        (roles.Button, RAISED),
        (roles.ButtonText, TEXT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, FAINT),
        (roles.Highlight, ACCENT),
        (roles.HighlightedText, BACKGROUND),
        (roles.BrightText, WARNING),
        (roles.Link, HARDWARE),
    ):
        palette.setColor(role, color(name))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, color(FAINT))
    return palette


def _style_sheet(sizes: Sizes) -> str:
    em = sizes.em
    return f"""
    * {{ font-size: {sizes.text}px; }}
    QMainWindow, QDialog {{ background: {BACKGROUND}; }}
    QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE};
        padding: {em(0.3)}px; }}
    QPushButton, QToolButton {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE};
        border-radius: {em(0.4)}px; padding: {em(0.32)}px {em(0.75)}px; }}
    QPushButton[narrow="true"], QToolButton[narrow="true"] {{ padding: {em(0.32)}px {em(0.5)}px; }}
    QToolButton::menu-indicator {{ image: none; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {FAINT}; background: #262f3c; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {LINE}; }}
    QPushButton:checked, QToolButton:checked {{ background: {ACCENT}; color: {BACKGROUND};
        border-color: {ACCENT}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {FAINT}; background: {PANEL}; }}
    QPushButton:default {{ border-color: {ACCENT}; }}
    QPushButton#panic {{ color: {WARNING}; border-color: {WARNING}; font-weight: 600; }}
    QPushButton#panic:checked {{ background: {WARNING}; color: {BACKGROUND}; }}
    QToolButton#record {{ color: {WARNING}; font-weight: 600; }}
    QToolButton#record:checked {{ background: {RECORDING}; border-color: {RECORDING};
        color: white; }}
    QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox {{ background: {PANEL}; color: {TEXT};
        border: 1px solid {LINE}; border-radius: {em(0.4)}px;
        padding: {em(0.28)}px {em(0.55)}px; selection-background-color: {ACCENT};
        selection-color: {BACKGROUND}; }}
    QComboBox:hover, QLineEdit:hover {{ border-color: {FAINT}; }}
    QComboBox::drop-down {{ border: 0; width: {em(1.3)}px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView, QMenu {{ background: {RAISED}; color: {TEXT};
        border: 1px solid {LINE}; selection-background-color: {ACCENT};
        selection-color: {BACKGROUND}; outline: 0; }}
    QMenu {{ padding: {em(0.3)}px; }}
    QMenu::item {{ padding: {em(0.35)}px {em(1.6)}px {em(0.35)}px {em(1.4)}px;
        border-radius: {em(0.25)}px; }}
    QMenu::item:selected {{ background: {ACCENT}; color: {BACKGROUND}; }}
    QMenu::item:disabled {{ color: {FAINT}; }}
    QMenu::separator {{ height: 1px; background: {LINE}; margin: {em(0.3)}px; }}
    QListView, QTableView, QTreeView, QPlainTextEdit {{ background: {PANEL}; color: {TEXT};
        border: 1px solid {LINE}; border-radius: {em(0.4)}px; outline: 0;
        selection-background-color: {ACCENT}; selection-color: {BACKGROUND}; }}
    QListView::item {{ padding: {em(0.3)}px; }}
    QHeaderView::section {{ background: {PANEL}; color: {QUIET}; border: 0;
        border-bottom: 1px solid {LINE}; padding: {em(0.3)}px {em(0.5)}px; }}
    QProgressBar {{ background: {PANEL}; border: 1px solid {LINE};
        border-radius: {em(0.4)}px; text-align: center; color: {TEXT}; }}
    QProgressBar::chunk {{ background: {ACCENT}; border-radius: {em(0.35)}px; }}
    QScrollBar {{ background: {BACKGROUND}; }}
    QScrollBar:vertical {{ width: {em(0.7)}px; }}
    QScrollBar:horizontal {{ height: {em(0.7)}px; }}
    QScrollBar::handle {{ background: {LINE}; border-radius: {em(0.35)}px;
        min-height: {em(2)}px; min-width: {em(2)}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
    QLabel[quiet="true"] {{ color: {QUIET}; }}
    QLabel[heading="true"] {{ font-size: {em(1.15)}px; font-weight: 600; }}
    QFrame[panel="true"] {{ background: {PANEL}; border-radius: {em(0.6)}px; }}
    QFrame#notice {{ background: {RAISED}; border: 1px solid {ACCENT};
        border-radius: {em(0.45)}px; }}
    QFrame#notice[alarm="true"] {{ background: {WARNING}; border-color: {WARNING}; }}
    QFrame#notice[alarm="true"] > QLabel {{ color: {BACKGROUND}; font-size: {em(1.3)}px;
        font-weight: 600; }}
    QFileDialog QToolButton {{ background: {QUIET}; padding: {em(0.15)}px; }}
    QSplitter::handle {{ background: {BACKGROUND}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus, QListView:focus,
    QTableView:focus, QTreeView:focus, QPlainTextEdit:focus, QSpinBox:focus,
    QDoubleSpinBox:focus, QPushButton#panic:focus, QToolButton#record:focus, QSlider:focus,
    QCheckBox:focus, QRadioButton:focus {{ border: 1px solid {HARDWARE}; }}
    QPushButton:focus, QToolButton:focus {{ border-bottom-width: 2px;
        padding-bottom: {em(0.32) - 1}px; }}
    QFileDialog QToolButton:focus {{ padding-bottom: {em(0.15) - 1}px; }}
    """
