"""A wheel carries the bundles to computers without a compiler."""

import importlib.util
import zipfile
from pathlib import Path

import pytest

from innerear._version import VERSION
from innerear.plugin.built import find_built
from innerear.plugin.formats import FORMATS
from innerear.plugin.install import install
from innerear.plugin.wheel import make_wheel


@pytest.mark.skipif(
    importlib.util.find_spec("setuptools") is None, reason="setuptools is missing, to build with"
)
def test_what_a_wheel_carries_is_installed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing built"))
    assert find_built() is None
    wheel = make_wheel(tmp_path / "dist", folder, ["--no-build-isolation"])
    assert wheel.name == f"innerear_plugin-{VERSION}-py3-none-linux_x86_64.whl"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
        (metadata,) = (name for name in file.namelist() if name.endswith("METADATA"))
        assert f"Requires-Dist: innerear=={VERSION}" in file.read(metadata).decode()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    found = find_built()
    assert found == tmp_path / "site/innerear_plugin/bundles"
    places = [(format_, tmp_path / f"user/{name}") for name, format_ in FORMATS.items()]
    for (format_, _), bundle in zip(places, install(places, found), strict=True):
        assert (bundle / format_.binary).read_bytes() == b"library of " + format_.name.encode()
