"""Every picture of the documents has a command that makes it."""

import re
from pathlib import Path

import pytest

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
    write = "python -c \"open('{0}.png', 'w').write('{{word}}'); open('b.png', 'w').write('b')\""
    both = (write.format("a"), "python -c \"print(open('a.png').read())\"")
    table = {"one.png": Picture(both, "a.png"), "two.png": Picture(both, "b.png")}
    monkeypatch.setattr(pictures, "PICTURES", table)
    monkeypatch.setattr(pictures, "DOCS", tmp_path)
    pictures.renew(["one.png", "two.png"], {})
    assert (tmp_path / "two.png").read_text() == "b"
    assert (tmp_path / "one.png").exists()
    assert capfd.readouterr().out.count(both[0]) == 1
