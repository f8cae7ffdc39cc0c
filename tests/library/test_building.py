"""What a build makes, what it leaves, and what stops it."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear import Library
from innerear.engine.errors import InnerearError, LibraryError
from innerear.library import making, upkeep
from innerear.library.building import build, preview
from innerear.library.place import Place
from innerear.library.plan import Grid, plan
from innerear.library.records import tables

Rebuild = Callable[[Library], tuple[int, int]]


def rows_by_item(library: Library) -> dict[str, dict[str, Any]]:
    rows = library.find(limit=None).to_pylist()
    assert len({row["item"] for row in rows}) == len(rows)
    return {row["item"]: row for row in rows}


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
    manifest = json.loads((judge / "manifest.json").read_text())
    (judge / "manifest.json").write_text(json.dumps({**manifest, "name": "second-toy"}))
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


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a Dask scheduler and two workers, each a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    file = tmp_path / "scheduler.json"
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        return subprocess.Popen(command, **options)  # type: ignore[call-overload, no-any-return]

    programs = [
        start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(file),
        )
    ]  # fmt: skip
    for _ in range(2):
        programs.append(
            start(
                "dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--local-directory", str(tmp_path / "scratch"),
            )
        )  # fmt: skip
    try:
        while not (file.exists() and file.read_text().rstrip().endswith("}")):
            assert programs[0].poll() is None
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], programs
    finally:
        for program in programs:
            program.kill()
            program.wait()


def test_a_cluster_finishes_what_a_killed_worker_began(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]],
    sounds: Path,
    grid: Grid,
    tmp_path: Path,
) -> None:
    address, (_, _, second) = scheduler

    def progress(done: int, total: int) -> None:
        if second.poll() is None:
            second.send_signal(signal.SIGKILL)

    many = replace(grid, settings={"step": tuple(np.linspace(0.1, 1.5, 8))})
    built = build(tmp_path / "dreams", [sounds], many, scheduler=address, progress=progress)
    assert second.wait() == -signal.SIGKILL
    assert (built.made, built.failed) == (32, 0)
    library = Library(tmp_path / "dreams")
    assert len(rows_by_item(library)) == library.count == 32
    assert upkeep.verify(library, listen=True).problems == []


def test_processes_of_this_machine_make_the_same(
    dreams: Library, sounds: Path, grid: Grid, tmp_path: Path
) -> None:
    built = build(tmp_path / "other", [sounds], grid, workers=1)
    assert (built.made, built.failed) == (8, 0)
    other = rows_by_item(Library(tmp_path / "other"))
    expected = rows_by_item(dreams)
    for item, row in expected.items():
        assert other[item]["score_after"] == row["score_after"]
        np.testing.assert_array_equal(
            Library(tmp_path / "other").sound(item)[0], dreams.sound(item)[0]
        )


DEADLY = """
import sys
from importlib.machinery import PathFinder

class Deadly(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "innerear.library.making":
            return None
        spec = super().find_spec(name, path, target)
        execute = spec.loader.exec_module

        def run(module):
            execute(module)
            make = module.make
            def deadly(place, workshop, item):
                if item.target == "Low tone":
                    import os
                    os._exit(1)
                return make(place, workshop, item)
            module.make = deadly

        spec.loader.exec_module = run
        return spec

sys.meta_path.insert(0, Deadly)
"""
"""Put where Python begins in every worker: one target ends the process that makes it."""


def test_an_item_that_kills_its_workers_is_kept_as_failed(
    sounds: Path, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(DEADLY)
    path = os.pathsep.join([str(tmp_path / "start"), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", path)
    one = replace(grid, settings={"step": (0.5,)})
    built = build(tmp_path / "dreams", [sounds / "low.wav"], one, workers=1)
    assert (built.made, built.failed) == (2, 1)
    (row,) = Library(tmp_path / "dreams").find("state = 'failed'").to_pylist()
    assert row["target"] == "Low tone"
    assert row["reason"].startswith("The workers that made it died")


def test_a_scheduler_that_is_not_there_is_one_line(
    sounds: Path, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.library.cluster._CONNECT_SECONDS", 0.2)
    for address in ("tcp://127.0.0.1:9", "nonsense://there"):
        with pytest.raises(LibraryError, match="There is no scheduler at"):
            build(tmp_path / "dreams", [sounds], grid, scheduler=address)


def test_reasons_are_one_line() -> None:
    assert making.reason_of(ValueError("a\n b")) == "ValueError: a b"
    assert making.reason_of(InnerearError("a line")) == "a line"
