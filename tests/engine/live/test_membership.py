"""The folder of a session stays for as long as anybody uses it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import soundfile

from innerear.engine.errors import DeviceError
from innerear.engine.ipc import shared_files
from innerear.engine.ipc.host_channel import HOST_FILE
from innerear.engine.ipc.shared_files import STATE_FILE, remove_shared_folder
from innerear.engine.live.membership import FORGET_SECONDS, Membership, has_server, remove_abandoned
from innerear.engine.live.osc_client import OscClient
from innerear.engine.live.session import Session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "session"
    made.mkdir()
    return made


def join_and_die(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from innerear.engine.live.membership import"
        " Membership; Membership(Path(sys.argv[1]), 'server')"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)


def used_by_a_plugin(folder: Path) -> IO[bytes]:
    """Use a folder as the shell of a plug-in does, until what is returned is closed."""
    fcntl = pytest.importorskip("fcntl")
    host = (folder / HOST_FILE).open("wb")
    fcntl.flock(host, fcntl.LOCK_SH)
    return host


def test_the_last_that_leaves_deletes_the_folder(folder: Path) -> None:
    server = Membership(folder, "server")
    clients = [Membership.of_client(folder) for _ in range(2)]
    assert has_server(folder)
    server.leave()
    assert not has_server(folder)
    clients[0].leave()
    clients[0].leave()
    assert folder.is_dir()
    clients[1].leave()
    assert not folder.exists()
    server.leave()


def test_a_member_that_was_killed_keeps_nothing(folder: Path) -> None:
    join_and_die(folder)
    Membership.of_client(folder).leave()
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no birth")
def test_a_killed_members_number_may_be_anothers_now(folder: Path) -> None:
    client = Membership.of_client(folder)
    (folder / "members" / f"{os.getpid()}-server").write_text("1")
    assert not has_server(folder)
    client.leave()
    assert not folder.exists()


def test_a_process_that_replaced_itself_is_one_member(folder: Path) -> None:
    Membership(folder, "server")
    Membership(folder, "server").leave()
    assert not folder.exists()


def test_only_what_all_its_members_have_left_by_dying_is_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("deadbody", "halfdead", "newcomer", "plugin")
    folders = {kind: tmp_path / f"innerear-{kind}" for kind in kinds}
    other = tmp_path / "something-else"
    for each in (*folders.values(), other):
        each.mkdir()
    join_and_die(folders["deadbody"])
    (dead,) = (folders["deadbody"] / "members").iterdir()
    for each in (folders["halfdead"], folders["plugin"], other):
        (each / "members").mkdir()
        (each / "members" / dead.name).touch()
    Membership.of_client(folders["halfdead"])
    host = used_by_a_plugin(folders["plugin"])
    monkeypatch.setattr(os, "getuid", lambda: -1, raising=False)
    remove_abandoned(tmp_path)
    assert folders["deadbody"].is_dir(), "it is another user's"
    monkeypatch.undo()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    place = tmp_path / "temporary" / "innerear-deadbody-sound"
    place.touch()
    (folders["deadbody"] / "sound").symlink_to(place)
    remove_abandoned(tmp_path)
    left = {path.name for path in tmp_path.glob("innerear-*")}
    assert left == {"innerear-halfdead", "innerear-newcomer", "innerear-plugin"}
    assert other.exists()
    assert not place.exists()
    host.close()  # as its process ends, however it does
    remove_abandoned(tmp_path)
    assert not folders["plugin"].exists()


def test_a_plugins_folder_stays_for_as_long_as_its_host(folder: Path) -> None:
    """Its audio server may end and a window be closed: the host starts the server there again."""
    host = used_by_a_plugin(folder)
    for member in (Membership(folder, "server"), Membership.of_client(folder)):
        member.leave()
        assert folder.exists()
    last = Membership.of_client(folder)
    host.close()
    last.leave()
    assert not folder.exists()


def test_a_client_that_cannot_join_is_no_member() -> None:
    """Its process runs on, and would keep the folder after everybody has left."""
    with Session("samplecnn-digits") as session:
        with pytest.raises(DeviceError):
            Session.attach(session.folder)
        with pytest.raises(DeviceError):
            OscClient(session.folder, port=0)
        assert len(list((session.folder / "members").iterdir())) == 1
    assert not session.folder.exists()


def test_a_folder_that_nobody_has_joined_for_long_is_abandoned(tmp_path: Path) -> None:
    folders = [tmp_path / f"innerear-{age}" for age in ("longago0", "justnow0")]
    for each in folders:
        each.mkdir()
        (each / STATE_FILE).touch()
    long_ago = time.time() - FORGET_SECONDS - 1
    os.utime(folders[0], (long_ago, long_ago))
    remove_abandoned(tmp_path)
    assert [each.exists() for each in folders] == [False, True]


def test_what_is_no_sessions_is_left_alone_whatever_it_is_called(tmp_path: Path) -> None:
    """Where there is no memory for folders, they lie among everybody's temporary files."""
    checkout = tmp_path / "innerear-projects"
    work = tmp_path / "innerear-a1b2c3d4"
    recording = tmp_path / "innerear-20261127"
    for each in (checkout, work):
        each.mkdir()
        (each / "file").touch()
    recording.touch()
    (tmp_path / "innerear-linkedto").symlink_to(checkout)
    long_ago = time.time() - FORGET_SECONDS - 1
    for each in (checkout, work, recording):
        os.utime(each, (long_ago, long_ago))
    before = sorted(tmp_path.rglob("*"))
    remove_abandoned(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_two_that_leave_at_once_and_one_that_comes_too_late(folder: Path) -> None:
    late = Membership.of_client(folder)
    remove_shared_folder(folder)
    late.leave()
    with pytest.raises(DeviceError, match="No audio engine plays"):
        Membership.of_client(folder)


def test_a_session_takes_away_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_files, "_MEMORY_FOLDER", tmp_path)
    left = shared_files.make_shared_folder()
    join_and_die(left)
    with Session("samplecnn-digits") as session:
        assert session.folder.parent == tmp_path
        assert not left.exists()
    assert not list(tmp_path.iterdir())


def test_an_engine_that_starts_takes_away_what_killed_ones_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_pack: Path
) -> None:
    """Of many plug-ins that come and go, each with a window that is killed, nothing may add up."""
    monkeypatch.setattr(shared_files, "_MEMORY_FOLDER", tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    song = tmp_path / "song.wav"
    soundfile.write(song, np.zeros((16_000, 1)), 16_000)
    with Session(str(toy_pack)) as session:
        left = shared_files.make_shared_folder()
        join_and_die(left)
        session.start_file(song)
        assert not left.exists()
        join_and_die(again := shared_files.make_shared_folder())
        Session.attach(session.folder).detach()
        assert not again.exists()


def test_who_joins_forgets_those_who_were_killed(folder: Path) -> None:
    for _ in range(3):
        join_and_die(folder)
    client = Membership.of_client(folder)
    assert len(list((folder / "members").iterdir())) == 1
    client.leave()
