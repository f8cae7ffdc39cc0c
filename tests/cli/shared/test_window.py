"""Where Qt does not find a library of the system, one line says which package brings it."""

import sys
from collections.abc import Sequence
from types import ModuleType

import pytest

from innerear.cli import main


class Finder:
    """Fails as the loader of libraries does when the window is imported."""

    def __init__(self, said: str) -> None:
        self._said = said

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name == "innerear.gui.app":
            raise ImportError(self._said)


@pytest.mark.parametrize("command", [["gui"], ["desktop", "open"]])
@pytest.mark.parametrize(
    ("library", "words"),
    [("libGL.so.1", "sudo apt install libgl1"), ("libother.so.7", "libother.so.7")],
)
def test_a_missing_library_is_one_line(
    command: list[str], library: str, words: str,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    pytest.importorskip("PySide6", reason="PySide6 is missing (pip install 'innerear[gui]')")
    said = f"{library}: cannot open shared object file: No such file or directory"
    monkeypatch.delitem(sys.modules, "innerear.gui.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(said), *sys.meta_path])
    assert main(command) == 2
    error = capfd.readouterr().err
    assert error.startswith(f"innerear: error: the window needs the library {library}")
    assert words in error
    assert error.count("\n") == 1
