"""Where a library lies: a folder, or object storage by its URL. Files come whole or not at all."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from ..engine.errors import LibraryError
from ..engine.files import disk_error, write_beside
from ..engine.optional import require

FileKind = Literal["sound", "original", "thumbnail"]
_FILES = {
    "sound": ("sounds", ".flac"),
    "original": ("originals", ".flac"),
    "thumbnail": ("thumbnails", ".png"),
}
_ID = re.compile(r"[0-9a-f]{32}")


def is_id(text: str | None) -> bool:
    """Return whether a text has the form of an item's id, or of a sound's hash; None has not."""
    return text is not None and _ID.fullmatch(text) is not None


def file_name(kind: FileKind, id: str) -> str:
    """Return the path of a file inside a library.

    Args:
        kind: of the file.
        id: the item's; of an original, the sound's hash.

    Raises:
        LibraryError: `id` is none; so no name can lead out of the library.
    """
    if kind not in _FILES:
        raise LibraryError(f"{kind!r} is no kind of file; take one of {', '.join(_FILES)}.")
    if not is_id(id):
        raise LibraryError(f"{id!r} is no item: an item has 32 hexadecimal digits.")
    folder, suffix = _FILES[kind]
    return f"{folder}/{id[:2]}/{id}{suffix}"


class OutsideError(LibraryError):
    """A file of a library is a link that leads out of it."""


class Place:
    """The files of a library, by their path inside it."""

    def __init__(self, address: str | Path) -> None:
        """Find the place; nothing need be there yet.

        Args:
            address: a folder, or a URL that fsspec knows, such as `s3://bucket/dreams`.

        Raises:
            LibraryError: fsspec cannot use the URL, or the place does not answer.
            MissingLibraryError: the extra `library` is not installed.
        """
        require("a library needs", "fsspec", "pyarrow", "duckdb")
        import fsspec

        url = os.fspath(address)
        try:
            try:
                # A list that was kept would not have what other programs add and merge.
                self._files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
            except TypeError:  # `sftp`, say, gives every option to its connection
                self._files, root = fsspec.core.url_to_fs(url)
        except Exception as problem:  # a connection has errors of its own
            raise LibraryError(f"{address}: {_first_line(problem)}") from None
        is_local = "file" in _protocols(self._files)
        self.folder = Path(root) if is_local else None
        """The folder on this machine, or None for another place."""
        self.address = str(self.folder) if self.folder else str(address)
        self._root = root.rstrip("/")

    def __str__(self) -> str:
        """Return the folder or URL."""
        return self.address

    def arrow_files(self) -> Any:
        """Return the `pyarrow.fs.FileSystem` that `full` paths are for."""
        from pyarrow import fs

        if self.folder is not None:
            return fs.LocalFileSystem()
        return fs.PyFileSystem(fs.FSSpecHandler(self._files))

    def full(self, name: str) -> str:
        """Return a file's path in `arrow_files`."""
        return f"{self._root}/{name}"

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        with self._asking(name):
            return bool(self._files.exists(self.full(name)))

    def names(self, folder: str) -> list[str]:
        """Return the files of a folder, sorted, without temporary ones; none if it is missing."""
        try:
            with self._asking(folder):
                found = self._files.ls(self.full(folder), detail=False)
        except FileNotFoundError:
            return []
        ends = (path.rstrip("/").rpartition("/")[2] for path in found)
        return sorted(f"{folder}/{end}" for end in ends if not end.startswith("."))

    def size(self, name: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            LibraryError: it is missing.
        """
        try:
            with self._asking(name):
                return int(self._files.size(self.full(name)))
        except FileNotFoundError:
            raise self.missing(name) from None

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            LibraryError: it is missing, or cannot be read.
        """
        try:
            with self._asking(name):
                return bytes(self._files.cat_file(self.full(name)))
        except FileNotFoundError:
            raise self.missing(name) from None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            LibraryError: the disk is full, or there is no permission.
        """
        with self.writing(name) as path:
            path.write_bytes(content)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield a path on this machine to write to; on success it becomes the file `name`.

        Raises:
            LibraryError: the disk is full, or there is no permission.
        """
        if self.folder is not None:
            target = self.folder / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                raise disk_error(target, problem, LibraryError) from None
            with write_beside(target, LibraryError) as temporary:
                yield temporary
            return
        with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
            temporary = Path(folder) / Path(name).name
            yield temporary
            try:
                with self._asking(name):
                    self._files.pipe_file(self.full(name), temporary.read_bytes())
            except FileNotFoundError:  # the bucket, say
                raise LibraryError(f"{self}/{name}: there is no such place to write to.") from None

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Yield a path on this machine with the content of a file.

        Raises:
            LibraryError: it is missing, or cannot be read.
            OutsideError: it lies outside the library.
        """
        if self.folder is not None:
            yield self.path(name)
            return
        with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
            temporary = Path(folder) / Path(name).name
            temporary.write_bytes(self.read(name))
            yield temporary

    def path(self, name: str) -> Path:
        """Return the path of a file of a library on this machine.

        Raises:
            LibraryError: it is missing, or the library is elsewhere.
            OutsideError: it is a link out of the library.
        """
        if self.folder is None:
            raise LibraryError(f"{self} is not on this machine: its files have no path here.")
        path = self.folder / name
        if not path.is_file():
            raise self.missing(name)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise OutsideError(f"{path} leads out of the library; it is not read.")
        return path

    def move(self, name: str, other: str) -> None:
        """Give a file another name inside the library; nothing happens where it is missing."""
        with suppress(FileNotFoundError), self._asking(name):
            self._files.mv(self.full(name), self.full(other))

    def remove(self, name: str) -> None:
        """Delete a file; nothing happens where it is missing."""
        with suppress(FileNotFoundError), self._asking(name):
            self._files.rm_file(self.full(name))

    def missing(self, name: str) -> LibraryError:
        """Return the error for a file that is not there."""
        return LibraryError(
            f"{self}/{name} is missing: innerear library verify {self} lists what is; --repair"
            " makes room for the next build to make it again."
        )

    @contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        """Say in one line what keeps a place from answering: each kind has errors of its own."""
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as problem:
            raise LibraryError(
                f"{self}/{name}: cannot be read or written ({_first_line(problem)})."
            ) from problem

    @contextmanager
    def sole_writer(self) -> Iterator[None]:
        """Hold the library for one program that changes it; freed also where that is killed.

        Only between programs on one machine, where the library is a folder.

        Raises:
            LibraryError: another program holds it.
        """
        try:
            import fcntl
        except ImportError:  # not on this system
            yield
            return
        if self.folder is None:
            yield
            return
        is_new = not self.folder.exists()
        path = self.folder / ".lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = path.open("w")
        except OSError as problem:  # no folder, or no permission
            raise disk_error(self.folder, problem, LibraryError) from None
        with lock as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LibraryError(
                    f"{self} is being changed by another innerear library; wait for it, or end it."
                ) from None
            try:
                yield
            finally:
                if is_new and list(self.folder.iterdir()) == [path]:  # nothing was written
                    path.unlink()
                    self.folder.rmdir()


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def _first_line(problem: BaseException) -> str:
    return (str(problem) or type(problem).__name__).partition("\n")[0]
