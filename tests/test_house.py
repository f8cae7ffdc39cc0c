"""The order of the house: sizes, directions, packages and words of the code."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from innerear.engine.packs.adding.addable import RELEASED

from .conftest import COMPONENTS

ROOT = Path(__file__).resolve().parent.parent
CODE = ("cli", "desktop", "engine", "exporters", "gui", "library", "models", "plugin", "presets")
KERNEL = ROOT / "engine" / "kernel"
"""What a wheel has compiled is there, and what it was compiled from."""
MAX_LINES = 400
MAX_FILES = 25

WITHOUT_CODE_OF_THEIR_OWN = {
    "tests/realtime",
    "tests/soak",
    "tests/engine/references",
    "tests/fuzz",
}
"""Folders of tests that mirror no folder: programs as a whole, other people's methods, and hostile
input for every reader."""

OLD_WORDS = {
    "chore": "job",
    "chores": "jobs",
    "desk": "parameter_controller",
    "front": "client",
    "fronts": "clients",
    "governor": "limiter",
    "granule": "block_divisor",
    "granules": "block_divisor",
    "linger": "keep_alive",
    "modelpack": "pack",
}
"""Words that the code gave up -> the one it uses."""
FRONT_END = re.compile(r"front_?ends?|FrontEnds?|FRONT_ENDS?|up_front")


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below folders of the checkout, relative to it."""
    files = [path for name in folders for path in (ROOT / name).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in files)


ROOT_MODULES = sorted(path.relative_to(ROOT) for path in ROOT.glob("*.py"))
ALL_FILES = [*python_files(*CODE, "docs", "tests", "examples", "release"), *ROOT_MODULES]


@cache
def syntax(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """Return a file's dotted name, without `innerear`: `engine.dsp.stft`, "" for the root."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules that a file imports anywhere in it, also in functions and for types.

    Args:
        path: of the file.
        known: names of all modules, as `module_name` gives them.
    """
    package = list(path.parent.parts)
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (name[9:] for name in names if name.startswith("innerear."))
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            above = package[: len(package) - node.level + 1]
            origin = ".".join([*above, *(node.module or "").split(".")]).strip(".")
        elif (node.module or "").startswith("innerear"):
            origin = (node.module or "").removeprefix("innerear").strip(".")
        else:
            continue
        for alias in node.names:
            inner = f"{origin}.{alias.name}".strip(".")
            yield inner if inner in known else origin


@cache
def import_graph() -> Mapping[str, frozenset[str]]:
    """Return for each module of the code the other modules that it imports."""
    files = {module_name(path): path for path in python_files(*CODE)}
    known = frozenset(files)
    return {name: frozenset(imported(path, known)) & known - {name} for name, path in files.items()}


def room_graph() -> Mapping[str, frozenset[str]]:
    """Return for each room of the code the other rooms that its files import from.

    A room is a folder; in a folder that has others inside, each file is a room of its own.
    """
    files = {module_name(path): path for path in python_files(*CODE)}
    outer = {path.parent.parent for path in files.values()}
    room = {
        name: str(path if path.parent in outer else path.parent) for name, path in files.items()
    }
    graph: dict[str, set[str]] = {}
    for name, others in import_graph().items():
        graph.setdefault(room[name], set()).update(room[other] for other in others)
    return {each: frozenset(others - {each}) for each, others in graph.items()}


def find_cycle(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the names along a cycle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def identifiers(tree: ast.Module) -> Iterator[str]:
    """Yield every name that a file gives or uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name():
                yield node.id
            case ast.Attribute():
                yield node.attr
            case ast.arg() | ast.keyword():
                yield node.arg or ""


def words(identifier: str) -> list[str]:
    """Return the words of an identifier, in lower case: `FrontEnd_of` -> front, end, of."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def test_the_measures_of_this_test_find_what_they_look_for() -> None:
    graph = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a"), "d": frozenset("a")}
    assert set(find_cycle(graph)) == {"a", "b", "c"}
    assert "engine.dsp.stft" in import_graph()
    assert "cli.app" in import_graph()["cli"], "imports inside functions count"
    assert "engine/dsp" in room_graph()["engine/dreaming"]
    assert "engine/errors.py" in room_graph()["engine/dsp"]
    assert words("FrontEndOf_a_RIRFilter2") == ["front", "end", "of", "a", "rir", "filter"]
    tree = ast.parse("class Desk:\n    def f(self, linger): self.x = front(granule=1)")
    assert {"Desk", "f", "linger", "self", "x", "front", "granule"} == set(identifiers(tree))


def test_no_file_is_long() -> None:
    lines = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in ALL_FILES}
    long = {str(path): count for path, count in lines.items() if count > MAX_LINES}
    assert not long, f"more than {MAX_LINES} lines, split them: {long}"


def test_no_folder_is_a_drawer() -> None:
    count = Counter(str(path.parent) for path in ALL_FILES)
    full = {folder: number for folder, number in count.items() if number > MAX_FILES}
    assert not full, "make folders inside, each of one thing"


def test_no_modules_import_one_another() -> None:
    assert find_cycle(import_graph()) == []


def test_no_rooms_import_one_another() -> None:
    assert find_cycle(room_graph()) == []


def test_tests_mirror_the_code() -> None:
    folders = {path.parent for path in python_files("tests")} - {Path("tests")}
    unmirrored = {
        str(folder)
        for folder in folders
        if str(folder) not in WITHOUT_CODE_OF_THEIR_OWN
        and not (ROOT / folder.relative_to("tests")).is_dir()
    }
    assert not unmirrored


def test_no_package_is_forgotten_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["setuptools"]["packages"]
    files = [*python_files(*CODE), Path("__init__.py")]
    folders = {path.parent for path in files}
    assert all((ROOT / folder / "__init__.py").is_file() for folder in folders)
    packages = {".".join(["innerear", *folder.parts]) for folder in folders}
    assert listed == sorted(packages)


def test_no_data_is_forgotten_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["innerear"]
    left_out = settings["tool"]["setuptools"]["exclude-package-data"]["innerear"]
    assert left_out == [f"models/packs/{name}/*" for name in RELEASED]
    packed = {path for pattern in patterns for path in ROOT.glob(pattern)}
    data = {
        path
        for folder in (*CODE, "docs")  # the window shows the documents
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and path.parent != KERNEL
    }
    assert data | {ROOT / "py.typed", ROOT / "README.md"} == packed


def test_no_file_in_c_is_forgotten_in_the_extension() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (extension,) = settings["tool"]["setuptools"]["ext-modules"]
    written = {path.relative_to(ROOT).as_posix() for path in KERNEL.glob("*.[ch]")}
    assert written == {*extension["sources"], *extension["depends"]}


def test_no_word_that_was_given_up_comes_back() -> None:
    written = re.compile("|".join(OLD_WORDS), re.IGNORECASE)  # to parse what has one anywhere
    files = [path for path in ALL_FILES if written.search((ROOT / path).read_text("utf-8"))]
    assert Path("tests/test_house.py") in files
    found = {
        f"{path}: {name}": OLD_WORDS[word]
        for path in {*files, *(path for path in ALL_FILES if written.search(path.stem))}
        for name in {*identifiers(syntax(path)), path.stem}
        for word in words(FRONT_END.sub("", name))
        if word in OLD_WORDS
    }
    assert not found, f"use the words on the right: {found}"


def test_every_file_that_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_./-]+(?:\.py|\.toml|\.yaml|\.md|/))`", text)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists() and name != "dist/"] == []


@pytest.mark.parametrize("file", ["CONTRIBUTING.md", ".ci/packages"])
def test_the_packages_that_tests_need_are_listed(file: str) -> None:
    sources = {source for _, source in COMPONENTS.values()}
    packages = {each.removeprefix("Debian package ") for each in sources if "Debian" in each}
    assert len(packages) > 10
    assert packages - set(re.split(r"[\s`]+", (ROOT / file).read_text(encoding="utf-8"))) == set()
