"""What `verify` finds, what repairing keeps, and what removal leaves."""

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from innerear import Library
from innerear.engine.control.preset_file import parse_preset
from innerear.engine.errors import LibraryError
from innerear.engine.io.audio_files import read_sound
from innerear.library import exporting, upkeep
from innerear.library.page.snapshot import SnapshotReader
from innerear.library.place import Place, file_name
from innerear.library.records import tables

Rebuild = Callable[[Library], tuple[int, int]]


def folder_of(library: Library) -> Path:
    assert library.place.folder is not None
    return library.place.folder


@pytest.mark.parametrize(
    ("column", "value"), [("item", None), ("item", "../x"), ("sound_hash", "x")]
)
def test_a_row_of_what_is_no_item_is_told_and_shown_nowhere(
    dreams: Library, column: str, value: str | None
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    (name,) = tables(dreams.place)
    path = folder_of(dreams) / name
    table = parquet.read_table(path)
    values = table[column].to_pylist()
    at = table.column_names.index(column)
    changed = pa.array([value, *values[1:]], table.schema.field(column).type)
    parquet.write_table(table.set_column(at, table.schema.field(column), changed), path)
    assert "1 rows name an item, or a sound, that is none." in upkeep.verify(dreams).problems
    assert value not in SnapshotReader(dreams).current().items


def test_a_damaged_table_is_one_line_and_its_items_come_back(
    dreams: Library, rebuild: Rebuild
) -> None:
    (name,) = tables(dreams.place)
    path = folder_of(dreams) / name
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"PAR1" + content[4:100]):
        path.write_bytes(damaged)
        library = Library(folder_of(dreams))
        for ask in (library.find, lambda: rebuild(dreams), lambda: dreams.count):
            with pytest.raises(LibraryError, match=r"part-\w+.parquet is damaged") as refused:
                ask()
            assert "\n" not in str(refused.value)
    found = upkeep.verify(library)
    assert found.tables == [name]
    assert len(found.strays) == 16
    upkeep.repair(library)
    assert path.with_name(path.name + ".damaged").read_bytes() == damaged
    assert rebuild(dreams) == (8, 0)
    assert upkeep.verify(dreams, listen=True).problems == []


READING = """
import sys
from pathlib import Path
from innerear.library.place import Place
from innerear.library.records import read_table, tables
def threads():
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    return len([name for name in names if "jemalloc" not in name])  # it calls no Python
place, found = Place(sys.argv[1]), []
for name in tables(place) * 2:
    read_table(place, name)
    found.append(threads())
import pyarrow as pa, pyarrow.parquet
pa.parquet.read_table(f"{sys.argv[1]}/{name}")
print(found[0], found[-1], threads())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_thread_outlives_the_reading_of_a_table(dreams: Library) -> None:
    """One of Arrow's that lets go of Python's memory while Python ends would abort the process."""
    command = [sys.executable, "-c", READING, str(folder_of(dreams))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    first, last, with_arrows = map(int, done.stdout.split())
    assert first == last < with_arrows


def test_a_missing_or_damaged_sound_is_one_line_and_comes_back(
    dreams: Library, rebuild: Rebuild
) -> None:
    first, second, third = dreams.find(limit=3)["item"].to_pylist()
    dreams.path_of(first).unlink()
    dreams.path_of(second, "thumbnail").write_bytes(b"")
    content = dreams.path_of(third).read_bytes()
    dreams.path_of(third).write_bytes(content[: len(content) // 2])
    with pytest.raises(LibraryError, match="is missing: innerear library verify"):
        dreams.sound(first)
    assert set(upkeep.verify(dreams).lost) == {first, second}
    found = upkeep.verify(dreams, listen=True)
    assert set(found.lost) == {first, second, third}
    assert len(found.problems) == 3
    assert upkeep.repair(dreams, listen=True) == found
    assert dreams.count == 5
    assert rebuild(dreams) == (3, 5)
    assert upkeep.verify(dreams, listen=True).problems == []
    assert dreams.path_of(third).read_bytes() == content


def test_a_missing_or_damaged_original_is_found_and_comes_back(
    dreams: Library, rebuild: Rebuild
) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    path = dreams.path_of(item, "original")
    content = path.read_bytes()
    path.unlink()
    (line,) = upkeep.verify(dreams).problems
    assert str(path) in line
    assert rebuild(dreams) == (0, 8)
    assert path.is_file()
    path.write_bytes(content[: len(content) // 2])
    assert len(upkeep.repair(dreams, listen=True).problems) == 1
    assert rebuild(dreams) == (0, 8)
    assert path.read_bytes() == content


def test_what_cannot_be_read_now_is_not_taken_for_damaged(
    dreams: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails, a token that has expired: it is there again later."""
    item = dreams.find(limit=1)["item"][0].as_py()
    path = dreams.path_of(item, "original")
    opened = Path.open

    def failing(self: Path, *arguments: Any, **options: Any) -> Any:
        if self == path:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(self, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", failing)
        with pytest.raises(LibraryError, match=r"cannot be read: Input/output error\."):
            upkeep.repair(dreams, listen=True)
    assert path.is_file()
    assert dreams.count == 8


def test_a_link_out_of_the_library_goes_and_what_it_leads_to_stays(
    dreams: Library, tmp_path: Path
) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    path, elsewhere = dreams.path_of(item, "original"), tmp_path / "elsewhere.flac"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert "leads out of the library" in upkeep.repair(dreams, listen=True).problems[0]
    assert (path.is_symlink(), elsewhere.is_file()) == (False, True)


def test_a_library_that_is_being_changed_is_not_repaired(dreams: Library) -> None:
    """What a build makes meanwhile would be taken for files of no item."""
    with dreams.place.sole_writer(), pytest.raises(LibraryError, match="being changed"):
        upkeep.repair(dreams)


def test_what_an_interrupted_build_left_is_swept(dreams: Library) -> None:
    stray = folder_of(dreams) / file_name("sound", "ab" * 16)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    found = upkeep.verify(dreams)
    assert (found.problems, found.strays) == ([], [file_name("sound", "ab" * 16)])
    upkeep.repair(dreams)
    assert not stray.exists()
    assert dreams.count == 8


def test_removed_items_go_with_their_files_and_sounds_that_none_needs(
    dreams: Library, rebuild: Rebuild
) -> None:
    rows = dreams.find(limit=None).to_pylist()
    low = [row["item"] for row in rows if row["sound"] == "low.wav"]
    original = dreams.path_of(low[0], "original")
    assert upkeep.remove(dreams, [*low[:2], "f" * 32]) == 2
    assert (dreams.count, original.is_file()) == (6, True)
    assert not (folder_of(dreams) / file_name("sound", low[0])).exists()
    assert upkeep.remove(dreams, low) == 2
    assert (dreams.count, original.is_file()) == (4, False)
    assert upkeep.verify(dreams).strays == []
    assert rebuild(dreams) == (4, 4)
    with Place(folder_of(dreams)).sole_writer(), pytest.raises(LibraryError, match="being changed"):
        upkeep.remove(dreams, low)


def test_items_are_removed_by_a_process_that_does_nothing_else(dreams: Library) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    remove = (
        "import sys; from innerear.library.library import Library;"
        " from innerear.library.upkeep import remove;"
        " print(remove(Library(sys.argv[1]), sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", remove, folder_of(dreams), item],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert dreams.count == 7


def test_hostile_names_become_plain_files(tmp_path: Path) -> None:
    row = {
        "sound": "../../<b>&\x1b[31m.wav",
        "model": "..<i>,b:0.5",
        "target": "Brass + conv5/12*0.5",
        "item": "0123456789abcdef" * 2,
        "state": "done",
        "method": "render",
    }
    assert exporting.stem(row) == "b-31m_i-b-0-5_Brass-conv5-12-0-5_0123456789"
    names = exporting.outputs([row, {**row, "state": "failed"}], tmp_path, ".wav")
    assert [path.suffix for path in names] == [".wav", ".json"]
    assert {path.parent for path in names} == {tmp_path}


def test_exported_sounds_and_presets_are_the_items_own(dreams: Library, tmp_path: Path) -> None:
    item = dreams.find("step = 1 and target = 'Low tone'", limit=1)["item"][0].as_py()
    row = dreams.item(item)
    assert len(exporting.outputs([row], tmp_path, ".wav")) == 1, "its pack has no name"
    files = exporting.outputs([{**row, "model": "samplecnn-digits"}], tmp_path, ".wav")
    exporting.export_items(dreams, files)
    sound_file, preset_file = files
    assert read_sound(sound_file)[0].tolist() == dreams.sound(item)[0].tolist()
    preset = parse_preset(preset_file.read_bytes(), preset_file)
    assert (preset.parameters["target"], preset.parameters["step"]) == ("Low tone", 1.0)


@pytest.mark.parametrize("kind", ["object", "no text", "list", "number"])
def test_a_table_of_other_types_is_damaged(dreams: Library, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "object": pa.array([{"a": 1}]),
        "no text": pa.array([b"\xff"], pa.binary()).view(pa.string()),
        "list": pa.array([[1]]),
        "number": pa.array([7]),
    }
    import pyarrow as pa
    from pyarrow import parquet

    (name,) = tables(dreams.place)
    path = folder_of(dreams) / name
    table = parquet.read_table(path)
    wild = pa.concat_arrays([columns[kind]] * len(table))
    at = table.column_names.index("centroid_hz" if kind == "list" else "target")
    pq.write_table(table.set_column(at, table.column_names[at], wild), path)
    library = Library(folder_of(dreams))
    assert upkeep.verify(library).tables == [name]
    with contextlib.suppress(LibraryError):  # or it answers, where a value can be made into text
        library.stats()
