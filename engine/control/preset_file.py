"""The format of a preset's file: JSON with a schema version, read from older versions too.

```json
{
  "schema_version": 5,
  "title": "Brass halo",
  "description": "Brass grows around whatever plays.",
  "tags": ["brass", "echo"],
  "parameters": {"target": "Brass", "feedback": 0.4}
}
```
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import ParameterError, PresetError, nearest
from ..files import parse_json
from ..former_defaults import former_defaults
from ..parameter import Value
from ..parameters import PARAMETERS

SCHEMA_VERSION = 5
MOST_BYTES = 65_536
_LONGEST_TEXT = 500


@dataclass(frozen=True)
class PresetContent:
    """The content of a preset's file.

    Attributes:
        title: for people.
        description: how it sounds, in one line.
        parameters: values by id, each as its parameter wants it; those left out are the defaults.
        tags: words by which it is found.
    """

    title: str
    description: str
    parameters: Mapping[str, Value]
    tags: tuple[str, ...] = ()


def parse_preset(content: bytes, source: object) -> PresetContent:
    """Read the content of a preset's file, of this or an older schema version.

    Args:
        content: JSON.
        source: named in errors.

    Raises:
        PresetError: no JSON, a newer schema, a field that is missing, unknown or wrong; the
            message has the field's name and what it takes.
    """
    if len(content) > MOST_BYTES:
        raise PresetError(f"{source} is no preset: it is longer than {MOST_BYTES} bytes.")
    try:
        data = parse_json(content)
    except ValueError as problem:
        raise PresetError(f"{source} is not valid JSON: {problem}.") from None
    try:
        header = _File.model_validate(_migrated(data))
        parameters = check_parameters(header.parameters, portable=True)
        return PresetContent(header.title, header.description, parameters, tuple(header.tags))
    except (ParameterError, PresetError) as problem:
        raise PresetError(f"{source}: {problem}") from None
    except ValidationError as problem:
        raise PresetError(f"{source}: {_first_line(problem)}") from None


def preset_text(content: PresetContent) -> str:
    """Return the text of a preset's file.

    Raises:
        PresetError: something in it that `parse_preset` would refuse.
    """
    data = {
        "schema_version": SCHEMA_VERSION,
        "title": content.title,
        "description": content.description,
        **({"tags": list(content.tags)} if content.tags else {}),
        "parameters": dict(content.parameters),
    }
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    try:
        content_bytes = text.encode()
    except UnicodeEncodeError:
        raise PresetError(
            "The preset holds a text that is not UTF-8, such as the name of a file; rename that."
        ) from None
    parse_preset(content_bytes, "this preset")
    return text


def check_parameters(values: Mapping[str, object], portable: bool = False) -> dict[str, Value]:
    """Return a preset's values, checked and converted, in the parameters' order.

    Args:
        values: by id; may leave any out.
        portable: for a file, which others may read: refuse what is no plain line of text, or means
            nothing on another machine.

    Raises:
        ParameterError: a value that its parameter cannot take.
        PresetError: an id that is unknown, or of what presets do not hold.
    """
    kept = [id for id, parameter in PARAMETERS.items() if parameter.stored]
    for id, value in values.items():
        if id not in PARAMETERS:
            raise PresetError(f"There is no parameter {id!r}. {nearest(id, kept)}")
        if id not in kept:
            raise PresetError(f"{id} is not kept in presets: leave it out.")
        if not isinstance(value, bool | int | float | str):
            raise PresetError(f"{id} cannot be {value!r}: write a number, true, false or a text.")
        if portable and isinstance(value, str) and not _is_plain(value):
            raise PresetError(f"{id} cannot be {value[:40]!r}: it takes one short line of text.")
    model = str(values.get("model", ""))
    if portable and any(separator in model for separator in ("/", "\\", "..")):
        raise PresetError(
            f"model cannot be {model!r}: presets hold a pack's name, not where it lies; add the"
            " pack with innerear models add."
        )
    return {id: PARAMETERS[id].check(values[id]) for id in kept if id in values}


def _is_plain(text: str) -> bool:
    """Whether a text can be shown in one line, without control characters."""
    return text.isprintable() and len(text) <= _LONGEST_TEXT


def _plain(text: str) -> str:
    if not _is_plain(text):
        raise ValueError(f"write one line of at most {_LONGEST_TEXT} characters")
    return text.strip()


_Line = Annotated[str, AfterValidator(_plain)]
_Tag = Annotated[_Line, Field(min_length=1, max_length=30)]


class _File(BaseModel):
    """The file, but for the values of its parameters."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: int
    title: Annotated[_Line, Field(min_length=1, max_length=60)]
    description: _Line = ""
    tags: Annotated[list[_Tag], Field(max_length=20)] = Field(default_factory=list)
    parameters: dict[str, Any] = Field(default_factory=dict)


def _first_line(problem: ValidationError) -> str:
    first = problem.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"There is no field {where!r}. {nearest(where, _File.model_fields)}"
    if first["type"] == "missing":
        return f"{where} is missing: add it."
    what = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{where} cannot be {str(first['input'])[:40]!r}: {what}."


def _migrated(data: object) -> dict[str, Any]:
    """Convert a file's content to the newest schema version, one version at a time."""
    version = data.get("schema_version") if isinstance(data, dict) else None
    if not isinstance(data, dict) or type(version) is not int or version < 1:
        raise PresetError(f"schema_version cannot be {version!r}: it takes 1 to {SCHEMA_VERSION}.")
    if version > SCHEMA_VERSION:
        raise PresetError(
            f"schema_version is {version}, this Innerear reads 1 to {SCHEMA_VERSION}: install a"
            " newer Innerear."
        )
    for older in range(version, SCHEMA_VERSION):
        data = _MIGRATIONS[older](data) | {"schema_version": older + 1}
    return data


def _from_1(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had the parameters beside the `name`, which was the title."""
    beside = {"schema_version", "name", "description"}
    return {
        "title": data.get("name", ""),
        "description": data.get("description", ""),
        "parameters": {id: value for id, value in data.items() if id not in beside},
    }


def _with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out has the default of its version."""
    values = data.get("parameters", {})
    if not isinstance(values, dict):
        return data  # which is refused
    return data | {"parameters": {**former_defaults(data["schema_version"]), **values}}


_MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _from_1,
    **dict.fromkeys(range(2, SCHEMA_VERSION), _with_defaults),
}
"""Schema version -> what makes the next one of it."""
