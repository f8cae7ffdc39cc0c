"""The plug-in, built and installed once for all tests, however many processes run them."""

import fcntl
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from innerear.plugin.formats import FormatName


@pytest.fixture(scope="session")
def built_plugins(require: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the bundles of all formats, built from this checkout."""
    from innerear.plugin.build import build
    from innerear.plugin.built import built_record

    require("g++", "dpf")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "plugin-built"
    with (shared / "plugin-built.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if built_record(folder) is None:
            build(folder)
    return folder


@pytest.fixture(scope="session")
def plugins(
    built_plugins: Path, tmp_path_factory: pytest.TempPathFactory
) -> "Mapping[FormatName, Path]":
    """Return the bundle of each format, as it is installed for a user with this Python."""
    from innerear.plugin.formats import FORMATS
    from innerear.plugin.install import install

    folder = tmp_path_factory.mktemp("plugins")
    places = [(format_, folder / name) for name, format_ in FORMATS.items()]
    return dict(zip(FORMATS, install(places, built_plugins), strict=True))
