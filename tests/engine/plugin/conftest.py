from pathlib import Path

import pytest

from innerear.engine.packs.pack import Pack, load_pack


@pytest.fixture(scope="session")
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)
