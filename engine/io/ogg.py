"""Gives an Ogg file a fixed stream number, so that the same sound gives the same bytes."""

import struct
from functools import cache
from pathlib import Path

_HEADER = struct.Struct("<4sBBqIIIB")
_SERIAL_AT = 14
_CHECKSUM_AT = 22
_POLYNOMIAL = 0x04C11DB7


def fix_serial(path: Path, serial: int = 0) -> None:
    """Number the stream in the Ogg file `path` as `serial`, in place.

    Encoders draw that number by chance, to tell streams apart that play one after the other.

    Args:
        path: an Ogg file with one stream.
        serial: the number to give it.

    Raises:
        ValueError: a page is missing or cut off.
    """
    with path.open("r+b") as file:
        end = path.stat().st_size
        start = pages = 0
        while start < end:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size or not header.startswith(b"OggS"):
                raise ValueError(f"{path}: no page at byte {start}")
            *_, old_serial, page, checksum, segments = _HEADER.unpack(header)
            length = _HEADER.size + segments + sum(file.read(segments))
            if page != pages or start + length > end:
                raise ValueError(f"{path}: page {pages} is not whole")
            # The checksum is linear: changing some bits changes it by the checksum of a page
            # that is zero but for those bits, whatever the sound is.
            changed = int.from_bytes((old_serial ^ serial).to_bytes(4, "little"), "big")
            zeros_after = length - _SERIAL_AT - 4
            checksum ^= _multiply(changed, _power_of_x(32 + 8 * zeros_after))
            file.seek(start + _SERIAL_AT)
            file.write(struct.pack("<I", serial))
            file.seek(start + _CHECKSUM_AT)
            file.write(struct.pack("<I", checksum))
            start += length
            pages += 1
            file.seek(start)


def _multiply(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2), modulo Ogg's."""
    result = 0
    for bit in range(31, -1, -1):
        result = ((result << 1) ^ (_POLYNOMIAL if result >> 31 else 0)) & 0xFFFFFFFF
        if b >> bit & 1:
            result ^= a
    return result


@cache
def _power_of_x(exponent: int) -> int:
    """Return x ** exponent, modulo Ogg's polynomial, by repeated squaring."""
    if exponent == 0:
        return 1
    half = _power_of_x(exponent // 2)
    square = _multiply(half, half)
    return _multiply(square, 2) if exponent % 2 else square
