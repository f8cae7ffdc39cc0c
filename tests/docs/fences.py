"""What stands in the fenced blocks of the documents: commands, Python, and what programs print."""

import ast
import importlib.util
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda path: (len(path.parts), path),
)

PROGRAMS = {
    *("clang++", "curl", "dask", "helm", "innerear", "make", "pip", "pipx", "pre-commit", "python"),
    *("python3", "sha256sum", "source", "sudo", "/usr/bin/time", "uv"),
}
"""First words of the lines that a reader may type; `.venv/bin/` may stand before them."""

_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fenced block: the page, its language, and its lines without their indent."""

    page: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines; those that end in a backslash are joined with the next."""
        return [each for each in self.text.replace("\\\n", " ").splitlines() if each.strip()]

    @property
    def is_typed(self) -> bool:
        """Whether it is what a reader types, and not what a program prints."""
        return self.language in ("", "sh") and first_word(self.lines[0]) in PROGRAMS


def name_of(page: Path) -> str:
    """Return a page's path in the checkout."""
    return str(page.relative_to(ROOT))


def fences(page: Path) -> list[Fence]:
    """Return all fenced blocks of a page."""
    return [
        Fence(name_of(page), language.strip(), re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, text in _FENCE.findall(page.read_text(encoding="utf-8"))
    ]


def all_fences() -> list[Fence]:
    """Return the blocks of all pages, page by page."""
    return [fence for page in PAGES for fence in fences(page)]


def first_word(line: str) -> str:
    """Return the program that a line calls, without the folder of an environment."""
    return line.split(maxsplit=1)[0].removeprefix(".venv/bin/").removeprefix("dreams/bin/")


def words_of(line: str) -> list[str]:
    """Return the words of a command as a shell reads them, without its comment."""
    return shlex.split(line, comments=True)


def module_exists(words: list[str]) -> bool:
    """Return whether the module of ours that a command runs is there, where it runs one."""
    module = words[words.index("-m") + 1] if "-m" in words else ""
    if not module.startswith(("innerear.", "tests.")):
        return True
    path = ROOT / module.removeprefix("innerear.").replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def check_imports(text: str, package: str = "") -> None:
    """Check that what a piece of Python imports is there, without running the rest.

    Args:
        text: the piece.
        package: imports of others are left alone.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith(package)]
            assert all(map(importlib.util.find_spec, names)), names
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            module = importlib.import_module(node.module or "")
            assert all(hasattr(module, alias.name) for alias in node.names), node.module


def inline_commands(page: Path) -> list[str]:
    """Return the commands of Innerear that stand in the running text of a page, in code."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [" ".join(each.split()) for each in re.findall(r"(?<!`)`(innerear [^`]+)`(?!`)", text)]
