"""Model packs: which there are, and adding your own."""

from pathlib import Path

from .engine.packs.network_set import NetworkSet
from .engine.packs.pack import Pack, available_packs, load_pack
from .engine.packs.resolve import load
from .engine.packs.store import add_folder, remove_pack

__all__ = ["NetworkSet", "Pack", "list", "load", "remove", "save"]


def list() -> tuple[str, ...]:
    """Return the names of all packs: those that Innerear ships, then your own.

    Examples:
        >>> import innerear
        >>> "samplecnn-instruments" in innerear.packs.list()
        True
    """
    return tuple(available_packs())


def save(pack: Pack | str | Path) -> Path:
    """Copy a pack to your own packs, under its name, so that every command and function finds it.

    The pack is checked from end to end first. It is copied whole or not at all, and replaces a pack
    of that name among your own.

    Args:
        pack: a pack or its folder.

    Returns:
        the folder of the copy.

    Raises:
        ModelError: it is damaged, its name is that of a shipped pack, or the disk refuses.

    Examples:
        >>> import innerear
        >>> try:
        ...     innerear.packs.save("samplecnn-digits")
        ... except innerear.errors.ModelError as error:
        ...     print(error)
        'samplecnn-digits' came with Innerear; rename the pack to add it.
    """
    return add_folder((pack if isinstance(pack, Pack) else load_pack(pack)).folder)


def remove(name: str) -> Path:
    """Remove one of your own packs.

    Args:
        name: of the pack.

    Returns:
        the folder in which it was.

    Raises:
        ModelError: you have no pack of that name, or the disk refuses.

    Examples:
        >>> import innerear
        >>> try:
        ...     innerear.packs.remove("samplecnn-digits")
        ... except innerear.errors.ModelError as error:
        ...     print(error)
        'samplecnn-digits' came with Innerear and cannot be removed.
    """
    return remove_pack(name)
