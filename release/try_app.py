"""Tries the program that needs no Python: how long until its window is there, and its picture.

python release/try_app.py ARCHIVE [--root FOLDER] [--picture FILE]

It is unpacked into a temporary folder and started in an empty environment, without a PATH, on a
display without a screen (Xvfb). The clock stops when something of it is to be seen; the picture is
taken five seconds later. --root starts it inside of another system's root, where no Python is.
"""

import argparse
import os
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from display import display
from numpy.typing import NDArray

LIMIT_SECONDS = 120.0


def read_screen(file: Path) -> NDArray[np.uint8]:
    """Return what a display shows, uint8 [rows, columns, (blue, green, red, unused)].

    Args:
        file: the display's memory, which Xvfb keeps in the format of xwd.
    """
    content = file.read_bytes()
    header, _, _, _, columns, rows = struct.unpack(">6I", content[:24])
    (colours,) = struct.unpack(">I", content[76:80])
    pixels = np.frombuffer(content, np.uint8, offset=header + 12 * colours)
    return pixels[: rows * columns * 4].reshape(rows, columns, 4)


def wait_for_window(file: Path, program: subprocess.Popen[bytes]) -> None:
    """Wait until a quarter of the display shows another colour than its ground.

    Raises:
        SystemExit: the program ends, or nothing is seen for two minutes.
    """
    end = time.monotonic() + LIMIT_SECONDS
    ground = read_screen(file)[0, 0].copy()
    while np.mean(np.any(read_screen(file) != ground, axis=2)) < 0.25:
        if program.poll() is not None or time.monotonic() > end:
            sys.exit(f"No window: the program's status is {program.poll()}.")
        time.sleep(0.05)


def save(pixels: NDArray[np.uint8], file: Path) -> None:
    """Write a picture of the display as PNG."""
    from PySide6.QtGui import QImage

    rows, columns, _ = pixels.shape
    image = QImage(np.ascontiguousarray(pixels).data, columns, rows, QImage.Format.Format_RGB32)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(str(file))


def start(folder: Path, root: Path | None, arguments: Sequence[str], **variables: str) -> list[str]:
    """Return the command that starts the program in an empty environment."""
    home = f"/{folder.relative_to(root)}" if root else str(folder)
    inside = ["chroot", str(root)] if root else []
    given = [f"{name}={value}" for name, value in ({"HOME": home} | variables).items()]
    return [*inside, "/usr/bin/env", "-i", *given, f"{home}/innerear/innerear", *arguments]


def main() -> None:
    """Unpack it, dream, open the window, take its picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    root = given.root.resolve() if given.root else None
    with tempfile.TemporaryDirectory(dir=root / "tmp" if root else None) as name:
        folder = Path(name)
        with tarfile.open(given.archive) as archive:
            archive.extractall(folder, filter="tar")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"{given.archive.stat().st_size / 1e6:.0f} MB packed, {size / 1e6:.0f} MB unpacked")
        inside = f"/{folder.relative_to(root)}" if root else name
        began = time.monotonic()
        subprocess.run(
            start(folder, root, ["demo", f"{inside}/demo"]), check=True, stdout=subprocess.DEVNULL
        )
        print(f"{time.monotonic() - began:.1f} s  innerear demo")
        for attempt in ("first", "second"):
            with display() as (screen, memory):
                began = time.monotonic()
                command = start(folder, root, ["gui", "--no-join"], DISPLAY=screen, LANG="C.UTF-8")
                with subprocess.Popen(command, start_new_session=True) as program:
                    wait_for_window(memory, program)
                    print(f"{time.monotonic() - began:.1f} s  to the window, {attempt} start")
                    time.sleep(5)
                    if given.picture:
                        save(read_screen(memory), given.picture)
                    os.killpg(program.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
