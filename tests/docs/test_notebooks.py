"""The notebooks: short, without outputs, importable; the long test runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .fences import ROOT, check_imports

NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def code_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    assert '"outputs": []' in notebook.read_text(encoding="utf-8")
    assert notebook.stat().st_size < 20_000


def test_every_cell_can_be_read_and_what_it_imports_exists(
    notebook: Path, require: Callable[..., None]
) -> None:
    require("torch", "site")
    for cell in code_of(notebook):
        check_imports(cell)


@pytest.mark.soak
def test_a_notebook_runs(
    notebook: Path, require: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("torch", "site")
    from innerear.docs.making.notebooks import run

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    ran = run(notebook, tmp_path)
    texts = [
        output["text"]
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert any("before" in text or "rank" in text or "level" in text for text in texts)
