"""The line over the picture: what is dreamed of, in words, and a menu that chooses it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLineEdit, QMenu, QToolButton, QWidget

from ...engine.targets.grammar import AUTO, ENERGY
from ..controls.elided_label import ElidedLabel
from . import aim

WEIGHTS = (2.0, 1.0, 0.7, 0.5, 0.3, 0.1, -0.5, -1.0)
"""Weights that the menu offers; below 0 is avoided."""
_EXAMPLES = "Classes and units with their weights, such as Brass*0.7 + conv5/12*0.3 + energy*0.5"


class AimBar(QWidget):
    """Says what is dreamed of, and lets it be chosen without a picture."""

    chosen = Signal(dict)
    """The values of parameters that the user chooses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Say nothing yet."""
        super().__init__(parent)
        self._classes: Sequence[str] = ()
        self._target = AUTO
        self.words = ElidedLabel()
        self.words.setAccessibleName("What is dreamed of")
        self.button = QToolButton()
        self.button.setText("Target \N{HORIZONTAL ELLIPSIS}")
        self.button.setToolTip("Choose what is dreamed of, and the weights of a mix")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setMenu(QMenu(self.button))
        self.button.menu().aboutToShow.connect(self._fill)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def show_aim(self, words: str, classes: Sequence[str], target: str) -> None:
        """Say what is dreamed of.

        Args:
            words: for people.
            classes: of the model.
            target: as the parameter has it.
        """
        self._classes, self._target = classes, target
        self.words.setText(f"Dreams of {words}")

    def write(self, target: str) -> None:
        """Choose a target as it is typed."""
        if target.strip():
            self.chosen.emit({"target": target.strip()})

    def _fill(self) -> None:
        """Offer what depends on the sound, and the terms of the present mix with their weights."""
        menu = self.button.menu()
        menu.clear()
        for text, target in (
            ("What is strongest (auto)", AUTO),
            ("All of the layer (energy)", ENERGY),
        ):
            action = menu.addAction(text, partial(self.chosen.emit, {"target": target}))
            action.setCheckable(True)
            action.setChecked(self._target == target)
        menu.addSeparator()
        terms = aim.written_terms(self._classes, self._target)
        names = [term.name for term in terms]
        for term in terms:
            weights = menu.addMenu(f"Weight of {term.name}: {term.weight:g}")
            for weight in WEIGHTS:
                self._offer(weights, f"{weight:g}", term.name, weight)
            if len(terms) > 1:
                weights.addSeparator()
                self._offer(weights, "Take it out of the mix", term.name, 0.0)
        if ENERGY not in names and AUTO not in names:
            mix = {"target": f"{self._target} + {ENERGY}"}
            menu.addAction("Add all of the layer (energy)", partial(self.chosen.emit, mix))
        menu.addSeparator()
        menu.addAction("Write the target \N{HORIZONTAL ELLIPSIS}", self._ask)

    def _offer(self, menu: QMenu, text: str, name: str, weight: float) -> None:
        values = aim.weigh_term(self._classes, self._target, name, weight)
        menu.addAction(text, partial(self.chosen.emit, values))

    def _ask(self) -> None:
        text, given = QInputDialog.getText(
            self, "What is dreamed of", _EXAMPLES, QLineEdit.EchoMode.Normal, self._target
        )
        if given:
            self.write(text)
