"""Archives of arrays that anybody may have made."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from innerear.engine.arrays import read_arrays

MOST = 100_000
FLOATS = "{{'descr': '<f4', 'fortran_order': False, 'shape': {}}}\n"


def packed(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def with_member(content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("a.npy", content)
    return file.getvalue()


def member(header: str, content: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def test_arrays_come_back_as_they_were() -> None:
    kept = {
        "rows": np.arange(6, dtype=np.float16).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6.0).reshape(3, 2)),
        "text": np.array("version"),
        "none": np.zeros((0, 4), np.float32),
    }
    found = read_arrays(packed(**kept), MOST)
    assert found.keys() == kept.keys()
    for name, array in kept.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "damaged"),
        (b"PK", "damaged"),
        (packed(a=np.zeros(MOST)), f"more than {MOST} bytes"),
        (packed(a=np.array([{"b": 1}], object)), "never loaded"),
        (with_member(pickle.dumps([1])), "magic string"),
        (with_member(member(FLOATS.format("(4,)"), b"")), "reshape"),
        (with_member(member(FLOATS.format(f"({2**40},)"), b"1234")), "reshape"),
        (with_member(member(FLOATS.format("(-1,)").replace("<f4", "|O"), b"")), "never loaded"),
        (with_member(member("(" * 9000, b"")), "header|damaged"),
        (with_member(b"a", zipfile.ZIP_LZMA), "compressed"),
    ],
)
def test_what_is_wrong_is_a_value_error(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_arrays(content, MOST)


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = bytearray(packed(a=np.zeros(MOST)))
    # Its directory says that it is small; what is inside is not.
    size = np.zeros(MOST).nbytes + 128
    for at in range(len(bomb) - 4):
        if int.from_bytes(bomb[at : at + 4], "little") == size:
            bomb[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"damaged|more than"):
        read_arrays(bytes(bomb), MOST)
