"""Measures from the wheel to the first dream and to the window, in an installation of its own.

python release/fresh_install.py DIST_FOLDER [--by pip|pipx|uv] [--root FOLDER] [--pictures FOLDER]

Everything happens in a temporary folder with a HOME of its own and an empty environment, and
nothing of a checkout is in it: only the wheel is read. pip, pipx and uv begin without files that
they kept, so what is measured has all downloads in it.

--root does all of it inside of another system's root, by pip. One is made by
`debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm FOLDER`.

The window opens on a display without a screen (Xvfb) where there is one, else on none. Its clock
stops when it is there; its picture is taken two seconds later.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from display import display

EXTRAS = "play,library"
PASSED_ON = ("SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "UV_INDEX_URL", "HTTPS_PROXY")
"""Variables without which some networks reach no package index."""
WINDOW = """\
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import innerear.gui.app as window
from innerear.engine.parameter_values import ParameterSet

def look():
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    if not shown:
        QTimer.singleShot(10, look)
        return
    print(time.time(), flush=True)
    QTimer.singleShot(2000, lambda: (shown[0].grab().save(sys.argv[1]), shown[0].close()))

made = window.application()
QTimer.singleShot(0, look)
sys.exit(window.run(ParameterSet(), join=False, restore=False))
"""
"""Opens the window as `innerear gui` does, prints when it is there, and takes its picture."""


@dataclass(frozen=True)
class Place:
    """Where Innerear is installed.

    Attributes:
        folder: a new one, which is HOME and the working directory; as this process sees it.
        root: of the system that commands run in.
    """

    folder: Path
    root: Path | None

    def inside(self, path: Path) -> str:
        """Return a path as commands see it."""
        return f"/{path.relative_to(self.root)}" if self.root else str(path)

    def run(self, *command: str, variables: Sequence[str] = ()) -> str:
        """Run a command in an empty environment, and return what it printed; end where it fails."""
        home = self.inside(self.folder)
        kept = [f"{name}={os.environ[name]}" for name in PASSED_ON if name in os.environ]
        basic = [f"HOME={home}", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"]
        root = ["chroot", str(self.root)] if self.root else []
        line = shlex.join(command)
        done = subprocess.run(
            [*root, "env", "-i", *basic, *kept, *variables, "sh", "-c", f"cd {home} && {line}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{line}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout


def install(place: Place, wheel: Path, by: str, python: str) -> tuple[str, str]:
    """Install the wheel, and return the paths of the command `innerear` and of its Python."""
    home = place.inside(place.folder)
    wanted = f"{place.inside(wheel)}[{EXTRAS}]"
    if by == "pip":
        place.run(python, "-m", "venv", f"{home}/venv")
        place.run(f"{home}/venv/bin/pip", "install", "--no-cache-dir", "--quiet", wanted)
        return f"{home}/venv/bin/innerear", f"{home}/venv/bin/python"
    program = Path(sys.executable).parent / by
    if by == "pipx":
        place.run(str(program), "install", "--python", python, "--pip-args=--no-cache-dir", wanted)
        environment = ".local/share/pipx/venvs/innerear"
    else:
        uv = ["tool", "install", "--no-cache", "--python", python, f"innerear[{EXTRAS}] @ {wheel}"]
        place.run(str(program), *uv)
        environment = ".local/share/uv/tools/innerear"
    return f"{home}/.local/bin/innerear", f"{home}/{environment}/bin/python"


@contextmanager
def window_system(place: Place) -> Iterator[list[str]]:
    """Start a display without a screen where that can be; yield the variables that lead to it."""
    if shutil.which("Xvfb") is None or place.root is not None:
        yield ["QT_QPA_PLATFORM=offscreen"]
        return
    with display() as (name, _):
        yield [f"DISPLAY={name}", "QT_QPA_PLATFORM=xcb"]


def measure(place: Place, wheel: Path, by: str, python: str, pictures: Path | None) -> None:
    """Install, dream, play, open the window, build a library, export; print how long it took."""
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {what}", flush=True)

    innerear, python = install(place, wheel, by, python)
    tell(f"installed by {by}, with the extras {EXTRAS}")
    place.run(innerear, "demo", "demo")
    tell("the first dream: innerear demo")
    opened = time.time()
    with window_system(place) as variables:
        there = float(place.run(python, "-c", WINDOW, "window.png", variables=variables))
    tell(f"the window opened and closed again; it was there after {there - opened:.1f} s")
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        shutil.copy(place.folder / "window.png", pictures / f"window-{by}.png")
    place.run(innerear, "live", "--file", "demo/phrase.wav", "--seconds", "3")
    tell("innerear live --file: 3 seconds")
    (place.folder / "sounds").mkdir()
    shutil.copy(place.folder / "demo" / "phrase.wav", place.folder / "sounds")
    built = ("library", "build", "sounds", "-o", "library", "--set", "step=0.5", "--judge", "none")
    place.run(innerear, *built)
    tell("innerear library build: one sound")
    tell("innerear export: " + _first_line_of_export(place, innerear))


def _first_line_of_export(place: Place, innerear: str) -> str:
    """Return what exporting says, which needs torch."""
    said = place.run("sh", "-c", f"{innerear} export nn stftcnn-robust -o dream.ts 2>&1 || true")
    return said.strip().splitlines()[-1]


def main() -> None:
    """Measure one installation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dist", type=Path, help="folder with the wheel")
    parser.add_argument("--by", choices=("pip", "pipx", "uv"), default="pip")
    parser.add_argument("--python", default=sys.executable, help="that it is installed for")
    parser.add_argument("--root", type=Path, help="of another system")
    parser.add_argument("--pictures", type=Path, help="folder for the window's picture")
    given = parser.parse_args()
    (wheel,) = given.dist.resolve().glob("innerear-*.whl")
    root = given.root.resolve() if given.root else None
    with tempfile.TemporaryDirectory(dir=root / "tmp" if root else None) as folder:
        own = Path(folder, wheel.name)
        shutil.copy(wheel, own)
        python = "python3" if root else os.path.realpath(given.python)
        measure(Place(Path(folder), root), own, given.by, python, given.pictures)


if __name__ == "__main__":
    main()
