"""What the README and the documents name is there: knobs, files, headings."""

import re
from pathlib import Path

import pytest

from innerear.engine.parameters import PARAMETERS

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
KNOBS = ROOT / "docs" / "knobs.md"
DOCUMENTS = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").rglob("*.md"),
]


def test_every_knob_that_the_readme_names_is_one() -> None:
    known = {parameter.flag for parameter in PARAMETERS.values()}
    named = set(re.findall(r"\| `(--[a-z-]+)`", README.read_text()))
    assert len(named) > 5
    assert named <= known


def test_the_table_of_knobs_gives_titles_ranges_and_defaults_as_declared() -> None:
    """What it says holds; a new knob is described by `--help` until it has a row here."""
    text = KNOBS.read_text()
    found = re.findall(r"^\| `(--[a-z-]+)` \| (.*?) \| (.*?) \| (.*?) \|", text, re.MULTILINE)
    rows = {flag: told for flag, *told in found}
    by_flag = {parameter.flag: parameter for parameter in PARAMETERS.values()}
    assert len(rows) > 20
    assert set(rows) <= set(by_flag)
    for flag, (title, values, default) in rows.items():
        parameter = by_flag[flag]
        assert title == parameter.title
        if parameter.kind in ("number", "duration"):
            numbers = f"{parameter.minimum:g} to {parameter.maximum:g}"
            assert values.startswith(f"{numbers} {parameter.unit}".strip()), parameter.id
            assert float(default) == parameter.default
        elif parameter.kind == "switch":
            assert (values, default) == ("on, off", "on" if parameter.default else "off")
        else:
            assert default.strip("`") == (str(parameter.default) or "none")
        if parameter.kind == "choice" and parameter.id != "beat":
            named = re.findall(r"`([^`]+)`", values)
            assert named == [str(each) for each in parameter.choices if str(each) in named]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_and_heading_that_a_document_links_to_is_there(document: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", document.read_text()):
        linked = document.parent / target if target else document
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, f"{target}#{anchor}"


def _anchor(heading: str) -> str:
    """Return the fragment by which a page of Markdown is linked at a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
