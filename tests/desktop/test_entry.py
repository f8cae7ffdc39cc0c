"""The entry and the kinds of files, as a desktop reads them."""

import subprocess
from collections.abc import Callable
from configparser import RawConfigParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from innerear.desktop.entry import ICON, PACK_TYPE, PRESET_TYPE, desktop_entry, mime_types

_NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


def _read(text: str) -> RawConfigParser:
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


def test_the_entry_opens_what_it_says_it_opens() -> None:
    entry = _read(desktop_entry(["/usr/bin/python3", "-m", "innerear.cli"]))["Desktop Entry"]
    assert entry["Exec"] == '"/usr/bin/python3" "-m" "innerear.cli" %f'
    assert entry["MimeType"].rstrip(";").split(";") == [PRESET_TYPE, PACK_TYPE]
    kinds = ElementTree.fromstring(mime_types()).findall(f"{_NAMESPACE}mime-type")
    assert [kind.attrib["type"] for kind in kinds] == [PRESET_TYPE, PACK_TYPE]
    assert ICON.stem == entry["Icon"]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/a b/python", '"/a b/python"'),
        ("100%", '"100%%"'),
        ('a"b', '"a\\\\"b"'),
        ("a$b`c", '"a\\\\$b\\\\`c"'),
        ("a\\b", '"a\\\\\\\\b"'),
    ],
)
def test_odd_characters_in_a_path_are_quoted(word: str, written: str) -> None:
    assert f"Exec={written} %f\n" in desktop_entry([word])


def test_the_desktop_finds_nothing_wrong(tmp_path: Path, require: Callable[..., None]) -> None:
    require("desktop-file-validate")
    (path := tmp_path / "innerear.desktop").write_text(desktop_entry(["/a b/p%y", "-m", "x"]))
    done = subprocess.run(
        ["desktop-file-validate", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_icon_is_a_picture() -> None:
    assert ICON.read_bytes().startswith(b"\x89PNG")
    assert int.from_bytes(ICON.read_bytes()[16:20]) == 256
    assert ElementTree.parse(ICON.with_suffix(".svg")).getroot().tag.endswith("svg")
