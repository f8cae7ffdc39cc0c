"""A row of controls that folds the less important ones away."""

from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from innerear.gui.controls.folding_row import FoldingRow


def test_a_row_folds_in_order_and_unfolds_again(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row = FoldingRow(window)
    buttons = [QPushButton(text) for text in ("One", "Two", "Three", "Four")]
    one, two, three, four = buttons
    row.add_group(one, two)
    row.add_group(three, four)
    row.fold_in_order(((three,), (one, two)))
    window.show()
    row.resize(2000, 50)
    whole = row.sizeHint().width()
    row.resize(whole, 50)
    assert row.folded == []
    row.resize(whole - 1, 50)
    assert row.folded == [three]
    row.resize(row.minimumSizeHint().width(), 50)
    QApplication.processEvents()
    assert row.folded == [three, one, two]
    assert [button.isVisible() for button in buttons] == [False, False, False, True]
    assert row.rect().contains(four.geometry())
    row.resize(whole, 50)
    assert all(button.isVisible() for button in buttons)
    row.leave_out((four,))
    assert row.folded == []
    assert not four.isVisible()
    four.setText("A longer text, which makes the hidden button wider")
    assert row.folded == []
