"""What a button, a key or a message can do besides turning a parameter."""

ACTIONS = (
    "panic",
    "mute",
    "dim",
    "clear",
    "tap",
    "bypass",
    "freeze",
    "record",
    "preset",
    "next-preset",
    "previous-preset",
    "transport-start",
    "transport-stop",
)
"""Their names; `preset` takes a number, from 1; the others nothing."""
