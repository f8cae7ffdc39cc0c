"""A small library, and the page's application on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .synthetic import make_library

if TYPE_CHECKING:
    from starlette.testclient import TestClient

HOST = "127.0.0.1:8765"
ORIGIN = f"http://{HOST}"


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep presets, settings and running audio servers of each test to itself."""
    for name in ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        folder = tmp_path_factory.mktemp(name.lower())
        folder.chmod(0o700)
        monkeypatch.setenv(f"XDG_{name}", str(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a library of 60 items, of which two have sounds."""
    return make_library(tmp_path / "dreams", 60, sounds=2)


@pytest.fixture
def client(folder: Path) -> "Iterator[TestClient]":
    """Return what asks the application as the page does."""
    from starlette.testclient import TestClient

    from innerear.library.library import Library
    from innerear.library.page.app import make_app

    app = make_app(Library(folder), [HOST])
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}) as made:
        yield made
