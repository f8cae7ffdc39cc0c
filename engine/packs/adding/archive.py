"""Model packs in one file each: a zip archive of the files that the manifest lists."""

import zipfile
import zlib
from pathlib import Path

from ...errors import ModelError
from ...files import write_beside
from ..manifest import MANIFEST_FILE, Manifest, read_manifest

SUFFIX = ".innerear-pack"
MOST_BYTES = 1 << 30
"""Of all files of a pack together, once they are unpacked."""
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644


def archive_name(pack: str) -> str:
    """Return the name of the file that carries a pack."""
    return pack + SUFFIX


def write_archive(folder: Path, path: Path) -> None:
    """Write the pack in `folder` into one file.

    The same pack gives the same bytes: members are sorted, undated and not compressed, so that no
    version of a compressor matters.

    Args:
        folder: of the pack.
        path: of the file; what was there is replaced.

    Raises:
        ModelError: the folder is no pack, a file of it is missing, or the disk refuses.
    """
    files = sorted([MANIFEST_FILE, *read_manifest(folder).files])
    if missing := [name for name in files if not (folder / name).is_file()]:
        raise ModelError(f"{folder / missing[0]} is missing.")
    with write_beside(path, ModelError) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in files:
            member = zipfile.ZipInfo(name, _FIRST_DATE)
            member.create_system, member.external_attr = 3, _MODE << 16
            archive.writestr(member, (folder / name).read_bytes())


def unpack(archive: Path, folder: Path) -> Manifest:
    """Write the files of a packed pack into a folder; only those that its manifest lists.

    Checksums are not compared here: `verify` does that.

    Args:
        archive: the file.
        folder: an empty one.

    Returns:
        the manifest.

    Raises:
        ModelError: it is no such file, is damaged, or would take too much space.
    """
    try:
        with zipfile.ZipFile(archive) as members:
            room = MOST_BYTES
            room -= _extract(members, MANIFEST_FILE, folder, room)
            manifest = read_manifest(folder)
            for name in manifest.files:
                room -= _extract(members, name, folder, room)
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error) as problem:
        # A cut file; a password, or what zipfile cannot do; a cut member; a name; a changed member.
        raise ModelError(f"{archive} is damaged, or no packed model: {problem}.") from problem
    except OSError as problem:
        raise ModelError(f"{archive} cannot be unpacked: {problem.strerror}.") from problem
    return manifest


def _extract(members: zipfile.ZipFile, name: str, folder: Path, room: int) -> int:
    """Write one member, and return its size; what its header says of the size is not trusted."""
    try:
        member = members.getinfo(name)
    except KeyError:
        raise ModelError(f"{members.filename} is no packed model: it has no {name}.") from None
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelError(f"{members.filename} is compressed in a way that packed models are not.")
    written = 0
    with members.open(member) as source, (folder / name).open("xb") as place:
        while piece := source.read(1 << 20):
            written += len(piece)
            if written > room:
                raise ModelError(f"{members.filename} takes more than {MOST_BYTES >> 20} MiB.")
            place.write(piece)
    return written
