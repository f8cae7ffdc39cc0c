"""Shared memory is reserved before it is used, elsewhere where it has no room, or not at all."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import InnerearError
from innerear.engine.ipc import inference_process, shared_files
from innerear.engine.ipc.shared_arrays import SharedArrays
from innerear.engine.ipc.shared_files import (
    make_shared_file,
    make_shared_folder,
    remove_shared_folder,
)
from innerear.engine.ipc.shared_state import SoundMemory

FIELDS = {"numbers": ("f8", (1000,))}

pytestmark = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="this system reserves no room"
)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for the memory."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(shared_files, "_MEMORY_FOLDER", folder)
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for the temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function after which a folder has room for no file."""
    full: list[Path] = []
    reserve = os.posix_fallocate

    def refuse(file: int, start: int, size: int) -> None:
        place = Path(os.readlink(f"/proc/self/fd/{file}"))
        if any(place.is_relative_to(folder) for folder in full):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        reserve(file, start, size)

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    return full.append


def test_room_is_reserved(memory: Path) -> None:
    SharedArrays(memory / "state", FIELDS, create=True)
    found = (memory / "state").stat()
    assert found.st_blocks * 512 >= found.st_size
    assert stat.S_IMODE(found.st_mode) == 0o600


def test_what_finds_no_room_is_made_among_the_temporary_files(
    memory: Path, temporary: Path, fill: Callable[[Path], None]
) -> None:
    folder = make_shared_folder()
    assert folder.parent == memory
    fill(memory)
    sound = SoundMemory(folder / "sound", 2, 48_000, create=True)
    (place,) = temporary.iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    other = SoundMemory(folder / "sound", 2, 48_000)  # as another process finds it
    sound.block["input"][5] = 7
    assert other.block["input"][5] == 7
    assert other.current
    sound.block.unlink()
    assert not other.current
    assert not list(folder.iterdir())
    assert not list(temporary.iterdir())


def test_a_folder_takes_what_was_made_elsewhere_with_it(
    memory: Path, temporary: Path, fill: Callable[[Path], None]
) -> None:
    folder = make_shared_folder()
    (folder / "address.json").write_text("{}")
    fill(memory)
    SharedArrays(folder / "state", FIELDS, create=True)
    remove_shared_folder(folder)
    assert not list(memory.iterdir())
    assert not list(temporary.iterdir())
    remove_shared_folder(folder)


def test_another_programs_folder_for_temporary_files_may_be_another_one(
    memory: Path,
    temporary: Path,
    fill: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_shared_folder()
    fill(memory)
    SharedArrays(folder / "state", FIELDS, create=True)
    mine = tmp_path / "mine.wav"
    mine.touch()
    (folder / "sound").symlink_to(mine)  # which no session has made
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remove_shared_folder(folder)
    assert not list(memory.iterdir())
    assert not list(temporary.iterdir())
    assert mine.exists()


def test_no_room_anywhere_is_one_line(
    memory: Path, temporary: Path, fill: Callable[[Path], None]
) -> None:
    folder = make_shared_folder()
    fill(memory)
    fill(temporary)
    with pytest.raises(InnerearError, match=r"no room for 0 MB .*TMPDIR") as caught:
        SharedArrays(folder / "state", FIELDS, create=True)
    assert "\n" not in str(caught.value)
    assert not list(folder.iterdir())
    assert not list(temporary.iterdir())


def test_a_session_begins_where_there_is_room(
    memory: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_files, "_LEAST_FREE_BYTES", 2**62)
    assert make_shared_folder().parent == temporary
    monkeypatch.setattr("tempfile.tempdir", str(temporary / "nowhere"))
    with pytest.raises(InnerearError, match="TMPDIR"):
        make_shared_folder()


def test_memory_that_cannot_be_reserved_is_used_without(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    arrays = SharedArrays(memory / "state", FIELDS, create=True)
    np.testing.assert_array_equal(arrays["numbers"], np.zeros(1000))


def test_no_semaphore_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("multiprocessing.context.BaseContext.Semaphore", refuse)
    with pytest.raises(InnerearError, match=r"No space left.*/dev/shm"):
        inference_process.WorkerProcess(tmp_path / "state", tmp_path)


def test_no_more_processes_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("multiprocessing.context.SpawnProcess._Popen", refuse)
    with pytest.raises(InnerearError, match="process cannot be started"):
        inference_process.WorkerProcess(tmp_path / "state", tmp_path)


def test_a_link_that_is_not_ours_goes_alone(memory: Path, temporary: Path) -> None:
    folder = make_shared_folder()
    precious = temporary / "precious"
    precious.touch()
    (folder / "sound").symlink_to(precious)
    remove_shared_folder(folder)
    assert not folder.exists()
    assert precious.exists()


@pytest.mark.skipif(os.name != "posix", reason="folders have other permissions here")
def test_only_this_user_may_look(memory: Path) -> None:
    folder = make_shared_folder()
    file = make_shared_file(folder / "state", 100)
    os.close(file)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "state").stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_where_somebody_writes_until_the_end(tmp_path: Path) -> None:
    """An engine that is ending keeps its state: a folder that is being emptied would stay."""
    for number in range(20):
        folder = tmp_path / f"innerear-{number}"
        folder.mkdir()
        for each in range(50):
            (folder / f"file-{each}").touch()
        begun = threading.Event()

        def write(folder: Path = folder, begun: threading.Event = begun) -> None:
            with suppress(FileNotFoundError):
                for each in range(100_000):  # at most: then the test fails
                    (folder / f"state-{each % 1000}").touch()
                    begun.set()

        writer = threading.Thread(target=write)
        writer.start()
        begun.wait()
        remove_shared_folder(folder)
        writer.join()
        assert list(tmp_path.iterdir()) == []
