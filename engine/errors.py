"""The errors that a user can cause. Each message is one line: what is wrong, and what to do."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 1000
"""Characters of a message; more than anybody reads."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What ends a line, moves a cursor or turns the direction of a text."""


class InnerearError(Exception):
    """The base class of every error that Innerear raises on purpose.

    Its message is one line of at most 1000 characters without control characters, whatever is
    quoted in it: that may come from anybody's file.

    Examples:
        >>> import innerear
        >>> try:
        ...     innerear.ParameterSet(step=9)
        ... except innerear.InnerearError as error:
        ...     print(error)
        step cannot be 9: it takes 0 to 2.
    """

    def __str__(self) -> str:
        """Return the message."""
        line = _CONTROLS.sub(" ", super().__str__())
        if len(line) > _LONGEST:
            line = f"{line[: _LONGEST // 2]} ... {line[5 - _LONGEST // 2 :]}"
        return line

    @property
    def with_title(self) -> str:
        """The message for people who know a parameter by its title and not by its id."""
        return str(self)


class ParameterError(InnerearError):
    """A parameter has a value that it cannot take."""

    def __init__(self, message: str, id: str = "", title: str = "") -> None:
        """Say what is wrong.

        Args:
            message: one line; it begins with the parameter's id, where that is given.
            id, title: of the parameter.
        """
        super().__init__(message)
        self._id, self._title = id, title

    @property
    def with_title(self) -> str:
        """The message for people who know a parameter by its title and not by its id."""
        return self._title + str(self).removeprefix(self._id)


class ModelError(InnerearError):
    """A model pack is missing or damaged, or cannot do what is asked of it."""


class PresetError(InnerearError):
    """A preset cannot be read or applied."""


class DeviceError(InnerearError):
    """An audio or MIDI device cannot be used."""


class AudioFileError(InnerearError):
    """A sound file cannot be read or written."""


class LibraryError(InnerearError):
    """A library of dreams cannot be read, written or asked."""


def nearest(name: str, valid: Iterable[str], count: int = 4) -> str:
    """Return the names that are most like `name`, in words for the end of an error message.

    Args:
        name: what the user wrote.
        valid: the names that are accepted.
        count: how many names to list at most.

    Returns:
        "Did you mean a, b?", or "Valid are a, b, c, ..." where no name is similar.
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
