"""Puts bundles where hosts find them, each with the way to this Python; and takes them away."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.files import disk_error, exchange_folders, sweep
from .formats import Format, PluginError
from .record import Record, read_record, write_record

PYTHON_FILE = "python.txt"
"""In a bundle: the path of the Python that has Innerear, then what its PYTHONPATH is to hold."""
_WORKSHOP = ".installing-"


@dataclass(frozen=True)
class Installed:
    """A bundle in a folder of plug-ins.

    Attributes:
        bundle: where it lies.
        record: what it says of itself.
        python: the Python that its engine runs in.
    """

    bundle: Path
    record: Record
    python: Path

    @property
    def python_exists(self) -> bool:
        """Whether that Python is still there."""
        return os.access(self.python, os.X_OK)


def python_lines() -> list[str]:
    """Return what `python.txt` says: this Python, and where else it finds Innerear.

    Raises:
        PluginError: a new process of this Python does not find Innerear.
    """
    # The path as it is: of a virtual environment it is a link, and where it leads to knows nothing.
    python = os.path.abspath(sys.executable)
    listed = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [os.path.abspath(each) for each in listed if each]
    checkout = str(Path(__file__).resolve().parents[2])
    for extra in ([], [checkout]):
        if _finds_innerear(python, [*folders, *extra]):
            return [python, *folders, *extra]
    raise PluginError(f"{python} does not find Innerear; install it there first")


def install(formats: Sequence[tuple[Format, Path]], built: Path) -> list[Path]:
    """Copy bundles to where hosts find them; all of them, or none.

    Args:
        formats: each with the folder of plug-ins that its bundle goes into.
        built: the folder of the bundles.

    Returns:
        where the bundles lie now.

    Raises:
        PluginError: something else is in a bundle's place, or the disk refuses.
    """
    text = "\n".join(python_lines()) + "\n"
    for format_, folder in formats:
        place = folder / format_.bundle
        if os.path.lexists(place) and read_record(place) is None:
            raise PluginError(f"{place} is not what innerear installed; move it away first")
    workshops: list[Path] = []
    try:
        for format_, folder in formats:
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder, f"{_WORKSHOP}*")
            # In the same folder, hence on the same disk: it is renamed once it is complete.
            workshops.append(Path(tempfile.mkdtemp(prefix=_WORKSHOP, dir=folder)))
            _prepare(format_, built / format_.bundle, workshops[-1] / format_.bundle, text)
        for (format_, folder), workshop in zip(formats, workshops, strict=True):
            place = folder / format_.bundle
            _keep_what_others_wrote(place, workshop / format_.bundle)
            exchange_folders(workshop / format_.bundle, place, workshop / "replaced")
    except OSError as problem:
        raise disk_error(Path(problem.filename or folder), problem, PluginError) from problem
    finally:
        for workshop in workshops:
            shutil.rmtree(workshop, ignore_errors=True)
    return [folder / format_.bundle for format_, folder in formats]


def find_installed(format_: Format, folder: Path) -> Installed | None:
    """Return the bundle of a format in a folder of plug-ins; None where there is none of ours."""
    bundle = folder / format_.bundle
    record = read_record(bundle)
    if record is None:
        return None
    try:
        lines = (bundle / format_.resources / PYTHON_FILE).read_text("utf-8").splitlines()
    except OSError:
        lines = []
    return Installed(bundle, record, Path(lines[0] if lines else ""))


def remove(installed: Installed) -> list[Path]:
    """Delete what `install` wrote, and nothing else.

    Returns:
        what others have put into the bundle, and is left.

    Raises:
        PluginError: the disk refuses.
    """
    bundle = installed.bundle
    try:
        for file in installed.record.files:
            (bundle / file).unlink(missing_ok=True)
        folders = [path for path in bundle.rglob("*") if path.is_dir() and not path.is_symlink()]
        for folder in [*sorted(folders, reverse=True), bundle]:
            if not any(folder.iterdir()):
                folder.rmdir()
    except OSError as problem:
        raise PluginError(f"{bundle} cannot be removed: {problem.strerror}") from problem
    return sorted(path for path in bundle.rglob("*") if not path.is_dir())


def _keep_what_others_wrote(old: Path, new: Path) -> None:
    """Copy into a new bundle what a host has put into the one before, such as presets."""
    record = read_record(old)
    written = set(record.files) if record is not None else set()
    for path in old.rglob("*") if record is not None else ():
        name = path.relative_to(old)
        if path.is_dir() or name.as_posix() in written or os.path.lexists(new / name):
            continue
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, new / name, follow_symlinks=False)


def _prepare(format_: Format, built: Path, copy: Path, python_text: str) -> None:
    record = read_record(built)
    if record is None:
        raise PluginError(f"{built} is no bundle; build it first: innerear plugin build")
    for file in record.files:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built / file, copy / file)
    resources = copy / format_.resources
    resources.mkdir(exist_ok=True)
    (resources / PYTHON_FILE).write_text(python_text, encoding="utf-8")
    write_record(copy, record.version, record.sources)


def _finds_innerear(python: str, folders: Sequence[str]) -> bool:
    """Return whether a process that hosts start finds the Innerear that runs here."""
    ours = Path(__file__).resolve().parents[1] / "__init__.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    find = "import importlib.util as u; print(u.find_spec('innerear').origin)"
    done = subprocess.run(
        [python, "-c", find], cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    found = done.stdout.strip()
    return done.returncode == 0 and bool(found) and Path(found).resolve() == ours
