"""The site: complete, of its own host alone, and playing in a browser."""

import functools
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.cli.app import command
from innerear.docs.making.commands import walk
from innerear.docs.making.sounds import DREAMS, make
from innerear.docs.making.source_sounds import SOUNDS
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE
from innerear.engine.io.audio_files import read_sound
from innerear.engine.parameters import PARAMETERS

from .fences import ROOT

LOADED = {"audio": "src", "img": "src", "iframe": "src", "link": "href", "script": "src"}
"""Tag -> the attribute by which a browser loads something without being asked."""


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in LOADED and given.get(LOADED[tag]):
            self.found.append(given[LOADED[tag]] or "")


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        parser = _Loads()
        parser.feed(page.read_text(encoding="utf-8"))
        elsewhere = [each for each in parser.found if re.match(r"(?:[a-z]+:)?//", each)]
        assert not elsewhere, page


def test_every_document_has_a_page(site: Path) -> None:
    for document in (ROOT / "docs").rglob("*.md"):
        assert (site / document.relative_to(ROOT / "docs")).with_suffix(".html").is_file()
    for notebook in (ROOT / "examples" / "notebooks").glob("*.ipynb"):
        assert (site / "notebooks" / f"{notebook.stem}.html").is_file()
        assert (site / "notebooks" / notebook.name).is_file()


def test_the_reference_is_complete(site: Path) -> None:
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for path, _ in walk(command(), "innerear"):
        assert f'id="{path.replace(" ", "-")}"' in commands
    parameters = (site / "reference" / "parameters.html").read_text(encoding="utf-8")
    for id in PARAMETERS:
        assert f"<code>{id}</code>" in parameters
    python = (site / "reference" / "python.html").read_text(encoding="utf-8")
    for name in set(innerear.__all__) - {"__version__", "errors", "packs", "presets", "PARAMETERS"}:
        kind = getattr(innerear, name).__module__
        assert f'id="{kind}.{name}"' in python or f'id="innerear.{name}"' in python, name


def test_sounds_are_made_and_dreamed_into(tmp_path: Path) -> None:
    make(tmp_path, seconds=0.3, dreams=DREAMS[:1], told=lambda line: None)
    assert {path.stem for path in tmp_path.glob("*.mp3")} == {*SOUNDS, DREAMS[0].name}
    before, rate = read_sound(tmp_path / f"{DREAMS[0].sound}.mp3")
    after, _ = read_sound(tmp_path / f"{DREAMS[0].name}.mp3")
    assert rate == SAMPLE_RATE
    assert after.shape == before.shape
    assert np.std(after - before) > 0.01
    assert (tmp_path / f"{DREAMS[0].name}.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", SOUNDS)
def test_a_computed_sound_is_whole(name: str) -> None:
    sound = SOUNDS[name]()
    assert sound.dtype == np.float32
    assert sound.shape[0] == 2
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("dream", DREAMS, ids=lambda dream: dream.name)
def test_a_dream_of_the_page_can_be_repeated_by_its_command(dream: object) -> None:
    from innerear.docs.making.sounds import Dream

    from .test_commands import parse, words_of

    assert isinstance(dream, Dream)
    given = parse(words_of(dream.command)[1:]).params
    for id, value in dream.settings.items():
        assert dream.parameters[id] == value
        assert given[id] == value
    assert (given.get("preset") or "") == dream.preset


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.soak
def test_the_sounds_play_in_a_browser(address: str, require: Callable[..., None]) -> None:
    require("chromium")
    pytest.importorskip("playwright", reason="playwright is missing: pip install 'innerear[dev]'")
    from ..browsing import browsing, watched

    with browsing() as browser, watched(browser, address, 390, 844) as (page, complaints):
        page.goto(f"{address}sounds.html")
        count = page.locator("audio").count()
        assert count == len(SOUNDS) + len(DREAMS)
        played = page.evaluate(
            """async () => {
              const played = async (audio) => {
                const ended = new Promise((done, failed) => {
                  audio.onended = () => done(audio.currentTime);
                  audio.onerror = () => failed(audio.error.message);
                });
                await audio.play();
                return ended;
              };
              return Promise.all([...document.querySelectorAll('audio')].map(played));
            }"""
        )
        assert len(played) == count
        assert all(seconds > 0.9 for seconds in played)
        # Nothing reaches beyond a phone's width.
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for name in ("index", "reference/python", "reference/commands", "tutorials/first-dream"):
            page.goto(f"{address}{name}.html")
            assert page.locator("h1").count() == 1
    assert complaints == []
