"""The page in a real browser: by mouse and by keyboard."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("duckdb", reason="the extra `library` is not installed")
pytest.importorskip("uvicorn", reason="the extra `library` is not installed")
pytest.importorskip("playwright", reason="playwright is missing: pip install 'innerear[dev]'")
import uvicorn
from playwright.sync_api import Browser, Page, expect

from innerear.engine.control.preset_file import parse_preset
from innerear.library.library import Library
from innerear.library.page.app import make_app
from innerear.library.page.favourites import FAVOURITES_FILE

from ...browsing import PATIENCE_MS, browsing, watched
from .synthetic import make_row, write_library

expect.set_options(timeout=PATIENCE_MS)
HOSTILE = '<img src=x onerror="window.hacked=1">../../etc/passwd'
COUNT = 60
SECONDS = 3.0  # long enough to be seen to play on a busy machine


@pytest.fixture(scope="module")
def browser(require: Callable[..., None]) -> Iterator[Browser]:
    require("chromium")
    with browsing() as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library of which an item has hostile texts."""
    random = np.random.default_rng(1)
    rows = [make_row(number, random) for number in range(COUNT)]
    rows[0] |= {"sound": HOSTILE, "target": HOSTILE, "judged_after": 0.99}
    return write_library(tmp_path_factory.mktemp("page") / "<b>dreams", rows, COUNT, SECONDS)


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve the library, and return the page's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        app = make_app(Library(folder), [host])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://{host}/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Return the page once it is ready; what it complains about fails the test."""
    with watched(browser, address, 1280, 760) as (page, complaints):
        page.goto(address)
        expect(page.locator("body")).to_have_attribute("data-ready", "true")
        yield page
    # That nothing plays, the server says by its status, and the browser notes that.
    assert [each for each in complaints if "503" not in each] == []


def place_of(page: Page, at: int) -> tuple[float, float]:
    """Return where on the screen the item is that is at a place of the list, in pixels."""
    page.locator("#list li").nth(at).click()
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    ring = page.locator("#ring").bounding_box()
    assert ring is not None
    return ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2


def colours_of(page: Page) -> int:
    """Return how many different colours the map shows."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    shot = page.locator("#map").screenshot()
    count: int = page.evaluate(
        """async (bytes) => {
          const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          const size = [picture.width - 400, picture.height - 260];
          const { data } = context.getImageData(200, 130, ...size);
          return new Set(new Uint32Array(data.buffer)).size;
        }""",
        list(shot),
    )
    return count


def test_texts_of_the_library_stay_texts(page: Page) -> None:
    expect(page.locator("#name")).to_have_text("<b>dreams")
    expect(page.locator("#count")).to_have_text(f"{COUNT} dreams")
    first = page.locator("#list li").first
    expect(first).to_contain_text(HOSTILE)
    first.click()
    expect(page.locator("#title")).to_contain_text(HOSTILE)
    page.get_by_text("Everything about it").click()
    expect(page.locator("#facts")).to_contain_text("onerror")
    page.locator("#colour").select_option("target")
    expect(page.locator("#legend")).to_contain_text("<img")
    assert page.locator("main img").count() == 1, "the spectrogram, and nothing that was a text"
    assert page.evaluate("() => window.hacked") is None


def test_the_pointer_plays_and_shows_what_it_is_at(page: Page) -> None:
    x, y = place_of(page, 3)
    title = page.locator("#list li").nth(3).locator("span").first.inner_text()
    place_of(page, 0)
    expect(page.locator("#title")).not_to_have_text(title)
    page.keyboard.press("0")
    page.mouse.click(400, 700)  # nothing is chosen for good any more
    page.mouse.move(x, y)
    expect(page.locator("#title")).to_have_text(title)
    expect(page.locator("#play")).to_have_text("Stop")
    expect(page.locator("#play")).to_have_text("Play", timeout=PATIENCE_MS)  # at its end
    picture = page.locator("#picture")
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    page.locator("#hover").uncheck()
    page.mouse.move(400, 700)
    page.mouse.move(x, y)
    expect(page.locator("#play")).to_have_text("Play")


def test_filters_choose_what_is_on_the_map(page: Page) -> None:
    before = colours_of(page)
    assert before > 20
    controls = page.locator("#controls")
    controls.get_by_label("Organ").check()
    controls.get_by_label("score after, lowest").focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    sql = page.locator("#sql")
    expect(sql).to_contain_text("score_after >= 0.")
    expect(sql).to_contain_text("target IN ('Organ')")
    expect(page.locator("#count")).to_contain_text(f"of {COUNT} dreams")
    titles = page.locator("#list li span:first-child").all_inner_texts()
    assert titles
    assert all(title.startswith("Organ") for title in titles)
    assert colours_of(page) < before
    page.locator("#reset").click()
    expect(sql).to_have_text("true")
    expect(page.locator("#count")).to_have_text(f"{COUNT} dreams")


def test_everything_works_by_keyboard(page: Page, folder: Path) -> None:
    page.locator("#map").focus()
    seen = set()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        expect(page.locator("#play")).to_have_text("Stop")
        page.keyboard.press("Escape")
        expect(page.locator("#play")).to_have_text("Play")
        seen.add(page.locator("#title").inner_text())
    assert len(seen) > 1
    page.keyboard.press("x")
    expect(page.locator("#hear-original")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    expect(page.locator("#favourite")).to_have_attribute("aria-pressed", "true")
    (kept,) = json.loads((folder / FAVOURITES_FILE).read_text())
    page.locator("#only-favourites").check()
    expect(page.locator("#count")).to_have_text(f"1 of {COUNT} dreams")
    expect(page.locator("#sql")).to_have_text(f"item IN ('{kept}')")
    page.locator("#list li").first.focus()
    with page.expect_download() as sound:
        page.keyboard.press("s")
    assert sound.value.path().read_bytes()[:4] == b"fLaC"
    with page.expect_download() as preset:
        page.keyboard.press("p")
    content = parse_preset(preset.value.path().read_bytes(), "the download")
    assert content.parameters["step"] in (0.5, 1.0, 2.0)
    page.keyboard.press("l")
    expect(page.locator("#message")).to_contain_text("No instrument plays")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_dream_and_original_change_over_while_they_play(page: Page) -> None:
    page.evaluate(
        """() => {
          window.sounds = [];
          const play = Audio.prototype.play;
          Audio.prototype.play = function () { window.sounds.push(this); return play.call(this); };
        }"""
    )
    page.locator("#list li").nth(2).click()
    expect(page.locator("#play")).to_have_text("Stop")

    def heard() -> list[Any]:
        found: list[Any] = page.evaluate(
            """() => window.sounds.map(
              (each) => [each.src.split('/').pop(), each.volume > 0, each.paused])"""
        )
        return found

    assert heard() == [["sound", True, False], ["original", False, False]]
    page.keyboard.press("x")
    assert [row[1] for row in heard()] == [False, True]
    page.locator("#hear-dream").click()
    assert [row[1] for row in heard()] == [True, False]
    page.keyboard.press("Escape")
    assert [row[2] for row in heard()] == [True, True]


def test_the_map_is_moved_and_zoomed(page: Page) -> None:
    x, y = place_of(page, 1)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    ring = page.locator("#ring").bounding_box()
    assert ring is not None
    assert abs(ring["x"] + ring["width"] / 2 - x) < 2, "what is under the pointer stays there"
    page.mouse.down()
    page.mouse.move(x + 40, y + 25, steps=3)
    page.mouse.up()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    moved = page.locator("#ring").bounding_box()
    assert moved is not None
    assert (round(moved["x"] - ring["x"]), round(moved["y"] - ring["y"])) == (40, 25)
    page.locator("#fit").click()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    back = page.locator("#ring").bounding_box()
    assert back is not None
    assert abs(back["x"] + back["width"] / 2 - x) < 2


def test_the_preset_itself_is_dragged(page: Page) -> None:
    page.locator("#list li").nth(4).click()
    expect(page.locator("#get-preset")).to_have_attribute("href", re.compile("/preset$"))
    text = page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          const link = document.getElementById('get-preset');
          link.dispatchEvent(new DragEvent('dragstart', { dataTransfer, cancelable: true }));
          return dataTransfer.getData('text/plain');
        }"""
    )
    assert parse_preset(text.encode(), "what is dragged").parameters["model"]


def test_without_webgl_the_list_works(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(
        """const real = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
          return kind === 'webgl2' ? null : real.call(this, kind, ...more);
        };"""
    )
    page.goto(address)
    expect(page.locator("#message")).to_contain_text("no WebGL 2: the list works")
    page.locator("#list li").nth(1).click()
    expect(page.locator("#play")).to_have_text("Stop")
    page.close()
