"""A real browser for tests, on a computer without a graphics card or a sound card."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from .conftest import find_browser

PATIENCE_MS = 90_000
"""So long a machine may be busy with something else; nobody waits longer than it takes."""
_FLAGS = (
    # A GPU of software.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    # Sounds that play without a click.
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def watched(
    browser: Browser, address: str, width: int, height: int
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page; yield it, and a list in which it complains.

    Errors of scripts are complaints, what is written on the console as one, and whatever is asked
    of another host.

    Args:
        browser: in which it opens.
        address: how all begins that may be asked for.
        width, height: of the page, in pixels.
    """
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("request", lambda asked: asked.url.startswith(address) or complaints.append(asked.url))
    yield page, complaints
    page.close()
