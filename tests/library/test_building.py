"""What a build makes, what it leaves, and what stops it."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear import Library
from innerear.engine.errors import InnerearError, LibraryError, ParameterError
from innerear.engine.packs import onnx_device
from innerear.engine.packs.network import PackLike
from innerear.library import building, making, upkeep
from innerear.library.building import build, preview
from innerear.library.measuring import network
from innerear.library.place import Place
from innerear.library.plan import Grid, plan
from innerear.library.records import tables

from ..toy_pack import change_manifest
from .conftest import rows_by_item, write_tone

Rebuild = Callable[[Library], tuple[int, int]]


def test_nothing_is_made_twice_and_more_is_added(
    dreams: Library, rebuild: Rebuild, sounds: Path, grid: Grid
) -> None:
    before = rows_by_item(dreams)
    assert rebuild(dreams) == (0, 8)
    assert rows_by_item(dreams) == before
    more = replace(grid, settings={"step": (0.5, 1.0, 1.5)})
    built = build(dreams.place.address, [sounds / "low.wav"], more, workers=0)
    assert (built.made, built.there) == (2, 4)
    after = rows_by_item(dreams)
    assert {item: after[item] for item in before} == before
    assert len(tables(dreams.place)) == 1


def test_an_item_is_named_by_all_that_it_depends_on_but_no_names(
    dreams: Library, sounds: Path, grid: Grid, tmp_path: Path
) -> None:
    copy = tmp_path / "<img src=x onerror=alert(1)>.wav"
    copy.write_bytes((sounds / "low.wav").read_bytes())
    built = build(dreams.place.address, [copy], grid, workers=0)
    assert (built.made, built.there) == (0, 4)
    one = plan([], Grid(("maximise",), ("samplecnn-digits",), ("one",)))
    assert one[0].id != replace(one[0], version="0").id
    ids = {item.id for item in (*one, *plan([], replace(Grid(("maximise",), ("samplecnn-digits",)),
           targets=("one", "two"), settings={"steps": (3, 4)})))}  # fmt: skip
    assert len(ids) == 5


def test_networks_compute_where_they_are_told_to(
    sounds: Path, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "there is no card")
    with pytest.raises(ParameterError, match="there is no card"):
        build(tmp_path / "none", [sounds], grid, workers=0, device="cuda")
    assert not (tmp_path / "none").exists()
    asked = set()

    def load(model: str, device: str = "cpu") -> PackLike:
        asked.add(device)
        return network(model)

    monkeypatch.setattr(making, "network", load)
    built = build(tmp_path / "one", [sounds / "low.wav"], grid, workers=0, device="auto")
    assert (built.made, built.failed, asked) == (4, 0, {"auto"})


def test_a_build_that_is_killed_goes_on_where_it_was(
    sounds: Path, grid: Grid, tmp_path: Path
) -> None:
    folder = tmp_path / "dreams"
    code = (
        "import os, signal, sys\n"
        "from innerear.library import building, plan\n"
        "def progress(done, total):\n"
        "    if done == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"grid = plan.Grid(models=({grid.models[0]!r},), targets={grid.targets!r},"
        f" settings={dict(grid.settings)!r}, judges=())\n"
        f"building.build({str(folder)!r}, [{str(sounds)!r}], grid, workers=0, progress=progress)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    library = Library(folder)
    first = rows_by_item(library)
    assert len(first) == 3
    built = build(folder, [sounds], grid, workers=0)
    assert (built.made, built.there) == (5, 3)
    after = rows_by_item(library)
    assert {item: after[item] for item in first} == first
    assert upkeep.verify(library, listen=True).problems == []


def test_an_interrupted_merge_loses_and_doubles_nothing(
    dreams: Library, sounds: Path, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = replace(grid, settings={"step": (0.5, 1.0, 1.5)})
    removed: list[str] = []

    def interrupted(self: Place, name: str) -> None:
        removed.append(name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Place, "remove", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(dreams.place.address, [sounds], more, workers=0)
    assert len(removed) == 1, "the new table is there, and the former ones too"
    assert len(rows_by_item(dreams)) == dreams.count == 12
    built = build(dreams.place.address, [sounds], more, workers=0)
    assert (built.made, built.there, dreams.count) == (0, 12, 12)
    assert len(tables(dreams.place)) == 1


def test_what_fails_is_kept_with_its_reason_and_stops_nothing(
    sounds: Path, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sounds.parent / "bad").mkdir(exist_ok=True)
    bad = sounds.parent / "bad" / "bad.wav"
    bad.write_text("no sound")
    both = replace(grid, methods=("auralise", "render"), settings={"step": (0.5,)})
    built = build(tmp_path / "dreams", [sounds, bad], both, workers=0)
    assert (built.made, built.failed) == (8, 4)
    (line,) = built.unreadable
    assert line.startswith(f"{bad}: not a sound file")
    library = Library(tmp_path / "dreams")
    failed = library.find("state = 'failed'").to_pylist()
    assert {row["method"] for row in failed} == {"auralise"}
    assert all("auralise.onnx" in row["reason"] for row in failed)
    assert (
        library.find(near=library.find(limit=1)["item"][0].as_py())["state"].to_pylist()
        == ["done"] * 4
    )
    assert build(tmp_path / "dreams", [sounds], both, workers=0).made == 0
    built = build(tmp_path / "dreams", [sounds], both, workers=0, retry=True)
    assert (built.made, built.failed, library.count) == (4, 4, 8)
    with pytest.raises(InnerearError, match="not a sound file"):
        build(tmp_path / "other", [bad], grid, workers=0)


def test_what_was_made_stays_where_making_it_again_fails(
    dreams: Library, sounds: Path, grid: Grid, toy_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A judge that is named later may not work, and must not cost the dreams."""
    before = rows_by_item(dreams)

    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(making, "_scores", broken)
    judged = replace(grid, judges=("wavelet-instruments",), targets=("Low tone",))
    monkeypatch.setattr(building, "_is_missing", lambda *_: True)
    built = build(dreams.place.address, [sounds], judged, workers=0)
    assert (built.made, built.failed) == (4, 4)
    assert rows_by_item(dreams) == before
    assert upkeep.verify(dreams).strays == []


def test_what_a_judge_heard_stays_where_another_is_named(
    dreams: Library, sounds: Path, grid: Grid, toy_pack: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        judge = shutil.copytree(toy_pack, tmp_path / name)
        change_manifest(judge, lambda content: content.update(name=name))  # noqa: B023
        build(
            dreams.place.address, [sounds], replace(grid, judges=(str(judge),)), workers=0
        )  # fmt: skip
    for row in dreams.find(limit=None).to_pylist():
        judges = json.loads(row["judges"])
        assert {Path(name).name for name in judges} == {"first", "second"}
        for column, at in (("judged_before", 0), ("judged_after", 1)):
            heard = [pair[at] for pair in judges.values()]
            assert row[column] == pytest.approx(sum(heard) / 2)


def test_a_sound_that_flac_cannot_hold_is_left_out(grid: Grid, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    soundfile.write(folder / "odd.wav", np.zeros(8000), 88_201)
    write_tone(folder / "tone.wav", 240)
    built = build(tmp_path / "dreams", [folder], grid, workers=0)
    assert (built.made, built.failed) == (4, 0)
    (line,) = built.unreadable
    assert line.startswith(f"{folder / 'odd.wav'}: ")
    assert "88201 Hz" in line


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
def test_a_sound_whose_name_is_no_text_is_dreamed_into(grid: Grid, tmp_path: Path) -> None:
    file = write_tone(tmp_path / "tone.wav", 240)
    file = file.rename(tmp_path / os.fsdecode(b"b\xe9lls.wav"))
    assert build(tmp_path / "dreams", [file], grid, workers=0).made == 4
    assert set(Library(tmp_path / "dreams").find()["sound"].to_pylist()) == {"b?lls.wav"}


def test_a_full_disk_is_one_line_and_what_was_made_stays(
    sounds: Path, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes
    pictures: list[Path] = []

    def full(self: Path, content: bytes) -> int:
        if self.suffix == ".png":
            pictures.append(self)
            if len(pictures) > 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return write(self, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(LibraryError, match="the disk is full"):
            build(tmp_path / "dreams", [sounds], grid, workers=0)
    library = Library(tmp_path / "dreams")
    assert (library.count, library.stats()["failed"]) == (2, 0)
    assert build(tmp_path / "dreams", [sounds], grid, workers=0).made == 6
    assert upkeep.verify(library).problems == []


def test_judges_that_are_named_listen_to_what_is_there(
    sounds: Path, grid: Grid, tmp_path: Path, toy_pack: Path
) -> None:
    digits = Grid(("maximise",), ("samplecnn-digits",), ("one",), {"steps": (2,)}, judges=())
    build(tmp_path / "dreams", [], digits, workers=0)
    library = Library(tmp_path / "dreams")
    (row,) = library.find().to_pylist()
    assert (row["judges"], row["judged_after"], row["sound"]) == ("{}", None, "")
    assert row["change_db"] is None
    assert row["score_before"] is None
    with pytest.raises(InnerearError, match="dreams itself and cannot judge"):
        build(tmp_path / "dreams", [], replace(digits, judges=("samplecnn-digits",)), workers=0)
    # A network without the class has nothing to say, now and later.
    assert (
        build(tmp_path / "dreams", [], replace(digits, judges=(str(toy_pack),)), workers=0).made
        == 0
    )
    with pytest.raises(LibraryError, match="dreamed into no sound"):
        library.original(row["item"])


def test_a_judge_is_asked_once_it_is_named(
    dreams: Library, sounds: Path, grid: Grid, toy_pack: Path, tmp_path: Path
) -> None:
    from shutil import copytree

    judge = copytree(toy_pack, tmp_path / "second-toy")
    change_manifest(judge, lambda content: content.update(name="second-toy"))
    judged = replace(grid, judges=(str(judge),))
    built = build(dreams.place.address, [sounds], judged, workers=0)
    assert (built.made, built.there, dreams.count) == (8, 0, 8)
    for row in dreams.find(limit=None).to_pylist():
        assert row["judged_after"] == pytest.approx(row["score_after"])
        assert json.loads(row["judges"])[str(judge)] == [row["judged_before"], row["judged_after"]]
    assert build(dreams.place.address, [sounds], judged, workers=0).made == 0


def test_only_one_program_changes_a_library(dreams: Library, sounds: Path, grid: Grid) -> None:
    with (
        Place(dreams.place.address).sole_writer(),
        pytest.raises(LibraryError, match="is being changed by another"),
    ):
        build(dreams.place.address, [sounds], grid, workers=0)


def test_a_place_that_cannot_be_written_is_one_line(
    sounds: Path, grid: Grid, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a library")
    for address in (tmp_path / "file", tmp_path / "file" / "dreams"):
        with pytest.raises(LibraryError, match="cannot be written"):
            build(address, [sounds], grid, workers=0)
    assert (tmp_path / "file").read_text() == "not a library"


def test_a_build_without_a_sound_leaves_no_library(grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no sound")
    for sounds in ([], [tmp_path / "note.txt"], [tmp_path / "missing.wav"]):
        with pytest.raises(InnerearError):
            build(tmp_path / "dreams", sounds, grid, workers=0)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_preview_writes_nothing(sounds: Path, grid: Grid, tmp_path: Path) -> None:
    planned, estimate = preview(tmp_path / "dreams", [sounds], grid)
    assert (len(planned.items), len(planned.missing)) == (8, 8)
    assert estimate.seconds > 0
    assert estimate.bytes > 8 * 8_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("grid", "line"),
    [
        (Grid(targets=("nonsense",)), "There is no target 'nonsense'"),
        (Grid(methods=("draem",)), "no method 'draem'. Did you mean dream?"),
        (Grid(models=("nothing",)), "nothing"),
        (Grid(settings={"sstep": (1,)}), "There is no setting 'sstep'. Did you mean step?"),
        (Grid(settings={"step": (9,)}), "step cannot be 9: it takes 0 to 2"),
        (Grid(methods=("maximise",)), "maximise needs a target"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    grid: Grid, line: str, sounds: Path, tmp_path: Path
) -> None:
    with pytest.raises(InnerearError) as refused:
        build(tmp_path / "dreams", [sounds], grid, workers=0)
    assert line in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_reasons_are_one_line() -> None:
    assert making.reason_of(ValueError("a\n b")) == "ValueError: a b"
    assert making.reason_of(InnerearError("a line")) == "a line"
