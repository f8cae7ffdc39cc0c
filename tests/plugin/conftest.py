"""The plug-in, built and installed once for all tests, however many processes run them."""

import fcntl
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from innerear.plugin.build import build
from innerear.plugin.built import built_record
from innerear.plugin.formats import FORMATS, FormatName
from innerear.plugin.install import install


@pytest.fixture(scope="session")
def built(require: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the bundles of all formats, built from this checkout."""
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
def plugins(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[FormatName, Path]:
    """Return the bundle of each format, as it is installed for a user with this Python."""
    folder = tmp_path_factory.mktemp("plugins")
    places = [(format_, folder / name) for name, format_ in FORMATS.items()]
    return dict(zip(FORMATS, install(places, built), strict=True))
