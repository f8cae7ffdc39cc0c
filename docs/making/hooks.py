"""Adds the generated pages to the site; MkDocs calls these functions by their names."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from innerear.docs.making import (
    commands,
    examples,
    notebooks,
    parameters,
    pictures,
    public_python,
    sounds,
)

ROOT = Path(__file__).resolve().parents[2]


def on_config(config: Any) -> Any:
    """Give the reader of docstrings a folder called as the package, whatever the checkout's name.

    It reads files and does not import, so it does not see an editable install.
    """
    link = ROOT / "build" / "site" / "python" / "innerear"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return config


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages that are generated, and the files that they show."""
    made = {
        "reference/commands.md": commands.page(),
        "reference/parameters.md": parameters.page(),
        "reference/python.md": public_python.page(),
        "reference/pictures.md": pictures.page(),
        "examples.md": examples.page(ROOT / "examples"),
        "sounds.md": sounds.page("sounds"),
        "CONTRIBUTING.md": _from_the_root("CONTRIBUTING.md"),
        "CHANGELOG.md": _from_the_root("CHANGELOG.md"),
    }
    shown = {"sounds": ROOT / config["extra"]["sounds"]}
    for name, page, folder in notebooks.pages(ROOT / config["extra"]["notebooks"]):
        made[f"notebooks/{name}.md"] = page
        shown[f"notebooks/{name}_files"] = folder
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    copied = [(place, path) for place, folder in shown.items() for path in folder.glob("*")]
    copied += [("notebooks", path) for path in notebooks.SOURCES.glob("*.ipynb")]
    for place, source in sorted(copied):
        files.append(File.generated(config, f"{place}/{source.name}", abs_src_path=str(source)))
    return files


def _from_the_root(name: str) -> str:
    """Return a document beside the folder of documents, with links as from within it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(
        r"\]\((?:docs/)?(?=[^)#:\s]+\.md)", "](", text.replace("](README.md", "](index.md")
    )
