"""What the README says can be done, can be done."""

import re
import shlex
from pathlib import Path

import pytest

from innerear.cli import main
from innerear.engine.parameters import PARAMETERS

README = Path(__file__).resolve().parent.parent / "README.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_python_in_the_readme_runs() -> None:
    (snippet,) = _blocks("python")
    names: dict[str, object] = {}
    exec(snippet, names)
    assert names["dreamed"].shape == (48_000,)
    assert names["out"].shape == (2, 128)


def test_the_commands_in_the_readme_exist(capfd: pytest.CaptureFixture[str]) -> None:
    lines = [line for block in _blocks("") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith(".venv/bin/innerear ")]
    assert len(commands) >= 3
    for line in commands:
        words = shlex.split(line, comments=True)[1:]
        assert main([words[0], "--help"]) == 0
        flags = capfd.readouterr().out
        assert all(word in flags for word in words if word.startswith("--")), line


def test_every_knob_that_the_readme_names_is_one() -> None:
    known = {parameter.flag for parameter in PARAMETERS.values()}
    named = set(re.findall(r"\| `(--[a-z-]+)`", README.read_text()))
    assert len(named) > 5
    assert named <= known


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert (README.parent / target).exists(), target
