"""A small library, and the page's application on it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from innerear.library.library import Library

from .synthetic import make_library

if TYPE_CHECKING:
    from starlette.testclient import TestClient

HOST = "127.0.0.1:8765"
ORIGIN = f"http://{HOST}"

Connect = Callable[[Path], "TestClient"]


@pytest.fixture(scope="session", autouse=True)
def _needs_the_extra(require: Callable[..., None]) -> None:
    require("library", "page")


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
def connect() -> Connect:
    """Return a function that serves the library of a folder, to be asked as its page does."""

    def connect(folder: Path) -> "TestClient":
        from starlette.testclient import TestClient

        from innerear.library.page.app import make_app

        app = make_app(Library(folder), [HOST])
        return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN})

    return connect


@pytest.fixture
def client(folder: Path, connect: Connect) -> "TestClient":
    """Return what asks for the small library."""
    return connect(folder)
