"""Writes the C++ header from which the plug-in's shell knows the parameters.

python -m innerear.plugin.header OUTPUT_FOLDER
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .._version import VERSION
from ..engine.files import write_text
from ..engine.parameter import Parameter
from ..engine.parameters import AUTOMATABLE

NAME = "InnerearParameters.h"
"""The header's file name."""

_START = """\
// Generated from engine/parameters.py; changes are lost.
#pragma once

namespace innerear {

enum class Kind { number, toggle, choice };

struct Parameter {
    const char* id;
    const char* name;
    const char* unit;
    float minimum, maximum, initial;
    Kind kind;
    const char* const* choices;  // null unless kind is choice; a value is an index into them
    int count;                   // of the choices
};
"""


def header() -> str:
    """Return the header: every automatable parameter, and the version of Innerear."""
    return "\n".join(_lines(AUTOMATABLE))


def write_header(folder: Path) -> Path:
    """Write the header into a folder; return its path.

    Raises:
        InnerearError: the folder is missing or cannot be written.
    """
    path = folder / NAME
    write_text(path, header())
    return path


def _lines(parameters: Sequence[Parameter]) -> Iterator[str]:
    yield _START
    for parameter in parameters:
        if parameter.choices:
            words = ", ".join(_text(str(choice)) for choice in parameter.choices)
            yield f"constexpr const char* const {_choices_of(parameter)}[] = {{{words}}};"
    yield "\nconstexpr Parameter PARAMETERS[] = {"
    for parameter in parameters:
        yield f"    {{{', '.join(_fields(parameter))}}},"
    yield "};\n"
    yield f"constexpr int PARAMETER_COUNT = {len(parameters)};"
    yield f"constexpr const char* VERSION = {_text(VERSION)};"
    yield "\n}  // namespace innerear\n"


def _fields(parameter: Parameter) -> Iterator[str]:
    yield from map(_text, (parameter.id, parameter.title, parameter.unit))
    # A duration that is a note value has no number; the host sees its range in milliseconds.
    minimum, maximum, kind = parameter.minimum, parameter.maximum, "number"
    if parameter.kind == "switch":
        minimum, maximum, kind = 0, 1, "toggle"
    if parameter.choices:
        minimum, maximum, kind = 0, len(parameter.choices) - 1, "choice"
    yield from map(_number, (minimum, maximum, parameter.encode(parameter.default)))
    yield f"Kind::{kind}"
    yield _choices_of(parameter) if parameter.choices else "nullptr"
    yield str(len(parameter.choices))


def _choices_of(parameter: Parameter) -> str:
    return f"{parameter.id.upper()}_CHOICES"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(number: float) -> str:
    return f"{float(number)!r}f"


if __name__ == "__main__":
    print(write_header(Path(sys.argv[1])))
