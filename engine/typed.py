"""What a user types as a value, in the window or behind a flag."""

from .parameter import MINUS, Parameter

NUMBERS = ("number", "duration")


def plain_text(parameter: Parameter, typed: str) -> str:
    """Return a typed value as `Parameter.check` reads it.

    Args:
        parameter: whose value it is.
        typed: with or without the unit; a number may have a decimal comma, and a real minus sign.
    """
    text = typed.strip()
    if parameter.kind not in NUMBERS:
        return text
    unit = parameter.unit
    if unit and text.lower().endswith(unit.lower()):
        text = text[: -len(unit)].strip() or text
    return text.replace(MINUS, "-").replace(",", ".")
