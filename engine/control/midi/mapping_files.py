"""Mapping files, shipped and the user's own: found, checked, read and written."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from ...errors import DeviceError, nearest
from ...files import list_folder, names_file, read_json, write_beside
from .mapping import PROGRAM_CHANGES, SCHEMA_VERSION, Binding, Mapping
from .port_names import matches

SHIPPED_FOLDER = Path(__file__).resolve().parent.parent.parent.parent / "presets" / "midi"
_TYPES = ("bool", "int", "float", "str", "Feedback")
_MOST_BYTES = 4_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def user_folder() -> Path:
    """Return the folder of the user's own mappings; it need not exist yet."""
    import platformdirs

    return platformdirs.user_config_path("innerear", appauthor=False) / "midi"


def available_mappings() -> dict[str, Path]:
    """Return the name and file of every mapping; the user's hides a shipped one of its name."""
    found: dict[str, Path] = {}
    for folder in (user_folder(), SHIPPED_FOLDER):
        for path in list_folder(folder, "*.json"):
            found.setdefault(path.stem, path)
    return found


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Load a mapping by its name, or from a file.

    Raises:
        DeviceError: there is none, or it is wrong; the message names the field.
    """
    known = available_mappings()
    if isinstance(name_or_path, str) and name_or_path in known:
        return read_mapping(known[name_or_path])
    path = Path(name_or_path)
    if names_file(path) or path.suffix == ".json" or len(path.parts) > 1:
        return read_mapping(path)
    raise DeviceError(
        f"There is no MIDI mapping {str(name_or_path)!r}. {nearest(str(name_or_path), known)}"
    )


def read_mapping(path: Path) -> Mapping:
    """Read and check the mapping in a file.

    Raises:
        DeviceError: it cannot be read, is of a newer schema, or something in it is impossible.
    """
    try:
        content = read_json(path, _MOST_BYTES)
    except OSError as error:
        raise DeviceError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # of JSON, of its encoding, or of its length
        raise DeviceError(f"{path} is not valid JSON: {error}.") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DeviceError(f"{path} is no MIDI mapping: it has no usable schema_version.")
    if version > SCHEMA_VERSION:
        raise DeviceError(
            f"{path} has schema_version {version}, this Innerear reads up to {SCHEMA_VERSION}: "
            "install a newer Innerear."
        )
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        raise DeviceError(f"{path}: {first_error(error)}") from None


def first_error(error: ValidationError) -> str:
    """Return the first field of a mapping that is wrong, and what is wrong with it, in one line."""
    errors = error.errors(include_url=False)
    field = errors[0]["loc"][:3]
    # Of a field that may be of several types, the last says most.
    shown = [each for each in errors if each["loc"][:3] == field][-1]
    where = ".".join(str(part) for part in shown["loc"] if part not in _TYPES)
    what = shown["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{where}: {what}." if where else f"{what}."


def check_name(name: str) -> None:
    """Check the name of a mapping.

    Raises:
        DeviceError: it has characters other than small letters, digits and hyphens.
    """
    if not _NAME.fullmatch(name):
        raise DeviceError(
            f"A MIDI mapping cannot be called {name!r}: use small letters, digits and hyphens."
        )


def save_mapping(mapping: Mapping, name: str) -> Path:
    """Write a mapping into the user's folder, whole or not at all.

    Args:
        mapping: to write.
        name: to load it by: small letters, digits and hyphens.

    Returns:
        The file.

    Raises:
        DeviceError: the name is not valid, or the disk refuses.
    """
    check_name(name)
    folder = user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeviceError(f"{folder} cannot be made: {error.strerror}.") from None
    path = folder / f"{name}.json"
    write_mapping(mapping, path)
    return path


def write_mapping(mapping: Mapping, path: Path) -> None:
    """Write a mapping as readable JSON, without default values.

    Raises:
        DeviceError: the folder or the disk refuses.
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        **mapping.model_dump(mode="json", exclude_defaults=True),
    }
    lines = [json.dumps(binding, ensure_ascii=False) for binding in content.pop("bindings", [])]
    head = json.dumps(content, indent=2, ensure_ascii=False)[:-2]
    body = ",\n".join("    " + line for line in lines)
    with write_beside(path, DeviceError) as temporary:
        temporary.write_text(f'{head},\n  "bindings": [\n{body}\n  ]\n}}\n', encoding="utf-8")


def default_mapping() -> tuple[Mapping, list[str]]:
    """Return the mapping used by default: for each device the newest of the user's mappings.

    Where the user has none, the shipped one. A device is known by its port's name, so bindings
    that name no port are left out; program changes choose presets on all.

    Returns:
        The mapping, and for each file that cannot be used a line that says why.
    """
    bindings: list[Binding] = [*PROGRAM_CHANGES.bindings]
    taken: set[str] = set()
    problems = []
    for path in _newest_first(available_mappings().values()):
        try:
            found = read_mapping(path).resolved()
        except DeviceError as error:  # the other mappings can be used
            problems.append(str(error))
            continue
        found = tuple(each for each in found if each.control.port)
        bindings += [each for each in found if not _is_one_of(each.control.port, taken)]
        taken |= {each.control.port for each in found}
    return Mapping(bindings=tuple(bindings)), problems


@cache
def shipped_bindings() -> frozenset[Binding]:
    """Return the bindings of all shipped mappings; any other is the user's own."""
    files = [read_mapping(path) for path in sorted(SHIPPED_FOLDER.glob("*.json"))]
    return frozenset(each for mapping in (PROGRAM_CHANGES, *files) for each in mapping.resolved())


def _newest_first(paths: Iterable[Path]) -> list[Path]:
    """Return the user's files, the newest first, then the shipped ones."""
    return sorted(
        paths, key=lambda path: (path.parent == SHIPPED_FOLDER, -path.lstat().st_mtime, path.name)
    )


def _is_one_of(port: str, ports: Iterable[str]) -> bool:
    """Whether a part of a port's name may mean the same device as one of others."""
    return any(matches(port, other) or matches(other, port) for other in ports)
