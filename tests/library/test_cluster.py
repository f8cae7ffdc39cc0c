"""A build on Dask: in processes of this machine, and on a cluster in which workers die."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from innerear import Library
from innerear.engine.errors import LibraryError
from innerear.library import upkeep
from innerear.library.building import build
from innerear.library.plan import Grid

from .conftest import rows_by_item


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


@pytest.mark.soak
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


@pytest.mark.soak
@pytest.mark.soak
def test_workers_and_their_helpers_import_nothing_from_the_working_folder(
    sounds: Path, toy_pack: Path, tmp_path: Path
) -> None:
    for name in ("random", "numpy", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the folder was run')")
    script = tmp_path / "bin" / "innerear"  # as the command, which is in another folder
    script.parent.mkdir()
    script.write_text(
        "import sys\nfrom innerear.cli import main\n"
        "if __name__ == '__main__':\n    sys.exit(main())\n"
    )
    options = ["--model", str(toy_pack), "--target", "Low tone", "--workers", "1"]
    done = subprocess.run(
        [sys.executable, str(script), "library", "build", str(sounds), "-o", "dreams", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


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
