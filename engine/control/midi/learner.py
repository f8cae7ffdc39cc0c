"""A parameter or an action that waits for its control to be moved."""

from collections import defaultdict

from ...actions import ACTIONS
from ...parameters import find_parameter
from .controls import Control, ControlKind, ControlReader, Encoding
from .learn import recognise
from .mapping import ButtonMode
from .messages import Message
from .port_names import stable_name

_MOST_LEARNED_MESSAGES = 64


class Learner:
    """Collects the messages of each port until it is clear which control was moved."""

    def __init__(
        self,
        target: str,
        kind: ControlKind | None,
        encoding: Encoding | None,
        button: ButtonMode | None,
        preset: int | None,
        keep: bool,
        until: float,
    ) -> None:
        """Begin to listen, until a time; see `MidiController.learn` for the other arguments."""
        self.target, self.button, self.preset, self.keep = target, button, preset, keep
        self.until = until
        self._kind, self._encoding = kind, encoding
        self._is_button = target in ACTIONS or find_parameter(target).kind == "switch"
        self._heard: dict[str, list[Message]] = defaultdict(list)

    def hear(self, port_name: str, message: Message) -> Control | None:
        """Take a message; return the control that was moved, once that is clear."""
        heard = self._heard[port_name]
        heard.append(message)
        del heard[:-_MOST_LEARNED_MESSAGES]
        control = self._recognised(heard)
        if control is None or (control.kind == "program" and self.target != "preset"):
            return None
        return control.model_copy(update={"port": stable_name(port_name)})

    def _recognised(self, heard: list[Message]) -> Control | None:
        if self._kind is None and self._encoding is None:
            return recognise(heard, self._is_button)
        kind = self._kind or "cc"
        reader = ControlReader()
        for message in heard:
            for reading in reader.read(message):
                if reading.kind == kind and not (kind == "note" and reading.value == 0):
                    return Control(
                        kind=kind,
                        number=reading.number,
                        channel=reading.channel,
                        encoding=self._encoding or "absolute",
                    )
        return None
