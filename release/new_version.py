"""Releases a version: checks, dates the changelog's section, commits, tags and builds.

python release/new_version.py 0.2.0 [--dry-run] [--upload]

The tree must be clean and on the branch `main`, and the section *Unreleased* of CHANGELOG.md must
say something. Tests run first; nothing is changed where one fails. Nothing leaves this computer
without --upload, and even then only after all else is done; push the commit and the tag yourself.
"""

import argparse
import datetime
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

BRANCH = "main"
UNRELEASED = "## [Unreleased]"
_VERSION = re.compile(r"\d+\.\d+\.\d+")
Run = Callable[..., str]


class ReleaseError(Exception):
    """Something is not ready."""


def parts(version: str) -> tuple[int, ...]:
    """Return a version's numbers.

    Raises:
        ReleaseError: it is none.
    """
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f"{version!r} is no version such as 0.2.0.")
    return tuple(map(int, version.split(".")))


def dated(changelog: str, version: str, date: datetime.date) -> str:
    """Return the changelog with its section *Unreleased* as that of a version, and a new empty one.

    Raises:
        ReleaseError: there is nothing to release, or that version is there already.
    """
    if f"## [{version}]" in changelog:
        raise ReleaseError(f"CHANGELOG.md has a section of {version} already.")
    before, found, after = changelog.partition(f"{UNRELEASED}\n")
    news = re.split(r"^## \[", after, maxsplit=1, flags=re.MULTILINE)[0]
    if not found or not re.search(r"^- ", news, re.MULTILINE):
        raise ReleaseError("CHANGELOG.md says nothing under Unreleased.")
    return f"{before}{UNRELEASED}\n\n## [{version}] - {date.isoformat()}\n{after}"


def replaced(text: str, pattern: str, new: str, file: str) -> str:
    """Return a text with the one line that matches put anew.

    Raises:
        ReleaseError: there is not one such line.
    """
    made, count = re.subn(pattern, new, text, flags=re.MULTILINE)
    if count != 1:
        raise ReleaseError(f"{file} has {count} lines like {pattern}.")
    return made


def new_texts(root: Path, version: str, date: datetime.date) -> dict[Path, str]:
    """Return what the files say that a release changes.

    Raises:
        ReleaseError: the version is none or not newer, or a file is not as it should be.
    """
    texts = {
        root / name: (root / name).read_text(encoding="utf-8")
        for name in ("CHANGELOG.md", "_version.py", "CITATION.cff")
    }
    changelog, code, citation = texts
    now = re.findall(r'^VERSION = "(.*)"$', texts[code], re.MULTILINE)
    tagged = any(f"## [{each}]" in texts[changelog] for each in now)
    # The first version may be the one that the code names already.
    if len(now) != 1 or parts(version) < parts(now[0]) or (version == now[0] and tagged):
        raise ReleaseError(
            f"{version} is not newer than {', '.join(now) or 'what _version.py says'}."
        )
    undated = re.sub(r"^date-released: .*\n", "", texts[citation], flags=re.MULTILINE)
    cited = replaced(undated, r"^version: .*$", f"version: {version}", citation.name)
    return {
        changelog: dated(texts[changelog], version, date),
        code: replaced(texts[code], r'^VERSION = ".*"$', f'VERSION = "{version}"', code.name),
        citation: f"{cited}date-released: {date.isoformat()}\n",
    }


def check_tree(git: Run, version: str) -> None:
    """Check that the tree is as it was committed, on the right branch, and the tag not given.

    Raises:
        ReleaseError: it is not.
    """
    if changed := git("status", "--porcelain"):
        raise ReleaseError(f"Not everything is committed:\n{changed}")
    if (branch := git("branch", "--show-current")) != BRANCH:
        raise ReleaseError(f"This is the branch {branch!r}; releases are made on {BRANCH!r}.")
    if git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"The tag v{version} is there already.")


def release(root: Path, version: str, dry_run: bool, upload: bool, make: Sequence[str]) -> None:
    """Release a version; see the top of this file.

    Args:
        root: of the checkout.
        version: to release.
        dry_run: only say what would be done.
        upload: whether to upload the distributions at the end.
        make: the command whose targets `test` and `dist` test and build.

    Raises:
        ReleaseError: something is not ready; nothing is changed then.
        CalledProcessError: a command fails. Behind the commit, what is missing can be done by hand.
    """

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    check_tree(git, version)
    texts = new_texts(root, version, datetime.datetime.now(datetime.UTC).date())
    files = [path.name for path in texts]

    def do(*command: str) -> None:
        print(" ".join(command), flush=True)
        if not dry_run:
            subprocess.run(command, cwd=root, check=True)

    do(*make, "test")
    print(f"write {', '.join(files)}", flush=True)
    if not dry_run:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    do("git", "add", *files)
    do("git", "commit", "-m", f"Release {version}")
    do("git", "tag", "-a", f"v{version}", "-m", f"Innerear {version}")
    do(*make, "dist")
    if upload:
        built = [str(path) for path in sorted((root / "dist").glob(f"innerear-{version}*"))]
        do(sys.executable, "-m", "twine", "upload", *built)


def main(arguments: Sequence[str] | None = None) -> int:
    """Release a version, and return the exit status: 0, or 2 where something is not ready."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version", help="such as 0.2.0")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--upload", action="store_true", help="to the package index, at the end")
    given = parser.parse_args(arguments)
    try:
        release(Path.cwd(), given.version, given.dry_run, given.upload, ["make"])
    except ReleaseError as problem:
        print(problem, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as problem:
        print(problem, file=sys.stderr)
        return problem.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
