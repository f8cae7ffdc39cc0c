"""One unit in detail: its name, its spectrum, and a button to hear it."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..controls.elided_label import ElidedLabel
from ..controls.later import Later
from ..controls.steady import SteadyButton
from .picture import Picture

if TYPE_CHECKING:
    from ..views.unit_spectrum import UnitSpectrum


class Inspector(QWidget):
    """Shows the unit under the mouse, or the unit that was chosen last."""

    heard = Signal()
    """The user wants to hear the unit, or to stop its sound."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show no unit yet."""
        super().__init__(parent)
        self._unit: tuple[str, int] | None = None
        self._title, self._pitch = ElidedLabel(), ElidedLabel()
        self._title.setText("Point at a unit")
        self._pitch.setProperty("quiet", True)
        self._spectrum = Later(_make_spectrum)
        self.button = SteadyButton("Hear", "Searching …")
        self.button.setProperty("narrow", True)
        self.button.setToolTip("Play the sound that excites this unit most (double-click it)")
        self.button.setEnabled(False)
        self.button.clicked.connect(self.heard)
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._pitch)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._spectrum, 1)

    @property
    def unit(self) -> tuple[str, int] | None:
        """The unit that is shown."""
        return self._unit

    def show_unit(self, picture: Picture, layer: str, unit: int) -> None:
        """Show a unit of a network."""
        self._unit = layer, unit
        self._title.setText(picture.label(layer, unit))
        pitch = picture.pitch(layer, unit)
        self._pitch.setText(f"{layer}/{unit}" + (f" \N{MIDDLE DOT} {pitch}" if pitch else ""))
        magnitudes = picture.templates.get(layer)
        spectrum = magnitudes[unit] if magnitudes is not None else np.zeros(2, np.float32)
        self._spectrum.widget.show_spectrum(spectrum, picture.sample_rate / 2)
        self.button.setEnabled(True)

    def show_hearing(self, state: Literal["silent", "searching", "playing"]) -> None:
        """Show whether the sound of a unit is searched for, or is heard and can be stopped."""
        text = {"silent": "Hear", "searching": "Searching …", "playing": "Stop"}[state]
        self.button.setText(text)
        self.button.setEnabled(state != "searching" and self._unit is not None)

    def show_picture(self, shown: bool) -> None:
        """Show the spectrum, or leave its room to others."""
        self._spectrum.setVisible(shown)


def _make_spectrum() -> "UnitSpectrum":
    from ..views.unit_spectrum import UnitSpectrum

    return UnitSpectrum()
