"""The user's favourite presets, by name, in a file of their own."""

import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import PresetError
from ..files import disk_error, read_json, write_text

_MOST_BYTES = 1_000_000


def favourites_file() -> Path:
    """Return the path of the file; it need not exist."""
    import platformdirs

    return platformdirs.user_config_path("innerear", appauthor=False) / "favourite-presets.json"


def favourite_presets() -> frozenset[str]:
    """Return the names of the favourites; none where the file is missing or damaged."""
    try:
        names = read_json(favourites_file(), _MOST_BYTES)
    except (OSError, ValueError):
        return frozenset()
    listed = names if isinstance(names, list) else []
    return frozenset(name for name in listed if isinstance(name, str))


def set_favourite(name: str, favourite: bool) -> None:
    """Make a preset a favourite, or no longer one.

    Raises:
        PresetError: the disk refuses.
    """
    names = favourite_presets()
    _write(names | {name} if favourite else names - {name})


def rename_favourite(before: str, after: str) -> None:
    """Follow a preset that got another name; nothing where it is no favourite.

    Raises:
        PresetError: the disk refuses.
    """
    names = favourite_presets()
    if before in names:
        _write(names - {before} | {after})


def _write(names: Iterable[str]) -> None:
    path = favourites_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem, PresetError) from problem
    write_text(path, json.dumps(sorted(names), indent=2) + "\n", PresetError)
