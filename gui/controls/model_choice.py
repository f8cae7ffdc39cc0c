"""The drop-down list of models, with their titles and what they are."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ...engine.packs.pack import available_packs
from ...engine.parameter import Parameter, Value
from ..state.model_descriptions import describe_model
from .choice import Choice
from .described_items import LINE_ROLE, TITLE_ROLE, DescribedItems


class ModelChoice(Choice):
    """Shows the name of the model while closed, and titles and descriptions while open."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        """List the models that are installed.

        Args:
            parameter: `model`.
            parent: the widget that holds it.
        """
        super().__init__(parameter, tuple(available_packs()), parent)
        self.setItemDelegate(DescribedItems(self))
        self.setMaxVisibleItems(12)

    def offer(self, options: Sequence[Value]) -> None:
        """List other models."""
        super().offer(options)
        self._describe()

    def show_value(self, value: Value) -> None:
        """Show a model, also one that is not in the list; emit nothing."""
        known = self.count()
        super().show_value(value)
        if self.count() > known:
            self._describe()
        title, line = (self.currentData(role) for role in (TITLE_ROLE, LINE_ROLE))
        self.setToolTip(f"<b>{self.parameter.title}</b><br>{title}<br>{line}")

    def showPopup(self) -> None:
        """Open the list, wide enough for the descriptions."""
        view = self.view()
        widest = max(view.sizeHintForColumn(0), self.width())
        view.setMinimumWidth(min(widest + 24, self.screen().availableGeometry().width()))
        super().showPopup()

    def _describe(self) -> None:
        packs = available_packs()
        for row in range(self.count()):
            words = describe_model(str(self.itemData(row)), packs)
            self.setItemData(row, words.title, TITLE_ROLE)
            self.setItemData(row, words.line, LINE_ROLE)
            self.setItemData(
                row, f"{words.title}: {words.line}", Qt.ItemDataRole.AccessibleDescriptionRole
            )
