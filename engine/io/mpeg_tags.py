"""What stands around the sound in an MP3 file: tags before and behind it, a count of its frames."""

import io
import struct
from typing import BinaryIO, NamedTuple

_ID3V2, _ID3V2_HEADER, _ID3V2_FOOTER = b"ID3", 10, 0x10
_ID3V1, _ID3V1_SIZE = b"TAG", 128
_APE, _APE_FOOTER, _APE_HEADER_SIZE = b"APETAGEX", struct.Struct("<8sIIII8x"), 32
_SYNC = 0xFF
_COUNTS = (b"Xing", b"Info")
_COUNT = struct.Struct(">4sI")
_HAS_FRAMES, _HAS_BYTES = 1, 2
_INSIDE_FIRST_FRAME = 48
"""Bytes of the first frame in which its count begins."""
_MOST_TAGS = 100
_TOLERANCE = 4096
"""Bytes, more than two frames, in which programs differ about what they count."""


def find_sound(file: BinaryIO) -> tuple[int, int]:
    """Return where the bytes of the sound begin and end, without ID3 and APE tags around them."""
    end = file.seek(0, io.SEEK_END)
    start = min(_end_of_first_tags(file), end)
    if _at(file, end - _ID3V1_SIZE, len(_ID3V1)) == _ID3V1:
        end -= _ID3V1_SIZE
    footer = _at(file, end - _APE_FOOTER.size, _APE_FOOTER.size)
    if footer.startswith(_APE):
        _, _, size, _, flags = _APE_FOOTER.unpack(footer)
        end -= size + (_APE_HEADER_SIZE if flags >> 31 else 0)
    return start, max(start, end)


class Count(NamedTuple):
    """The count of frames that the first frame of an MP3 file may hold.

    Attributes:
        at: where in the file it begins.
        missing_bytes: how much shorter the sound is than it says; negative for longer.
    """

    at: int
    missing_bytes: int

    @property
    def is_whole(self) -> bool:
        """Whether it holds for the sound that is there: not where files were joined or cut."""
        return abs(self.missing_bytes) <= _TOLERANCE

    @property
    def is_cut_off(self) -> bool:
        """Whether the sound ends before it says."""
        return self.missing_bytes > _TOLERANCE


def find_count(file: BinaryIO, start: int, end: int) -> Count | None:
    """Return the count in the first frame; None where there is none, or it is no MP3 file.

    Args:
        file: any file.
        start, end: where its sound is, in bytes.
    """
    head = _at(file, start, _INSIDE_FIRST_FRAME)
    found = max(head.find(name) for name in _COUNTS)
    if found < 0 or head[0] != _SYNC:
        return None
    at = start + found
    _, flags = _COUNT.unpack(_at(file, at, _COUNT.size))
    if not flags & _HAS_FRAMES:
        return Count(at, start - end)
    if not flags & _HAS_BYTES:
        return Count(at, 0)
    stated = int.from_bytes(_at(file, at + _COUNT.size + 4, 4))
    return Count(at, stated - (end - start))


def _end_of_first_tags(file: BinaryIO) -> int:
    start = 0
    for _ in range(_MOST_TAGS):
        header = _at(file, start, _ID3V2_HEADER)
        if not header.startswith(_ID3V2):
            break
        size = 0
        for byte in header[6:]:  # seven bits in each
            size = size << 7 | byte & 0x7F
        start += _ID3V2_HEADER + size
        if len(header) == _ID3V2_HEADER and header[5] & _ID3V2_FOOTER:
            start += _ID3V2_HEADER
    return start


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(max(0, place))
    return file.read(count)
