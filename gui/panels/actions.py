"""Makes the window's actions from the table of commands: menu entries with their shortcuts."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ..controls.folding_row import FoldingRow
from ..state.commands import COMMANDS


def make_actions(
    window: QWidget, menu: QMenu, run: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """Make an action for each command, give the window its shortcut, and fill the menu.

    Args:
        window: the widget that gets the shortcuts.
        menu: the menu to fill.
        run: what each command does, by its name in `COMMANDS`; a command that is missing here is
            left out.

    Returns:
        the actions by name.
    """
    made: dict[str, QAction] = {}
    menus = {"": menu}
    for name, command in COMMANDS.items():
        if command is None:
            menu.addSeparator()
            continue
        if name not in run:
            continue
        made[name] = action = QAction(command.text, window)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys.split(" or ") if keys])
        action.setCheckable(command.checkable)
        action.triggered.connect(lambda _=False, do=run[name]: do())
        window.addAction(action)
        if command.in_menu:
            if command.under not in menus:
                menus[command.under] = menu.addMenu(command.under)
            menus[command.under].addAction(action)
    return made


def offer_folded(menu: QMenu, row: FoldingRow, actions: Mapping[QWidget, QAction]) -> None:
    """List in a menu, whenever it opens, what is folded away in a row and not in it already.

    Args:
        menu: gets the actions at its top.
        row: may hide the widgets.
        actions: what each widget does.
    """
    added: list[QAction] = []

    def fill() -> None:
        for action in added:
            menu.removeAction(action)
        added.clear()
        first = menu.actions()[0]
        for action in (actions[widget] for widget in row.folded if widget in actions):
            if action not in menu.actions():
                menu.insertAction(first, action)
                added.append(action)
        if added:
            added.append(menu.insertSeparator(first))

    menu.aboutToShow.connect(fill)
