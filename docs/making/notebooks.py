"""Runs the notebooks and makes pages of them: `python -m innerear.docs.making.notebooks FOLDER`."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "examples" / "notebooks"
TIMEOUT_SECONDS = 3600  # of a cell, on a machine that is busy with other work


def run(source: Path, folder: Path) -> Any:
    """Return a notebook with the outputs of all its cells.

    Args:
        source: the notebook's file.
        folder: in which its cells run.

    Raises:
        CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(source, as_version=4)
    settings = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=TIMEOUT_SECONDS, kernel_name="python3", resources=settings
    ).execute()
    return notebook


def pages(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield name, Markdown and folder of pictures of each notebook.

    Args:
        folder: where the notebooks lie that were run; those that are missing there are shown
            without outputs.
    """
    for source in sorted(SOURCES.glob("*.ipynb")):
        ran = folder / source.name
        notebook = nbformat.read(ran if ran.is_file() else source, as_version=4)
        name = source.stem
        exporter = MarkdownExporter()
        resources = {"unique_key": name, "output_files_dir": f"{name}_files"}
        text, found = exporter.from_notebook_node(notebook, resources)
        pictures = folder / f"{name}_files"
        pictures.mkdir(parents=True, exist_ok=True)
        for path, content in found["outputs"].items():
            (pictures / Path(path).name).write_bytes(content)
        title, _, rest = text.partition("\n")
        note = f"[Download the notebook]({source.name}); it runs as it is.\n"
        yield name, f"{title}\n\n{note}{rest}", pictures


def main(arguments: list[str] | None = None) -> None:
    """Run every notebook, and keep it with its outputs."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.docs.making.notebooks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(SOURCES.glob("*.ipynb")):
        nbformat.write(run(source, folder), folder / source.name)
        print(folder / source.name)


if __name__ == "__main__":
    main()
