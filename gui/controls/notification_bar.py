"""A bar across the window with a message and buttons that act on it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

_LEAST_WORDS = 40
"""Letters of a line of text beside buttons."""
_MARGIN = 20
Actions = Mapping[str, Callable[[], object]]
"""Label of a button -> what it does."""


class Notice(QFrame):
    """One message with its buttons; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setAccessibleName("Notification")
        self.buttons: list[QPushButton] = []
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(12, 5, 6, 5)
        self._row.addWidget(self.text, 1)
        self._actions = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addLayout(self._actions)
        self.hide()

    def show_notice(self, text: str, actions: Actions, alarm: bool) -> None:
        """Show a message in place of the last one; large and red for an alarm."""
        self.clear()
        self.setProperty("alarm", alarm)
        for widget in (self, self.text):  # Qt looks at properties only when it is told to
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.text.setText(text)
        for label, action in actions.items():
            button = QPushButton(label)
            button.clicked.connect(lambda _=False, action=action: action())
            self._actions.addWidget(button)
            self.buttons.append(button)
        self._turn()
        self.show()

    def clear(self) -> None:
        """Hide it."""
        self.hide()
        for button in self.buttons:
            self._actions.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons.clear()

    def minimumSizeHint(self) -> QSize:
        """Return the size of the widest button: text and buttons can be below one another."""
        width = max((button.sizeHint().width() for button in self.buttons), default=0)
        return QSize(width + _MARGIN, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the text, and below one another, where they have no room."""
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        spacing = self._actions.spacing()
        buttons = sum(button.sizeHint().width() + spacing for button in self.buttons) + _MARGIN
        text = _LEAST_WORDS * self.text.fontMetrics().horizontalAdvance("x")
        self._row.setDirection(across if text + buttons <= self.width() else down)
        self._actions.setDirection(across if buttons <= self.width() else down)


class NotificationBar(QWidget):
    """Shows what is wrong or asked for until that is over, and below it what has just happened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.standing, self.passing = Notice(), Notice()
        self._shown: tuple[str, str] = "", ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.standing)
        column.addWidget(self.passing)
        self.hide()

    def stand(self, kind: str, text: str, actions: Actions, alarm: bool = False) -> None:
        """Show a message until it is withdrawn; its buttons take nothing away.

        Args:
            kind: a word by which it is withdrawn; another kind takes its place.
            text: the message.
            actions: the buttons.
            alarm: whether it is large and red.
        """
        if self._shown == (kind, text):
            return
        self._shown = kind, text
        self.standing.show_notice(text, actions, alarm)
        self._fit()

    def withdraw(self, *kinds: str) -> None:
        """Take a standing message of these kinds away, if one is shown."""
        if self._shown[0] in kinds:
            self._shown = "", ""
            self.standing.clear()
            self._fit()

    def notify(self, text: str, actions: Actions, alarm: bool = False) -> None:
        """Show a message that every button closes, in place of the last such one.

        Args:
            text: the message.
            actions: the buttons; there is one more that does nothing.
            alarm: whether it is large and red.
        """

        def closing(action: Callable[[], object]) -> Callable[[], object]:
            def act() -> None:
                self.dismiss()
                action()

            return act

        buttons = {label: closing(action) for label, action in actions.items()}
        self.passing.show_notice(text, {**buttons, "Close": self.dismiss}, alarm)
        self._fit()

    def dismiss(self) -> None:
        """Close what `notify` has shown."""
        self.passing.clear()
        self._fit()

    def _fit(self) -> None:
        """Be there while there is something to show."""
        self.setVisible(not (self.standing.isHidden() and self.passing.isHidden()))
