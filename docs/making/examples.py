"""The page of the example scripts."""

import ast
from pathlib import Path

from innerear.docs.making.markdown import fenced


def page(folder: Path) -> str:
    """Return the page in Markdown: each script of a folder, with what it says of itself."""
    lines = [
        "# Example scripts",
        "",
        "They run as they are, on sounds that the project makes itself. "
        "`python SCRIPT --help` lists their settings.",
        "",
    ]
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        said = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]
        lines += [f"## {path.name}", "", said, "", *fenced(text, "python"), ""]
    return "\n".join(lines) + "\n"
