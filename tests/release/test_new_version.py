"""A release dates the changelog, commits and tags; or changes nothing, and says why."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Something.

## [0.1.0] - 2026-01-01

- The first.
"""
DATE = datetime.date(2026, 2, 3)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository of the files that a release changes, on the branch `main`."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.org")
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    (folder / "_version.py").write_text('VERSION = "0.1.0"\n')
    (folder / "CITATION.cff").write_text("title: Innerear\nversion: 0.1.0\n")
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "All")
    return folder


@pytest.fixture
def make(tmp_path: Path) -> list[str]:
    """Return a command that notes its targets; `test` fails where there is a file `broken`."""
    (script := tmp_path / "make.py").write_text(
        "import pathlib, sys\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "with (here / 'made').open('a') as file: file.write(sys.argv[1] + '\\n')\n"
        "sys.exit((here / 'broken').exists())\n"
    )
    return [sys.executable, str(script)]


def test_a_version_is_released(root: Path, make: list[str], tmp_path: Path) -> None:
    from new_version import release

    release(root, "0.2.0", dry_run=False, upload=False, make=make)
    assert (root / "_version.py").read_text() == 'VERSION = "0.2.0"\n'
    assert "\nversion: 0.2.0\ndate-released: 20" in (root / "CITATION.cff").read_text()
    assert "## [Unreleased]\n\n## [0.2.0] - 20" in (root / "CHANGELOG.md").read_text()
    assert _git(root, "log", "-1", "--format=%s %D") == "Release 0.2.0 HEAD -> main, tag: v0.2.0"
    assert _git(root, "status", "--porcelain") == ""
    assert (tmp_path / "made").read_text() == "test\ndist\n"


def test_a_dry_run_changes_nothing(
    root: Path, make: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from new_version import release

    release(root, "0.2.0", dry_run=True, upload=True, make=make)
    assert _git(root, "log", "--format=%s") == "All"
    assert _git(root, "status", "--porcelain") == ""
    assert not (tmp_path / "made").exists()
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("make.py test")
    assert "twine upload" in said[-1]


def test_where_tests_fail_nothing_is_changed(root: Path, make: list[str], tmp_path: Path) -> None:
    from new_version import release

    (tmp_path / "broken").write_text("")
    with pytest.raises(subprocess.CalledProcessError):
        release(root, "0.2.0", dry_run=False, upload=False, make=make)
    assert _git(root, "status", "--porcelain") == ""
    assert _git(root, "tag") == ""


def _edit(root: Path) -> None:
    (root / "_version.py").write_text('VERSION = "9"\n')


def _branch_off(root: Path) -> None:
    _git(root, "checkout", "--quiet", "-b", "aside")


def _tag(root: Path) -> None:
    _git(root, "tag", "v0.2.0")


def _say_nothing(root: Path) -> None:
    (root / "CHANGELOG.md").write_text(CHANGELOG.replace("- Something.\n", ""))
    _git(root, "commit", "--quiet", "-am", "Nothing")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_edit, "Not everything is committed"),
        (_branch_off, "branch 'aside'"),
        (_tag, "tag v0.2.0 is there"),
        (_say_nothing, "nothing under Unreleased"),
    ],
)
def test_what_is_not_ready_is_not_released(
    spoil: object, words: str, root: Path, make: list[str], tmp_path: Path
) -> None:
    from new_version import ReleaseError, release

    assert callable(spoil)
    spoil(root)
    with pytest.raises(ReleaseError, match=words):
        release(root, "0.2.0", dry_run=False, upload=False, make=make)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "1", "v0.2.0"])
def test_a_version_must_be_a_newer_one(version: str, root: Path) -> None:
    from new_version import ReleaseError, new_texts

    with pytest.raises(ReleaseError, match=version):
        new_texts(root, version, DATE)


def test_the_first_version_may_be_the_one_that_the_code_names(root: Path) -> None:
    from new_version import new_texts

    (root / "CHANGELOG.md").write_text(CHANGELOG.partition("## [0.1.0]")[0])
    texts = new_texts(root, "0.1.0", DATE)
    assert "## [0.1.0] - 2026-02-03" in texts[root / "CHANGELOG.md"]


def test_the_files_here_can_be_released(release: Path) -> None:
    from new_version import new_texts

    texts = new_texts(release.parent, "99.0.0", DATE)
    assert {path.name for path in texts} == {"CHANGELOG.md", "_version.py", "CITATION.cff"}
