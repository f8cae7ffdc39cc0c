"""The newest messages of an audio server, numbered so that clients show each once."""

import threading
from collections import deque
from collections.abc import Iterable

from .live_status import Message

MESSAGES_KEPT = 20


class MessageLog:
    """Keeps what happened; any thread may add to it."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        """Go on from the messages of a server that ran before."""
        self._messages = deque(messages, maxlen=MESSAGES_KEPT)
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Add a message, in one line."""
        with self._lock:
            self._messages.append(next_message(self._messages, text))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The newest messages, oldest first."""
        with self._lock:
            return tuple(self._messages)


def next_message(messages: Iterable[Message], text: str) -> Message:
    """Return a message that follows `messages`."""
    return Message(max((message.number for message in messages), default=0) + 1, text)
