"""The errors a user can cause, each with one line that says what is wrong and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class InnerearError(Exception):
    """Root of every error that Innerear raises on purpose."""


class ParameterError(InnerearError):
    """A parameter has a value that it cannot take."""


class ModelError(InnerearError):
    """A model pack is missing, damaged, or does not fit what is asked of it."""


class PresetError(InnerearError):
    """A preset cannot be read or applied."""


class DeviceError(InnerearError):
    """An audio or MIDI device cannot be used."""


class AudioFileError(InnerearError):
    """A sound file cannot be read or written."""


def nearest(name: str, valid: Iterable[str], count: int = 4) -> str:
    """Return the names most like `name`, for the end of an error message.

    Args:
        name: what the user wrote.
        valid: the names that would have been accepted.
        count: how many to list.

    Returns:
        "Did you mean a, b?" or, where nothing is alike, "Valid are a, b, c, ...".
    """
    names = list(valid)
    by_lower = {candidate.lower(): candidate for candidate in names}
    lower = name.lower()
    alike = [candidate for candidate in by_lower if lower in candidate] if lower else []
    alike += [
        match for match in get_close_matches(lower, by_lower, count, 0.5) if match not in alike
    ]
    if alike:
        return "Did you mean " + ", ".join(by_lower[match] for match in alike[:count]) + "?"
    shown = ", ".join(names[:12])
    return f"Valid are {shown}" + (", ..." if len(names) > 12 else ".")
