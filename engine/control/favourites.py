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
        return _kept()
    except PresetError:
        return frozenset()


def set_favourite(name: str, favourite: bool) -> None:
    """Make a preset a favourite, or no longer one.

    Raises:
        PresetError: the file is damaged, or the disk refuses.
    """
    names = _kept()
    _write(names | {name} if favourite else names - {name})


def rename_favourite(before: str, after: str) -> None:
    """Follow a preset that got another name; nothing where it is no favourite.

    Raises:
        PresetError: the file is damaged, or the disk refuses.
    """
    names = _kept()
    if before in names:
        _write(names - {before} | {after})


def _kept() -> frozenset[str]:
    """Return what the file holds, so that nothing of it is lost where it is written anew."""
    path = favourites_file()
    try:
        names = read_json(path, _MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    except (OSError, ValueError) as problem:
        raise PresetError(
            f"{path} cannot be read ({problem}); mend it, or delete it and with it all favourites"
        ) from problem
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PresetError(
            f"{path} is no list of names; mend it, or delete it and with it all favourites"
        )
    return frozenset(names)


def _write(names: Iterable[str]) -> None:
    path = favourites_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem, PresetError) from problem
    write_text(path, json.dumps(sorted(names), indent=2) + "\n", PresetError)
