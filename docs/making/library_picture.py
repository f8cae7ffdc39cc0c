"""Takes the picture of a library's page: `python -m innerear.docs.making.library_picture IN OUT`.

IN is a folder of sounds. It builds a small library of them, serves it, and opens it in chromium.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1280, 760
_GRID = (
    *("--model", "stftcnn-robust,samplecnn-instruments"),
    *("--target", "Speech,Brass,Organ,Acoustic guitar"),
    *("--set", "step=0.5,1.5", "--seconds", "1.5", "--judge", "crnn-instruments"),
)


def take(sounds: Path, picture: Path) -> None:
    """Build a library from a folder of sounds, and take the picture of its page.

    Raises:
        CalledProcessError: the library could not be built.
    """
    from playwright.sync_api import sync_playwright

    innerear = [sys.executable, "-m", "innerear.cli", "library"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = str(Path(folder) / "dreams")
        subprocess.run([*innerear, "build", str(sounds), "-o", library, *_GRID], check=True)
        server = subprocess.Popen(
            [*innerear, "serve", library, "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[1]
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--use-gl=angle", "--use-angle=swiftshader", "--no-sandbox"],
            )
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(address)
            page.locator("body[data-ready=true]").wait_for()
            page.locator("#colour").select_option("target")
            page.locator("#list li").nth(1).click()
            page.wait_for_timeout(500)
            page.screenshot(path=str(picture))
            browser.close()
        finally:
            server.terminate()
            server.wait()


def main(arguments: list[str] | None = None) -> None:
    """Take the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.docs.making.library_picture",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("sounds", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args(arguments)
    take(given.sounds, given.picture)


if __name__ == "__main__":
    main()
