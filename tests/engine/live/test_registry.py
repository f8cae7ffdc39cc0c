"""Servers find each other also where the system's runtime folder cannot be used."""

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.engine.control.midi.mapping_files import available_mappings
from innerear.engine.control.presets import available_presets
from innerear.engine.errors import InnerearError
from innerear.engine.ipc.shared_files import STATE_FILE
from innerear.engine.live import registry
from innerear.engine.live.registry import registered, running_servers, runtime_folder
from innerear.engine.packs.pack import available_packs


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for the temporary files, beside a file in place of the runtime folder."""
    folder, usual = tmp_path / "temporary", tmp_path / "file"
    folder.mkdir()
    usual.write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(
        "platformdirs.user_runtime_path", lambda *_, **__: usual / "innerear", raising=True
    )
    return folder


def test_a_server_is_found_without_a_runtime_folder(temporary: Path) -> None:
    (temporary / STATE_FILE).write_text("")
    assert running_servers() == []
    with registered(temporary, stays=True):
        assert running_servers() == [temporary]
    assert running_servers() == []
    assert runtime_folder().parent == temporary
    assert runtime_folder().stat().st_mode & 0o777 == 0o700


def test_a_server_that_ends_with_its_client_is_found_by_who_asks_for_all(temporary: Path) -> None:
    (temporary / STATE_FILE).write_text("")
    with registered(temporary, stays=False):
        assert running_servers() == []
        assert running_servers(staying=False) == [temporary]
    assert running_servers(staying=False) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no birth")
def test_a_killed_servers_number_may_be_anothers_now(temporary: Path) -> None:
    (temporary / STATE_FILE).write_text("")
    with registered(temporary, stays=True):
        (entry,) = runtime_folder().iterdir()
        entry.write_text(json.dumps(json.loads(entry.read_text()) | {"birth": "1"}))
        assert running_servers() == []
        assert not entry.exists()


def test_a_server_that_ends_with_its_client_plays_where_it_cannot_be_listed(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary / "nowhere").write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(temporary / "nowhere"))
    with registered(temporary, stays=False):
        pass
    with pytest.raises(InnerearError, match="XDG_RUNTIME_DIR"), registered(temporary, stays=True):
        pass


def test_a_full_disk_keeps_only_a_server_that_stays_from_playing(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise InnerearError("no space is left")

    monkeypatch.setattr(registry, "write_text", full)
    with registered(temporary, stays=False):
        pass
    with pytest.raises(InnerearError, match="no space"), registered(temporary, stays=True):
        pass


def test_nothing_that_can_be_written_is_one_line(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temporary / "nowhere"))
    (temporary / "nowhere").write_text("no folder")
    with pytest.raises(InnerearError, match="XDG_RUNTIME_DIR"):
        runtime_folder()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_another_users_folder_is_not_trusted(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = runtime_folder()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    mine.rename(temporary / "innerear-12345")
    with pytest.raises(InnerearError, match="XDG_RUNTIME_DIR"):
        runtime_folder()


@pytest.mark.parametrize("listed", [available_packs, available_presets, available_mappings])
def test_a_home_that_cannot_be_read_counts_as_empty(
    listed: Callable[[], dict[str, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    expected = listed()
    (tmp_path / "innerear").mkdir()
    see = os.stat

    def refuse(path: os.PathLike[str] | str | int, **options: object) -> os.stat_result:
        if not isinstance(path, int) and Path(path).is_relative_to(tmp_path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return see(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert listed() == expected
    assert expected
