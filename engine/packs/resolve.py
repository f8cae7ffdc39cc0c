"""Accepts a network in every form in which callers name one: a pack, its name, or its folder."""

from pathlib import Path

from .network import PackLike
from .pack import load

PackOrName = PackLike | str | Path


def resolve_pack(pack: PackOrName) -> PackLike:
    """Return the network that a caller means.

    Args:
        pack: a pack, or a `TorchPack`; the name of a shipped pack or of one that the user added;
            or a pack's folder.

    Raises:
        ModelError: there is no such pack.
    """
    return load(pack) if isinstance(pack, str | Path) else pack
