"""The folder of a session stays for as long as anybody uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from innerear.engine.live.membership import Membership, has_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "session"
    made.mkdir()
    return made


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
    code = (
        "import sys; from pathlib import Path; from innerear.engine.live.membership import"
        " Membership; Membership(Path(sys.argv[1]), 'server')"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    Membership.of_client(folder).leave()
    assert not folder.exists()


def test_a_process_that_replaced_itself_is_one_member(folder: Path) -> None:
    Membership(folder, "server")
    Membership(folder, "server").leave()
    assert not folder.exists()
