"""What all tests share: the components they need, and where data for them lies."""

import functools
import gc
import importlib.util
import os
import shutil
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path
from typing import Any

# Where several processes run tests, each has a core; numerics would start threads for all.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(_threads, "1")

import numpy as np
import pytest
from hypothesis import settings

from .plugin_bundles import built_plugins, plugins  # noqa: F401 (fixtures for all tests)
from .realtime_guard import realtime_guard  # noqa: F401 (a fixture for all tests)
from .toy_pack import make_toy_pack, sign

# Collecting the tests makes half a million objects that stay, which each collection of garbage
# would go through.
gc.disable()

# A busy machine is slow, not wrong.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

# Windows are made without a screen, unless one is asked for.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

OPEN_NETWORKS = 24

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED_DATA = CHECKOUT.parent / "shared" / "data"


def find_browser() -> str | None:
    """Return the path of Chromium, or of Chrome where no package of the system is Chromium."""
    return shutil.which("chromium") or shutil.which("google-chrome")


COMPONENTS: dict[str, tuple[Callable[[], object], str]] = {
    "jackd": (lambda: shutil.which("jackd"), "Debian package jackd2"),
    "libjack": (lambda: find_library("jack"), "Debian package libjack-jackd2-0"),
    "portaudio": (lambda: find_library("portaudio"), "Debian package libportaudio2"),
    "g++": (lambda: shutil.which("g++"), "Debian package g++"),
    "dpf": (lambda: Path("/usr/share/dpf/distrho").is_dir(), "Debian package dpf-source"),
    "pedalboard": (lambda: importlib.util.find_spec("pedalboard"), "pip install pedalboard"),
    "jalv": (lambda: shutil.which("jalv"), "Debian package jalv"),
    "xvfb": (lambda: shutil.which("Xvfb"), "Debian package xvfb"),
    **{
        program: (lambda program=program: shutil.which(program), f"Debian package {package}")
        for program, package in (
            ("desktop-file-validate", "desktop-file-utils"),
            ("update-desktop-database", "desktop-file-utils"),
            ("update-mime-database", "shared-mime-info"),
        )
    },
    "fluidsynth": (lambda: shutil.which("fluidsynth"), "Debian package fluidsynth"),
    "espeak-ng": (lambda: shutil.which("espeak-ng"), "Debian package espeak-ng"),
    "soundfont": (
        lambda: Path("/usr/share/sounds/sf2/FluidR3_GM.sf2").exists(),
        "Debian package fluid-soundfont-gm",
    ),
    "rtmidi": (lambda: importlib.util.find_spec("rtmidi"), "pip install python-rtmidi"),
    "link": (lambda: importlib.util.find_spec("link"), "pip install 'innerear[sync]'"),
    "zeroconf": (lambda: importlib.util.find_spec("zeroconf"), "pip install 'innerear[sync]'"),
    "torch": (lambda: importlib.util.find_spec("torch"), "pip install 'innerear[torch]'"),
    "library": (
        lambda: all(map(importlib.util.find_spec, ("distributed", "duckdb", "fsspec", "pyarrow"))),
        "pip install 'innerear[library]'",
    ),
    "page": (
        lambda: all(map(importlib.util.find_spec, ("starlette", "uvicorn", "httpx2"))),
        "pip install 'innerear[library,dev]'",
    ),
    "site": (
        lambda: all(map(importlib.util.find_spec, ("material", "mkdocstrings", "nbconvert"))),
        "pip install 'innerear[docs]'",
    ),
    "chromium": (find_browser, "Debian package chromium"),
    "ai-edge-litert": (
        lambda: importlib.util.find_spec("ai_edge_litert"),
        "pip install ai-edge-litert, for Linux on x86-64",
    ),
}


def require(*components: str) -> None:
    """Skip a test where a component is missing; under INNEREAR_REQUIRE_ALL=1 fail it instead.

    Args:
        components: names among `COMPONENTS`.
    """
    for name in components:
        is_there, source = COMPONENTS[name]
        if not is_there():
            leave_out(f"{name} is missing ({source})")


def leave_out(reason: str) -> None:
    """Skip the test at hand, or fail it where nothing may be left out."""
    if os.environ.get("INNEREAR_REQUIRE_ALL"):
        pytest.fail(f"{reason}, and INNEREAR_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(reason)


# Where the tests are that take longest. They begin first: then many short files are left for the
# end, and all processes end at about the same time.
_BEGIN = ("realtime", "test_public_face.py", "models", "exporters", "gui")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in real time, and let the longest begin first."""

    def turn(item: pytest.Item) -> int:
        place = item.path.relative_to(CHECKOUT / "tests").parts[0]
        return _BEGIN.index(place) if place in _BEGIN else len(_BEGIN)

    for item in items:
        if turn(item) == _BEGIN.index("realtime"):
            item.add_marker("realtime")
    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Leave what was imported out of the collections of garbage from here on."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist, all run in one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Say which tests share a process where several run: those of a file, or of many in real time.

    A file's tests share what its fixtures make. Tests in real time wait most of the time, so two at
    once, each with a sound card of its own, leave room for the others, and three would not. (Groups
    by mark, `--dist loadgroup`, put nothing together under pytest 9.2 with pytest-xdist 3.8.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            folder, _, name = file.rpartition("/")
            if folder != "tests/realtime":
                return file
            return f"{folder}, A to M" if name < "test_n" else f"{folder}, N to Z"

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _networks_stay_open() -> None:
    """Open each graph once for all tests of this process: it takes up to a quarter of a second."""
    from innerear.engine.packs import pack

    pack.open_session = functools.lru_cache(maxsize=OPEN_NETWORKS)(pack.open_session)


@pytest.fixture(name="require", scope="session")
def _require() -> Callable[..., None]:
    """Give tests the function `require(component, ...)`."""
    return require


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of test data beside the checkout; skip where it is not."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"there is no {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def toy_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the pack of `make_toy_pack`."""
    return make_toy_pack(tmp_path_factory.mktemp("packs") / "toy-tones")


@pytest.fixture(scope="session")
def damaged_pack(toy_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the toy pack with gradients that are no numbers."""
    import onnx
    from onnx import numpy_helper

    folder = tmp_path_factory.mktemp("packs") / "toy-damaged"
    shutil.copytree(toy_pack, folder)
    model = onnx.load(folder / "dream.onnx")
    (weights,) = (item for item in model.graph.initializer if item.name == "templates_turned")
    array = np.full_like(numpy_helper.to_array(weights), np.nan)
    weights.CopyFrom(numpy_helper.from_array(array, weights.name))
    onnx.save(model, folder / "dream.onnx")
    sign(folder, "dream.onnx")
    return folder
