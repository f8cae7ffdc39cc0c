"""Packs in one file: the same bytes each time, and nothing but what the manifest lists."""

import os
import zipfile
from pathlib import Path

import pytest

import innerear
from innerear.engine.errors import ModelError
from innerear.engine.packs.adding import archive as archives
from innerear.engine.packs.adding.addable import RELEASED
from innerear.engine.packs.adding.archive import archive_name, unpack, write_archive
from innerear.engine.packs.manifest import file_checksum

PACKS = Path(innerear.__file__).parent / "models" / "packs"


@pytest.fixture
def packed(toy_pack: Path, tmp_path: Path) -> Path:
    write_archive(toy_pack, tmp_path / "toy.innerear-pack")
    return tmp_path / "toy.innerear-pack"


def test_dates_and_modes_of_the_files_do_not_matter(
    packed: Path, toy_pack: Path, tmp_path: Path
) -> None:
    before = packed.read_bytes()
    os.utime(toy_pack / "hear.onnx", (1e9, 1e9))
    (toy_pack / "hear.onnx").chmod(0o600)
    (toy_pack / "notes.txt").write_text("not in the manifest")
    write_archive(toy_pack, packed)
    (toy_pack / "notes.txt").unlink()
    assert packed.read_bytes() == before


def test_what_was_packed_comes_out(packed: Path, toy_pack: Path, tmp_path: Path) -> None:
    (place := tmp_path / "place").mkdir()
    assert unpack(packed, place).name == "toy-tones"
    for file in place.iterdir():
        assert file.read_bytes() == (toy_pack / file.name).read_bytes()
    assert {file.name for file in place.iterdir()} == {file.name for file in toy_pack.iterdir()}


def test_members_that_the_manifest_does_not_list_stay_inside(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../outside", b"x")
        archive.writestr("more", b"x")
    (place := tmp_path / "place").mkdir()
    unpack(packed, place)
    assert not (tmp_path / "outside").exists()
    assert not (place / "more").exists()


@pytest.mark.parametrize(
    ("compression", "line"),
    [
        (zipfile.ZIP_STORED, "is damaged, or no packed model: "),
        (zipfile.ZIP_DEFLATED, "is damaged, or no packed model: "),
        (zipfile.ZIP_BZIP2, "compressed in a way"),
        (zipfile.ZIP_LZMA, "compressed in a way"),
    ],
)
def test_a_changed_member_is_one_line(
    packed: Path, tmp_path: Path, compression: int, line: str
) -> None:
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = tmp_path / "changed.innerear-pack"
    with zipfile.ZipFile(changed, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        manifest = archive.getinfo("manifest.json")
        at = manifest.header_offset + 30 + len("manifest.json")
    content = bytearray(changed.read_bytes())
    content[at : at + 40] = bytes(40)
    changed.write_bytes(content)
    (place := tmp_path / "place").mkdir()
    with pytest.raises(ModelError, match=line):
        unpack(changed, place)


def test_a_file_that_unpacks_to_too_much_is_refused(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(packed) as archive:
        manifest = archive.read("manifest.json")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest)
        for name in ("hear.onnx", "dream.onnx", "templates.npz", "auralise.onnx", "README.md"):
            archive.writestr(name, bytes(1 << 21))
    (place := tmp_path / "place").mkdir()
    with pytest.raises(ModelError, match="more than 1 MiB"):
        unpack(packed, place)


@pytest.mark.parametrize("cut", [0, 10, 5000, -30])
def test_a_damaged_file_is_one_line(cut: int, packed: Path, tmp_path: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:cut])
    (place := tmp_path / "place").mkdir()
    with pytest.raises(ModelError, match="damaged, or no packed model"):
        unpack(packed, place)


@pytest.mark.skipif(
    not all((PACKS / name).is_dir() for name in RELEASED), reason="only a checkout has all packs"
)
@pytest.mark.parametrize("name", RELEASED)
def test_the_checksums_of_what_is_left_out_are_those_of_its_files(
    name: str, tmp_path: Path
) -> None:
    """Where a pack was made anew, write the numbers that `make dist` prints into `addable.py`."""
    write_archive(PACKS / name, path := tmp_path / archive_name(name))
    assert RELEASED[name].url == path.name
    assert (RELEASED[name].sha256, RELEASED[name].size) == (
        file_checksum(path),
        path.stat().st_size,
    )
