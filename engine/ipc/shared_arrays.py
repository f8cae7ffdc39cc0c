"""Named arrays in one file that several processes map into their memory."""

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InnerearError
from .shared_files import make_shared_file, remove_shared_file

Fields = Mapping[str, tuple[str, tuple[int, ...]]]
"""Name of each array -> its dtype, as `np.dtype` reads it, and its shape."""

_ALIGNMENT = 64


class SharedArrays:
    """A file of arrays. Processes that map it with the same fields share the same numbers.

    There are no locks: numbers of eight bytes are written at once, and larger things need a
    convention, such as a count that is raised last, or a checksum.
    """

    def __init__(self, path: Path, fields: Fields, create: bool = False) -> None:
        """Map a file.

        Args:
            path: of the file.
            fields: what it holds.
            create: make it, filled with zeros and for this user only; otherwise it must be there.

        Raises:
            InnerearError: the file is missing, or holds something else; or there is no room for it.
        """
        self.path = path
        offsets, size = {}, _ALIGNMENT
        for name, (dtype, shape) in fields.items():
            offsets[name] = size
            length = np.dtype(dtype).itemsize * int(np.prod(shape))
            size += -(-length // _ALIGNMENT) * _ALIGNMENT
        signature = zlib.crc32(json.dumps([(n, *fields[n]) for n in fields]).encode())
        file = make_shared_file(path, size) if create else _open(path)
        try:
            if os.fstat(file).st_size != size:
                raise InnerearError(f"{path} was made by another version of Innerear.")
            self._memory = mmap.mmap(file, size)
            self._identity = os.fstat(file).st_ino
        finally:
            os.close(file)
        header = np.frombuffer(self._memory, np.int64, 1)
        if create:
            np.frombuffer(self._memory, np.uint8).fill(0)  # every page is there before sound comes
            header[0] = signature
        elif header[0] != signature:
            raise InnerearError(f"{path} was made by another version of Innerear.")
        self._arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in fields.items():
            count = int(np.prod(shape))
            array = np.frombuffer(self._memory, dtype, count, offsets[name])
            self._arrays[name] = array.reshape(shape)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return the array of that name."""
        return self._arrays[name]

    @property
    def is_at_path(self) -> bool:
        """Whether the file of that name is still this one."""
        try:
            return self.path.stat().st_ino == self._identity
        except OSError:
            return False

    def unlink(self) -> None:
        """Delete the file; processes that have mapped it keep their mapping."""
        remove_shared_file(self.path)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR)
    except OSError as problem:
        raise InnerearError(f"{path} cannot be shared: {problem.strerror}.") from problem


class SharedText:
    """A short text in shared memory; a reader during a write sees the text before."""

    HEAD_BYTES = 8
    """Of the length and the checksum, which are written last, and differ if the text does."""

    def __init__(self, memory: NDArray[np.uint8]) -> None:
        """Live in `memory`: eight bytes more than the longest text in UTF-8."""
        self._head = memory[: self.HEAD_BYTES].view(np.uint32)  # length, checksum
        self._bytes = memory[self.HEAD_BYTES :]
        self._seen = (-1, -1)
        self._text = ""

    def set(self, text: str) -> None:
        """Write a text; what is too long is cut."""
        # The name of a file need not be UTF-8.
        data = text.encode(errors="surrogateescape")
        if len(data) > len(self._bytes):
            data = data[: len(self._bytes)].decode(errors="ignore").encode()
        self._bytes[: len(data)] = np.frombuffer(data, np.uint8)
        self._head[:] = len(data), zlib.crc32(data)

    def get(self) -> str:
        """Return the text."""
        head = int(self._head[0]), int(self._head[1])
        if head != self._seen:
            data = self._bytes[: head[0]].tobytes()
            if zlib.crc32(data) == head[1]:
                self._seen, self._text = head, data.decode(errors="surrogateescape")
        return self._text
