"""What a library answers, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import innerear
from innerear import Library
from innerear.engine.analysis.judging.judges import Judge
from innerear.engine.errors import LibraryError
from innerear.engine.io.audio_files import read_sound
from innerear.engine.packs.pack import load_pack
from innerear.library.place import Place, file_name
from innerear.library.query import BEST_FIRST
from innerear.library.records import merge, write_row
from innerear.library.table import COLUMNS

from .conftest import RATE, write_tone


def test_every_item_has_what_was_asked_its_sound_and_its_picture(
    dreams: Library, sounds: Path, toy_pack: Path
) -> None:
    rows = dreams.find(limit=None).to_pylist()
    assert dreams.count == len(rows) == 8
    assert {(row["sound"], row["target"], row["settings"]) for row in rows} == {
        (sound, target, json.dumps({"step": step}))
        for sound in ("low.wav", "high.wav")
        for target in ("Low tone", "High tone")
        for step in (0.5, 1.0)
    }
    for row in rows:
        sound, rate = dreams.sound(row["item"])
        assert (sound.shape, rate) == ((1, RATE // 4), RATE)
        expected, _ = read_sound(sounds / row["sound"])
        np.testing.assert_allclose(dreams.original(row["item"])[0], expected, atol=1e-6)
        assert dreams.read(row["item"], "thumbnail").startswith(b"\x89PNG")
        assert (row["state"], row["model"]) == ("done", str(toy_pack))
        assert row["judged_after"] is None
        assert np.linalg.norm(row["embedding"]) == pytest.approx(1.0, abs=1e-5)


def test_the_scores_are_what_the_network_hears(dreams: Library, toy_pack: Path) -> None:
    judge = Judge(load_pack(toy_pack))
    for row in dreams.find(limit=2).to_pylist():
        heard = judge.listen(*dreams.sound(row["item"]))
        after = judge.score(heard, row["target"]).mean
        assert row["score_after"] == pytest.approx(after, abs=1e-5)
        before = judge.score(judge.listen(*dreams.original(row["item"])), row["target"]).mean
        assert row["score_before"] == pytest.approx(before, abs=1e-5)


def test_the_sound_is_what_the_processor_plays(dreams: Library, toy_pack: Path) -> None:
    (item,) = dreams.find("sound = 'low.wav' and step = 1 and target = 'High tone'")["item"]
    original, rate = dreams.original(item.as_py())
    played = innerear.render(original, rate, str(toy_pack), target="High tone", step=1.0)
    np.testing.assert_allclose(dreams.sound(item.as_py())[0], np.clip(played, -1, 1), atol=1e-6)


def test_conditions_name_columns_settings_and_score(dreams: Library) -> None:
    assert len(dreams.find("step > 0.6")) == 4
    assert len(dreams.find("where score >= 0 and target = 'Low tone'")) == 4
    assert len(dreams.find("mix = 0.5")) == 0, "what was not set is null"
    assert len(dreams.find("freeze is null and Freeze IS NULL")) == 8, "a word of SQL"
    assert len(dreams.find("""sound = 'freeze' or "freeze" = 'freeze'""")) == 0
    table = dreams.find("step = 1", limit=2, columns=["item", "step"])
    assert (table.column_names, len(table)) == (["item", "step"], 2)
    scores = dreams.find(limit=None)["score_after"].to_pylist()
    assert BEST_FIRST.startswith("judged_after")
    assert scores == sorted(scores, reverse=True)


def test_near_an_item_or_a_file(dreams: Library, tmp_path: Path) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    found = dreams.find(near=item, limit=3).to_pylist()
    assert found[0]["item"] == item
    distances = [row["distance"] for row in found]
    assert distances == sorted(distances)
    vectors = {
        row["item"]: np.array(row["embedding"]) for row in dreams.find(limit=None).to_pylist()
    }
    exact = sorted(1 - vector @ vectors[item] for vector in vectors.values())[:3]
    np.testing.assert_allclose(distances, exact, atol=1e-5)
    near = dreams.find(near=write_tone(tmp_path / "new.wav", 4000), columns=["sound"])
    assert near["sound"][0].as_py() == "high.wav"


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        ("scroe > 1", "There is no column 'scroe'. Did you mean score, score_"),
        ("score >", "cannot be asked: Parser Error"),
        ("score > 0; drop view items", "more than one statement"),
        ("1 = 1) union select * from items where (1 = 1", "cannot be asked: Parser Error"),
        ("score > 0 order by score", "cannot be asked: Parser Error"),
        ("(select count(*) from read_text('/etc/passwd')) > 0", "Permission Error"),
        ("(select count(*) from read_csv('https://example.org/x')) > 0", "cannot be asked"),
        ("(select count(*) from read_text('{folder}/library.json')) > 0", "Permission Error"),
        ("(select count(*) from read_text('{folder}/items/../library.json')) > 0", "Permission"),
        ("target = Brass", "There is no column 'Brass'."),
    ],
)
def test_a_condition_is_one_expression_that_reads_the_tables_alone(
    dreams: Library, condition: str, line: str
) -> None:
    with pytest.raises(LibraryError) as refused:
        dreams.find(condition.format(folder=dreams.place.folder))
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert dreams.count == 8


@pytest.mark.parametrize(
    "id", ["", "../library", "..", "0" * 31 + "/", "0" * 33, "<b>x</b>", "' or 1=1 --", "0" * 32]
)
def test_no_name_leads_out_of_the_library(dreams: Library, id: str) -> None:
    for ask in (dreams.item, dreams.sound, dreams.path_of, dreams.original, dreams.read):
        with pytest.raises(LibraryError):
            ask(id)
    with pytest.raises(LibraryError):
        dreams.find(columns=["item; drop view items"])


def test_a_link_out_of_the_library_is_not_read(dreams: Library, tmp_path: Path) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    path = dreams.path_of(item)
    secret = tmp_path / "secret.flac"
    path.rename(secret)
    path.symlink_to(secret)
    for ask in (dreams.sound, dreams.path_of, dreams.read):
        with pytest.raises(LibraryError, match="leads out of the library"):
            ask(item)


def test_an_item_is_found_by_the_beginning_of_its_name(dreams: Library) -> None:
    item = dreams.find(limit=1)["item"][0].as_py()
    assert dreams.id_of(item[:10]) == item
    for wrong in ("abc", "xyz", "' or", "0" * 32):
        with pytest.raises(LibraryError):
            dreams.id_of(wrong)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ('{"schema": 2}', "was made by a newer Innerear: its schema is 2"),
        ('{"schema": 1}', "is damaged"),
        ("no json", "is damaged"),
    ],
)
def test_a_library_that_cannot_be_read_is_one_line(
    dreams: Library, header: str, line: str, tmp_path: Path
) -> None:
    assert dreams.place.folder is not None
    (dreams.place.folder / "library.json").write_text(header)
    with pytest.raises(LibraryError, match=line):
        Library(dreams.place.folder)
    with pytest.raises(LibraryError, match="is no library of dreams"):
        Library(tmp_path / "nothing")


def test_a_url_of_an_unknown_kind_is_one_line() -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        Library("nowhere://bucket/dreams")


def test_a_library_grows_while_it_is_open(dreams: Library) -> None:
    assert dreams.count == 8
    other = Library(dreams.place.address)
    row = other.find(limit=1).to_pylist()[0]
    write_row(dreams.place, {**row, "item": "f" * 32}, dreams.schema)
    assert dreams.count == 9
    newer = {**row, "item": "f" * 32, "made_at": "3000", "target": "newer"}
    merge(dreams.place, dreams.schema)
    write_row(dreams.place, newer, dreams.schema)
    assert dreams.count == 9, "of two rows of an item the newer counts"
    assert dreams.item("f" * 32)["target"] == "newer"
    merge(dreams.place, dreams.schema)
    assert (dreams.count, dreams.item("f" * 32)["target"]) == (9, "newer")


def test_an_item_whose_settings_are_damaged_is_one_line(dreams: Library) -> None:
    row = dreams.find(limit=1).to_pylist()[0]
    write_row(dreams.place, {**row, "item": "e" * 32, "settings": "{"}, dreams.schema)
    with pytest.raises(LibraryError, match=r"e{32} of .* is damaged: .* no JSON"):
        dreams.item("e" * 32)
    assert dreams.count == 9, "the others are there"


def test_stats_count_what_there_is(dreams: Library, toy_pack: Path) -> None:
    found = dreams.stats()
    assert (found["items"], found["done"], found["failed"]) == (8, 8, 0)
    assert found["targets"] == {"High tone": 4, "Low tone": 4}
    assert found["seconds"] == pytest.approx(2.0)
    assert found["bytes"] > 10_000
    assert {row["target"] for row in found["scores"]} == {"High tone", "Low tone"}


def test_a_library_in_object_storage(dreams: Library) -> None:
    """The same files at a URL: what fsspec keeps in memory stands for a bucket."""
    assert dreams.place.folder is not None
    there = Place("memory://bucket/dreams")
    for path in dreams.place.folder.rglob("*"):
        if path.is_file():
            there.write(str(path.relative_to(dreams.place.folder)), path.read_bytes())
    library = Library("memory://bucket/dreams")
    found = library.find("step = 1", columns=list(COLUMNS))
    assert found.equals(dreams.find("step = 1"))
    item = found["item"][0].as_py()
    np.testing.assert_array_equal(library.sound(item)[0], dreams.sound(item)[0])
    assert library.find(near=item, limit=1)["item"][0].as_py() == item
    with pytest.raises(LibraryError, match="not on this machine"):
        library.path_of(item)
    with pytest.raises(LibraryError, match="is missing"):
        there.read(file_name("sound", "0" * 32))
    with pytest.raises(LibraryError, match="cannot be asked"):
        library.find("(select count(*) from read_text('/etc/passwd')) > 0")


def test_a_place_that_does_not_answer_is_one_line() -> None:
    """Each kind of storage has errors of its own: no credentials, no network."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Refusing(MemoryFileSystem):
        protocol = "refusing"

        def info(self, *arguments: Any, **options: Any) -> Any:
            raise RuntimeError("Unable to locate credentials\nhelp")

        ls = cat_file = pipe_file = rm_file = mv = exists = size = info

    fsspec.register_implementation("refusing", Refusing, clobber=True)
    place = Place("refusing://bucket/dreams")
    asks = (
        place.exists, place.names, place.size, place.read, place.remove,
        lambda name: place.write(name, b""), lambda name: place.move(name, name),
    )  # fmt: skip
    for ask in asks:
        with pytest.raises(LibraryError, match=r"\(Unable to locate credentials\)\.$"):
            ask("items")
    with pytest.raises(LibraryError, match="Unable to locate credentials"):
        Library("refusing://bucket/dreams")


def test_a_bucket_that_is_not_there_is_one_line() -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Nowhere(MemoryFileSystem):
        protocol = "nowhere"

        def pipe_file(self, *arguments: Any, **options: Any) -> Any:
            raise FileNotFoundError("The specified bucket does not exist")

    fsspec.register_implementation("nowhere", Nowhere, clobber=True)
    with pytest.raises(LibraryError, match="no such place to write to"):
        Place("nowhere://typo/dreams").write("library.json", b"")


def test_what_gives_its_options_to_a_connection_gets_none() -> None:
    """As `sftp` does, whose connection may fail in its own way."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Connected(MemoryFileSystem):
        protocol = "connected"

        def __init__(self, **options: Any) -> None:
            def connect(port: int = 22) -> None:
                if port != 22:
                    raise EOFError("refused\nby the host")

            super().__init__()
            connect(**options)

        @staticmethod
        def _get_kwargs_from_urls(url: str) -> dict[str, Any]:
            return {"port": 23} if ":23/" in url else {}

    fsspec.register_implementation("connected", Connected, clobber=True)
    assert not Place("connected://host/dreams").exists("items")
    with pytest.raises(LibraryError, match=r"^connected://host:23/dreams: refused$"):
        Place("connected://host:23/dreams")


def test_what_lies_elsewhere_is_listed_anew_each_time() -> None:
    """Another program may build there: a list that is kept would miss its items."""
    assert not Place("memory://bucket/dreams")._files.dircache.use_listings_cache
