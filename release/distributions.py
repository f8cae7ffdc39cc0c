"""Makes what a release offers: sdist, wheel, and the packs that the wheel leaves out.

python release/distributions.py OUTPUT_FOLDER

The last commit is built, twice, in two folders; where the bytes differ, nothing is written. They
depend on the commit, on `constraints.txt` beside this file, on the versions of Python and zlib and,
where something is compiled, of the compiler.
"""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from innerear.engine.packs.adding.addable import RELEASED
from innerear.engine.packs.adding.archive import archive_name, write_archive

ROOT = Path(__file__).resolve().parent.parent
MOST_WHEEL_BYTES = 15_000_000
MOST_FILE_BYTES = 4_000_000
_FIRST_DATE = 315_532_800  # 1980-01-01: zip archives know no date before it
_FILE, _PROGRAM = 0o644, 0o755


class DistributionError(Exception):
    """What was built must not be given away."""


def normal_mode(mode: int) -> int:
    """Return the mode of a file that does not tell of the builder's umask."""
    return _PROGRAM if mode & 0o100 else _FILE


def normalise_sdist(content: bytes, epoch: int) -> bytes:
    """Return a `.tar.gz` with members sorted, without owners, and all of one date.

    Args:
        content: of the file.
        epoch: the date, in seconds since 1970.
    """
    made, packed = io.BytesIO(), io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(content)) as before,
        tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as after,
    ):
        for member in sorted(before.getmembers(), key=lambda each: each.name):
            member.mtime, member.uid, member.gid = epoch, 0, 0
            member.uname = member.gname = ""
            member.mode = _PROGRAM if member.isdir() else normal_mode(member.mode)
            member.pax_headers = {}
            after.addfile(member, before.extractfile(member) if member.isfile() else None)
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=epoch) as file:
        file.write(made.getvalue())
    return packed.getvalue()


def normalise_wheel(content: bytes, epoch: int) -> bytes:
    """Return a wheel with members sorted, those of `.dist-info` last, and all of one date.

    Args:
        content: of the file.
        epoch: the date, in seconds since 1970.
    """
    import time

    made = io.BytesIO()
    date = time.gmtime(max(epoch, _FIRST_DATE))[:6]
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        members = [each for each in before.infolist() if not each.is_dir()]
        for member in sorted(
            members, key=lambda each: (".dist-info/" in each.filename, each.filename)
        ):
            new = zipfile.ZipInfo(member.filename, date)
            new.compress_type, new.create_system = zipfile.ZIP_DEFLATED, 3
            new.external_attr = (0o100000 | normal_mode(member.external_attr >> 16)) << 16
            after.writestr(new, before.read(member))
    return made.getvalue()


NORMALISED: Mapping[str, Callable[[bytes, int], bytes]] = {
    ".tar.gz": normalise_sdist,
    ".whl": normalise_wheel,
}


def check_wheel(members: Mapping[str, int], needed: Iterable[str], left_out: Iterable[str]) -> None:
    """Check what a wheel holds.

    Args:
        members: name of each file -> its size in bytes.
        needed: beginnings of names; a file of each must be there.
        left_out: beginnings of names; no file of any may be there.

    Raises:
        DistributionError: says what is wrong.
    """
    for name, size in members.items():
        if not name.startswith(("innerear/", "innerear-")):
            raise DistributionError(f"{name} is no file of ours.")
        if found := [each for each in left_out if name.startswith(each)]:
            raise DistributionError(f"{name} is in the wheel; {found[0]} must not be.")
        if size > MOST_FILE_BYTES:
            raise DistributionError(f"{name} has {size} bytes, more than {MOST_FILE_BYTES}.")
    for each in needed:
        if not any(name.startswith(each) for name in members):
            raise DistributionError(f"{each} is missing in the wheel.")


def commit_date() -> int:
    """Return the date of the last commit, in seconds since 1970."""
    return int(_run("git", "log", "-1", "--format=%ct"))


def build(epoch: int) -> dict[str, bytes]:
    """Build sdist and wheel of the last commit in a folder of their own.

    Args:
        epoch: the date of all files, in seconds since 1970.

    Returns:
        name of each file -> its content.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "innerear"), Path(folder, "made")
        source.mkdir()
        archive = subprocess.run(
            ["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(source, filter="data")
        environment = {
            **os.environ,
            "SOURCE_DATE_EPOCH": str(epoch),
            "PIP_CONSTRAINT": str(ROOT / "release" / "constraints.txt"),
        }
        if sys.platform != "win32":
            # What is compiled must not name the folder that it was compiled in.
            environment["CFLAGS"] = f"{os.environ.get('CFLAGS', '')} -g0".strip()
        command = [sys.executable, "-m", "build", "--outdir", str(made)]
        done = subprocess.run(
            [*command, str(source)], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DistributionError(f"The build fails:\n{done.stdout}\n{done.stderr}")
        return {
            path.name: normalise(path.read_bytes(), epoch)
            for path in sorted(made.iterdir())
            for suffix, normalise in NORMALISED.items()
            if path.name.endswith(suffix)
        }


def make(output: Path) -> list[Path]:
    """Build twice, check and compare; write what is the same into a folder, and return its files.

    Raises:
        DistributionError: two builds differ, or hold what they should not.
    """
    epoch = commit_date()
    made, again = build(epoch), build(epoch)
    if differing := [name for name in {*made, *again} if made.get(name) != again.get(name)]:
        raise DistributionError(f"Two builds of the same commit differ: {', '.join(differing)}.")
    if len(made) != len(NORMALISED):
        raise DistributionError(f"Not one sdist and one wheel were built, but {list(made)}.")
    for name, content in made.items():
        if name.endswith(".whl"):
            if len(content) > MOST_WHEEL_BYTES:
                raise DistributionError(
                    f"{name} has {len(content):,} bytes, more than {MOST_WHEEL_BYTES:,}."
                )
            with zipfile.ZipFile(io.BytesIO(content)) as wheel:
                sizes = {member.filename: member.file_size for member in wheel.infolist()}
            check_wheel(sizes, NEEDED, [*NEVER, *(f"{PACKS}{each}/" for each in RELEASED)])
    output.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (output / name).write_bytes(content)
    for name in RELEASED:
        write_archive(ROOT / "models" / "packs" / name, output / archive_name(name))
    return [output / name for name in [*made, *map(archive_name, RELEASED)]]


PACKS = "innerear/models/packs/"
NEVER = ("innerear/tests/", "innerear/release/", "innerear/examples/", "innerear/.")
NEEDED = (
    "innerear/py.typed",
    "innerear/presets/tunnel-drone.json",
    "innerear/presets/midi/",
    f"{PACKS}stftcnn-robust/dream.onnx",
    f"{PACKS}stftcnn-robust/tensors.bin",
    "innerear/plugin/shell/Plugin.cpp",
    "innerear/library/page/static/",
    "innerear/desktop/innerear.svg",
    "innerear/docs/knobs.md",
)
"""Data, one of each kind; code that is missing shows at once."""


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    """Make the files, let twine check them, and print their sizes and checksums."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if changed := _run("git", "status", "--porcelain"):
        print(f"Not in the build, because not committed:\n{changed}", file=sys.stderr)
    try:
        files = make(Path(sys.argv[1]))
    except DistributionError as problem:
        sys.exit(str(problem))
    distributions = [str(path) for path in files if path.name.endswith(tuple(NORMALISED))]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *distributions], check=True)
    for path in files:
        content = path.read_bytes()
        print(f"{hashlib.sha256(content).hexdigest()}  {len(content):>9,}  {path}")


if __name__ == "__main__":
    main()
