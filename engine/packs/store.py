"""The user's own packs: adding one whole or not at all, and removing one."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import ModelError, nearest
from ..files import disk_error, exchange_folders, list_folder, sweep
from .adding import addable
from .adding.archive import unpack
from .adding.download import Progress, download
from .manifest import file_checksum, write_manifest
from .pack import SHIPPED_FOLDER, Pack, user_folder
from .pack_files import copy_file
from .verify import verify, verify_apart


@contextmanager
def adding(name: str, check: Callable[[Path], object] = verify) -> Iterator[Path]:
    """Give an empty folder to make the pack `name` in; then check it, and move it to its place.

    Where anything fails, nothing is left behind, and an earlier pack of that name stays. Where all
    succeeds, the earlier pack is replaced.

    Args:
        name: of the pack.
        check: what refuses one that is not sound.

    Yields:
        A folder called `name`, outside of the place where packs are looked for. Its parent takes
        temporary files, and is deleted at the end.

    Raises:
        ModelError: a pack of that name came with Innerear, what was made is no sound pack, or the
            disk refuses.
    """
    _refuse_shipped(name)
    root = user_folder()
    made = _make_folders(root)
    sweep(root, ".adding-*", ".removing-*")
    workshop = root / f".adding-{secrets.token_hex(4)}"
    try:
        pack = workshop / name
        pack.mkdir(parents=True)
        yield pack
        check(pack)
        if Pack(pack).name != name:
            raise ModelError(f"{pack} holds another pack than {name!r}.")
        exchange_folders(pack, root / name, workshop / "replaced")
        made = []
    except OSError as problem:
        raise disk_error(root / name, problem, ModelError) from problem
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
        for folder in made:
            if not any(folder.iterdir()):
                folder.rmdir()


def add_folder(source: str | Path) -> Path:
    """Copy a pack from a folder to the user's packs, once it is found to be sound.

    Only the files that its manifest lists are copied, each as the checksum says. It is checked in
    a process with limits before it runs in this one.

    Args:
        source: the pack's folder.

    Returns:
        where it lies now.

    Raises:
        ModelError: it is no pack, or not a sound one; one line says what is wrong.
    """
    pack = Pack(source)
    place = user_folder() / pack.name
    if place.exists() and place.samefile(pack.folder):
        raise ModelError(f"{pack.name!r} is added already.")
    copy = None
    try:
        with adding(pack.name, verify_apart) as copy:
            for file in pack.manifest.files:
                copy_file(pack.folder, pack.manifest, file, copy)
            write_manifest(pack.manifest, copy)
    except ModelError as problem:
        # The copy is gone by now: what is wrong with it is wrong with the source.
        raise ModelError(str(problem).replace(str(copy), str(pack.folder))) from None
    return place


def add_archive(archive: Path, name: str | None = None) -> Path:
    """Add the pack that a file carries to the user's packs, once it is found to be sound.

    Args:
        archive: as `write_archive` writes it.
        name: that the pack must have; None takes any.

    Returns:
        where it lies now.

    Raises:
        ModelError: it is no packed pack, not a sound one, or has another name.
    """
    with tempfile.TemporaryDirectory() as unpacked:
        manifest = unpack(archive, Path(unpacked))
        if name is not None and manifest.name != name:
            raise ModelError(f"{archive} holds the model {manifest.name!r}, not {name!r}.")
        try:
            return add_folder(unpacked)
        except ModelError as problem:
            raise ModelError(str(problem).replace(unpacked, str(archive))) from None


def add_released(
    name: str, archive: Path | None = None, progress: Progress = lambda done: None
) -> Path:
    """Add a pack of ours that the wheel leaves out.

    Args:
        name: one of `RELEASED`.
        archive: its file; None downloads it.
        progress: called with the number of bytes that were downloaded.

    Returns:
        where it lies now.

    Raises:
        ModelError: the file is another than the one of the release, or cannot be fetched.
    """
    _refuse_shipped(name)
    released = addable.RELEASED[name]
    if archive is not None:
        if not archive.is_file():
            raise ModelError(f"There is no file {archive}.")
        if file_checksum(archive) != released.sha256:
            raise ModelError(f"{archive} is not the file of the release (its checksum differs).")
        return add_archive(archive, name)
    by_file = f"give a file: innerear models add {name} --from {released.url}"
    if addable.RELEASES is None:
        raise ModelError(f"Nothing is published yet to download {name!r} from; {by_file}")
    with tempfile.TemporaryDirectory() as folder:
        fetched = Path(folder, released.url)
        try:
            download(replace(released, url=f"{addable.RELEASES}/{released.url}"), fetched, progress)
        except ModelError as problem:
            raise ModelError(f"{problem} Try again later, or {by_file}") from problem
        return add_archive(fetched, name)


def remove_pack(name: str) -> Path:
    """Delete a pack that the user added.

    Args:
        name: of the pack.

    Returns:
        where it was.

    Raises:
        ModelError: the user has no pack of that name, it came with Innerear, or the disk refuses.
    """
    root = user_folder()
    own = {
        folder.name: folder
        for folder in list_folder(root)
        if folder.is_dir() and not folder.name.startswith(".")
    }
    if name not in own:
        if (SHIPPED_FOLDER / name).is_dir() and name not in ("", ".", ".."):
            raise ModelError(f"{name!r} came with Innerear and cannot be removed.")
        hint = nearest(name, own) if own else "You have added none."
        raise ModelError(f"There is no added model {name!r}. {hint}")
    # Renamed first, so that no one finds a pack that is half deleted.
    leaving = root / f".removing-{secrets.token_hex(4)}"
    try:
        own[name].rename(leaving)
        if leaving.is_symlink():
            leaving.unlink()
        else:
            shutil.rmtree(leaving)
    except OSError as problem:
        raise ModelError(f"{own[name]} cannot be removed: {problem.strerror}.") from problem
    return own[name]


def _refuse_shipped(name: str) -> None:
    if (SHIPPED_FOLDER / name).exists():
        raise ModelError(f"{name!r} came with Innerear; rename the pack to add it.")


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the ones that are new, the innermost first."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(folder, problem, ModelError) from problem
    return new
