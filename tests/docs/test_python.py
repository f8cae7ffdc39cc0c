"""Every snippet of Python in the documents runs, or is read and listed with the reason."""

import ast
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.packs.pack import load_pack

from .fences import PAGES, ROOT, Fence, check_imports, fences, name_of

ONLY_READ = {
    "CONTRIBUTING.md": "pieces of files that exist, such as a row of a table",
    "docs/export.md": "needs torch for seconds; run by tests/exporters/test_any_module.py",
    "docs/library.md": "needs a library or a cluster; run by tests/library",
    "docs/recording.md": "needs a session that plays; run by tests/realtime",
}
"""Page -> why its snippets are not run."""


def _listening() -> dict[str, Any]:
    """Return what the reader of `docs/listening.md` has: a sound, a window, a direction."""
    pack = load_pack("stftcnn-instruments")
    one_hot = np.zeros((1, pack.layers["conv1"].units), np.float32)
    one_hot[0, 1] = 1
    return {
        "sound": short_phrase()[:, : SAMPLE_RATE // 2],
        "sample_rate": SAMPLE_RATE,
        "window": np.zeros((1, pack.window), np.float32),
        "one_hot": one_hot,
    }


PREPARED: Mapping[str, Callable[[], dict[str, Any]]] = {"docs/listening.md": _listening}
"""Page -> what its snippets take for granted, by name."""


def _same_length(names: dict[str, Any]) -> None:
    assert names["dreamed"].shape == names["phrase"].shape


def _readme(names: dict[str, Any]) -> None:
    assert names["dreamed"].shape == (48_000,)
    assert names["out"].shape == (2, 128)


def _study(names: dict[str, Any]) -> None:
    lines = Path("onsets.txt").read_text().split()
    assert (len(lines), lines[0], lines[-1]) == (32, "0.000", "7.750")


def _own_model(names: dict[str, Any]) -> None:
    assert len(list(Path("sounds").glob("*/*.wav"))) == 18


EXPECTED: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "README.md": _readme,
    "docs/python.md": _same_length,
    "docs/tutorials/first-study.md": _study,
    "docs/tutorials/first-own-model.md": _own_model,
}
"""Page -> what holds after its snippets."""


def snippets(page: Path) -> list[Fence]:
    return [fence for fence in fences(page) if fence.language == "python"]


WITH_PYTHON = [page for page in PAGES if snippets(page)]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_the_python_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = name_of(page)
    if name in ONLY_READ:
        for fence in snippets(page):
            check_imports(fence.text, "innerear")
        return
    monkeypatch.chdir(tmp_path)
    names = PREPARED[name]() if name in PREPARED else {}
    for fence in snippets(page):
        exec(compile(fence.text, name, "exec"), names)
    if name in EXPECTED:
        EXPECTED[name](names)


def test_what_is_only_read_is_there() -> None:
    assert set(ONLY_READ) | set(PREPARED) | set(EXPECTED) <= {name_of(page) for page in WITH_PYTHON}


def test_python_programs_of_the_tutorials_can_be_saved_as_they_stand() -> None:
    """A tutorial says `python NAME.py`; the page has the file, with a docstring and imports."""
    for page in (ROOT / "docs" / "tutorials").glob("*.md"):
        for fence in snippets(page):
            tree = ast.parse(fence.text)
            assert ast.get_docstring(tree)
            roots = {
                (node.module or "").split(".")[0]
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
            }
            assert roots <= {*sys.stdlib_module_names, "innerear"}
