"""The newest MIDI messages and what each of them turned, for people who look for a fault."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ...parameters import PARAMETERS
from .messages import Message

KEPT = 200
"""The number of messages that are kept."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message.

    Attributes:
        count: its number, from 1.
        port: name of the port that it came from.
        message: itself.
        targets: parameters and actions that it turned.
    """

    count: int
    port: str
    message: Message
    targets: tuple[str, ...]

    def __str__(self) -> str:
        """Return it in one line."""
        titles = [
            PARAMETERS[target].title if target in PARAMETERS else target.replace("-", " ")
            for target in self.targets
        ]
        turned = f" \N{RIGHTWARDS ARROW} {', '.join(titles)}" if titles else ""
        return f"{self.port}: {self.message}{turned}"


class Monitor:
    """Keeps the newest messages. One thread adds them, any other may read them."""

    def __init__(self) -> None:
        """Begin without messages."""
        self._heard: deque[Heard] = deque(maxlen=KEPT)
        self.count = 0
        """How many messages there were; a clock's pulses are not counted."""

    def add(self, port: str, message: Message, targets: Iterable[str] = ()) -> None:
        """Keep a message, and what it turned."""
        self._heard.append(Heard(self.count + 1, port, message, tuple(targets)))
        self.count += 1

    def after(self, count: int) -> list[Heard]:
        """Return the messages that came after the one of this number, as far as they are kept."""
        return [heard for heard in self._heard.copy() if heard.count > count]
