"""What the public continuous integration is told: it calls the commands that people call."""

import re
import tomllib
from pathlib import Path

import pytest

from innerear._version import VERSION

ROOT = Path(__file__).resolve().parents[2]
yaml = pytest.importorskip("yaml", reason="PyYAML is missing (pip install 'innerear[dev]')")


def test_every_command_of_make_that_a_workflow_calls_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called: set[str] = set()
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text())["jobs"]
        steps = [step for job in jobs.values() for step in job["steps"]]
        runs = "\n".join(step.get("run", "") for step in steps)
        called |= set(re.findall(r"^make ([a-z-]+)", runs, re.MULTILINE))
        assert all((ROOT / file).is_file() for file in re.findall(r"^(\.ci/\w+)", runs, re.M))
    assert called >= {"check", "dist"}
    assert called <= targets


def test_every_python_that_is_promised_is_tried() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    tried = workflow["jobs"]["pythons"]["strategy"]["matrix"]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert settings["requires-python"] == ">=" + tried["python"][0]
    assert len(tried["system"]) == 3


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")))
def test_the_forms_for_issues_can_be_read(form: Path) -> None:
    content = yaml.safe_load(form.read_text())
    if form.name != "config.yml":
        assert {"name", "description", "body"} <= set(content)
        ids = [each["id"] for each in content["body"]]
        assert len(set(ids)) == len(ids)


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == VERSION
    assert citation["cff-version"] == "1.2.0"
