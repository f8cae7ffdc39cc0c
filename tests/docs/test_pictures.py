"""Every picture of the documents has a command that makes it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from innerear.docs.making import pictures
from innerear.docs.making.pictures import DRAWN_BY_HAND, PICTURES, Picture

from .fences import PAGES, ROOT, module_exists, words_of
from .test_commands import parse

SUFFIXES = {".png", ".svg", ".jpg"}


def test_every_picture_is_in_the_table() -> None:
    docs = ROOT / "docs"
    there = {str(path.relative_to(docs)) for path in docs.rglob("*") if path.suffix in SUFFIXES}
    assert there == {*PICTURES, *DRAWN_BY_HAND}


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        (page.parent / each).resolve()
        for page in PAGES
        for each in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert {ROOT / "docs" / name for name in (*PICTURES, *DRAWN_BY_HAND)} == shown


@pytest.mark.parametrize("name", PICTURES)
def test_the_commands_of_a_picture_exist(name: str) -> None:
    for command in PICTURES[name].commands:
        words = words_of(command)
        if words[0] == "innerear":
            parse(words[1:])
        assert module_exists(words)


def test_pictures_with_the_same_commands_are_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write = "python -c \"from PIL import Image; Image.new('RGB', (2, 1), '{0}').save('{0}.png')\""
    both = (write.format("red"), write.format("blue"))
    table = {"one.png": Picture(both, "red.png"), "two.png": Picture(both, "blue.png")}
    monkeypatch.setattr(pictures, "PICTURES", table)
    monkeypatch.setattr(pictures, "DOCS", tmp_path)
    pictures.renew(["one.png", "two.png"], {})
    for name, colour in {"one.png": (255, 0, 0), "two.png": (0, 0, 255)}.items():
        with Image.open(tmp_path / name) as picture:
            assert picture.convert("RGB").getpixel((1, 0)) == colour
    assert capfd.readouterr().out.count(both[0]) == 1


def test_a_kept_picture_is_smaller_and_looks_the_same(tmp_path: Path) -> None:
    level = np.random.default_rng(0).integers(0, 1000, (100, 200)) / 1000
    image = np.stack([255 * level, 120 * level**2, 255 - 200 * level], 2).astype(np.uint8)
    image[40:50] = 255
    image[45, 100:103] = (0, 255, 0)
    Image.fromarray(image).convert("RGBA").save(tmp_path / "made.png")
    pictures.keep(tmp_path / "made.png", tmp_path / "kept.png")
    with Image.open(tmp_path / "kept.png") as picture:
        assert picture.mode == "P"
        kept = np.asarray(picture.convert("RGB"))
    assert np.abs(kept.astype(int) - image).max() <= 12
    sizes = [(tmp_path / name).stat().st_size for name in ("made.png", "kept.png")]
    assert sizes[1] < sizes[0] / 2


def test_every_picture_is_kept_so() -> None:
    for name in PICTURES:
        with Image.open(ROOT / "docs" / name) as picture:
            assert picture.mode == "P", f"{name}: docs.making.pictures.keep makes it smaller"
