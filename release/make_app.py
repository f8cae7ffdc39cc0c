"""Builds the program that needs no Python, and packs it: DIST_FOLDER/innerear-SYSTEM.tar.gz.

python release/make_app.py DIST_FOLDER

The folder has the wheel; the program is made of that, in an environment of its own. It runs on
systems like the one it is built on (on Linux: with the same glibc or a newer one).
"""

import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SPEC = Path(__file__).resolve().parent / "app.spec"
EXTRAS = "play"
TOOLS = ("pyinstaller>=6.10", "pillow>=10.0")


def make(dist: Path) -> Path:
    """Build and pack the program; return the archive."""
    (wheel,) = dist.glob("innerear-*.whl")
    with tempfile.TemporaryDirectory() as folder:
        environment, made = Path(folder, "venv"), Path(folder, "made")
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
        wanted = [f"{wheel}[{EXTRAS}]", *TOOLS]
        subprocess.run([str(programs / "pip"), "install", "--quiet", *wanted], check=True)
        command = [str(programs / "pyinstaller"), "--noconfirm", "--log-level", "WARN", str(SPEC)]
        places = ["--distpath", str(made), "--workpath", str(Path(folder, "work"))]
        subprocess.run([*command, *places], check=True, cwd=folder)
        name = f"innerear-{platform.system().lower()}-{platform.machine().lower()}.tar.gz"
        with tarfile.open(dist / name, "w:gz") as archive:
            for each in sorted(made.iterdir()):
                archive.add(each, each.name)
    return dist / name


def main() -> None:
    """Make it, and print its size."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    archive = make(Path(sys.argv[1]).resolve())
    print(f"{archive.stat().st_size / 1e6:.0f} MB  {archive}")


if __name__ == "__main__":
    main()
