"""What `docs/architecture.md` says is in a file is in that file."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "architecture.md").read_text()
PACKAGES = ("cli", "desktop", "engine", "exporters", "gui", "library", "models", "plugin")

_PATH = re.compile(r"[a-z_]+(/[a-z_]+)*/([a-z_]+\.[a-z]+)?|[a-z_]+\.py|pyproject\.toml")
_NAME = re.compile(
    r"(?:[A-Z][A-Za-z]+\.)?_*[a-z]\w*\(\)|[A-Z][A-Za-z]*[a-z][A-Za-z]*|[A-Z][A-Z_]{3,}"
)


def _spans() -> Iterator[tuple[str, Path | None]]:
    """Yield each piece of code in the text, and the file or folder that it stands behind.

    A path holds for what follows it in its paragraph or table row. A file's name without a folder
    is in the folder of the path before, or of the nearest section that names one.
    """
    section: Path | None = None
    for block in re.split(r"\n\n|\n(?=[|#-])|\n(?=\d\. )", TEXT):
        if block.startswith("#"):
            section = None
        place = section
        for span in re.findall(r"`([^`\n]+)`", block):
            if _PATH.fullmatch(span):
                place = _resolve(span, place)
                section = section or place
            yield span, place


def _resolve(span: str, place: Path | None) -> Path:
    if "/" in span or place is None:
        return ROOT / span
    folder = place if place.is_dir() else place.parent
    return folder / span


@cache
def _names(file: Path) -> frozenset[str]:
    """Return what a module defines: functions, classes, constants, and `Class.method`s.

    For a folder, what any of its modules defines.
    """
    if file.is_dir():
        return frozenset().union(*(_names(each) for each in file.glob("*.py")))
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(f"{node.name}()")
        elif isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            found |= {node.name, *(f"{node.name}.{each.name}()" for each in methods)}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id for each in targets if isinstance(each, ast.Name)}
    return frozenset(found)


def test_every_path_in_the_text_exists() -> None:
    paths = [place for span, place in _spans() if _PATH.fullmatch(span)]
    assert len(paths) > 80
    assert [place for place in paths if place is None or not place.exists()] == []


def test_every_name_behind_a_file_is_defined_there() -> None:
    named = [
        (span, place)
        for span, place in _spans()
        if _NAME.fullmatch(span) and place is not None and place.suffix in ("", ".py")
    ]
    assert len(named) >= 20
    missing = [f"{place}: {span}" for span, place in named if span not in _names(place)]
    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_code_is_in_the_text(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    assert folders
    named = {span.rstrip("/") for span, _ in _spans()}
    needed = {folder.relative_to(ROOT).as_posix() for folder in folders} - {"models"}
    assert needed <= named


def test_every_file_that_the_whole_engine_uses_is_in_the_text() -> None:
    named = {span for span, _ in _spans()}
    assert {path.name for path in (ROOT / "engine").glob("[a-z]*.py")} <= named


@pytest.mark.parametrize(
    ("question", "file", "name"),
    [
        ("How does a dream fade", "engine/plugin/dream_reader.py", "DreamReader._follow()"),
        ("*step* multiply", "engine/dsp/spectral_combinations.py", "combine()"),
        ("MIDI message become", "engine/control/midi/dial.py", "Dial.write()"),
        ("Which operators", "exporters/graph/operators.py", "OPERATORS"),
    ],
)
def test_a_question_is_two_steps_from_its_answer(question: str, file: str, name: str) -> None:
    assert "](docs/architecture.md)" in (ROOT / "README.md").read_text()
    (answer,) = [
        block for block in TEXT.split("\n\n") if block.startswith("**") and question in block
    ]
    assert f"`{file}`" in answer
    assert f"`{name}`" in answer
    assert name in _names(ROOT / file)
