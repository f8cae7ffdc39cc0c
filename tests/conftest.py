"""What all tests share: the components they need, and where data for them lies."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED_DATA = CHECKOUT.parent / "shared" / "data"

_COMPONENTS: dict[str, tuple[Callable[[], object], str]] = {
    "jackd": (lambda: shutil.which("jackd"), "Debian package jackd2"),
    "libjack": (lambda: find_library("jack"), "Debian package libjack-jackd2-0"),
    "portaudio": (lambda: find_library("portaudio"), "Debian package libportaudio2"),
    "fluidsynth": (lambda: shutil.which("fluidsynth"), "Debian package fluidsynth"),
    "espeak-ng": (lambda: shutil.which("espeak-ng"), "Debian package espeak-ng"),
    "soundfont": (
        lambda: Path("/usr/share/sounds/sf2/FluidR3_GM.sf2").exists(),
        "Debian package fluid-soundfont-gm",
    ),
    "torch": (lambda: importlib.util.find_spec("torch"), "pip install 'innerear[torch]'"),
}


def require(*components: str) -> None:
    """Skip a test where a component is missing; under INNEREAR_REQUIRE_ALL=1 fail it instead.

    Args:
        components: names among `_COMPONENTS`.
    """
    for name in components:
        is_there, source = _COMPONENTS[name]
        if not is_there():
            leave_out(f"{name} is missing ({source})")


def leave_out(reason: str) -> None:
    """Skip the test at hand, or fail it where nothing may be left out."""
    if os.environ.get("INNEREAR_REQUIRE_ALL"):
        pytest.fail(f"{reason}, and INNEREAR_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(reason)


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
