"""A broken installation of ONNX Runtime is one line that says how to mend it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from innerear.engine.errors import ModelError
from innerear.engine.packs import onnx_runtime as module
from innerear.engine.packs.pack import load_pack

BROKEN = {
    "an empty folder": None,
    "a removed library": "from .capi import InferenceSession\n",
    "another version's library": "raise ImportError('undefined symbol:\\n OrtGetApiBase')\n",
    "an old file": "__version__ = '1.0'\n",
    "a failing start": "raise RuntimeError('no CPU features')\n",
}


class Installed:
    """A package that was installed."""

    def __init__(self, name: str | None) -> None:
        self.metadata = {"Name": name}


@pytest.fixture(params=BROKEN)
def broken(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Put an installation that is broken before the real one."""
    package = tmp_path / "onnxruntime"
    package.mkdir()
    if BROKEN[request.param] is not None:
        (package / "__init__.py").write_text(BROKEN[request.param])
    parts = {name: found for name, found in sys.modules.items() if _is_part(name)}
    for name in parts:
        del sys.modules[name]
    # A folder without code counts only where no other is found.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *_without_the_real_one()])
    yield
    for name in [name for name in sys.modules if _is_part(name)]:
        del sys.modules[name]
    sys.modules.update(parts)


def _is_part(name: str) -> bool:
    return name.partition(".")[0] == "onnxruntime"


def _without_the_real_one() -> list[str]:
    return [place for place in sys.path if not (Path(place) / "onnxruntime").is_dir()]


@pytest.mark.usefixtures("broken")
def test_a_broken_installation_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Installed(name) for name in ("numpy", None, "onnxruntime-gpu", "onnxruntime")]
    monkeypatch.setattr(module, "distributions", lambda: iter(found))
    with pytest.raises(ModelError, match="install it anew") as caught:
        load_pack("samplecnn-digits").hear_session()
    words = str(caught.value)
    assert "\n" not in words
    assert "pip uninstall -y onnxruntime onnxruntime-gpu && " in words
    assert words.endswith("pip install --force-reinstall onnxruntime-gpu")


@pytest.mark.usefixtures("broken")
def test_none_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "distributions", lambda: iter(()))
    with pytest.raises(ModelError, match=r"install it anew: pip install \S+ onnxruntime$"):
        module.onnx_runtime()


def test_a_whole_one_is_returned() -> None:
    assert module.onnx_runtime().InferenceSession is not None


USE = """
import numpy, innerear
innerear.hear(numpy.zeros(16000, numpy.float32), 16000, "samplecnn-digits")
"""


def test_using_it_leaves_no_identity_and_no_message_to_its_makers(tmp_path: Path) -> None:
    homes = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    environment = {**os.environ, **dict.fromkeys(homes, str(tmp_path))}
    environment.pop(module.NO_TELEMETRY, None)
    subprocess.run([sys.executable, "-B", "-c", USE], env=environment, check=True, timeout=120)
    assert [path.name for path in tmp_path.rglob("*")] == []
