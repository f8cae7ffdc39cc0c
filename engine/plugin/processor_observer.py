"""What a processor calls when it takes the values of its parameters."""

from typing import Protocol

from ..parameter_values import Values


class ProcessorObserver(Protocol):
    """Is called with the values that a processor takes, before it uses them."""

    def prepared(self, values: Values, block_size: int | None) -> None:
        """`Processor.prepare` took `values`; its own `reset` follows, on the same thread."""

    def reset(self, values: Values) -> None:
        """`Processor.reset` took `values`."""

    def block(self, values: Values) -> None:
        """`Processor.process` took `values` for its block, on the audio thread: never wait."""
