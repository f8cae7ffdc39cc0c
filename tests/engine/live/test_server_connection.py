"""A client's requests where its server hangs, ended, or was started again meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from innerear.engine.control.requests import DoAction
from innerear.engine.errors import DeviceError
from innerear.engine.ipc.shared_files import STATE_FILE
from innerear.engine.ipc.shared_state import SharedState
from innerear.engine.live.server_connection import ServerConnection

TAP = DoAction("tap")


class Client:
    """Answers with its name, or fails as a server does that has ended."""

    def __init__(self, name: str, connection: ServerConnection) -> None:
        self.name, self.connection = name, connection
        self.asked = 0
        self.after: Client | None = None
        """The one that another thread connects to while this one is asked; then this one fails."""

    def request(self, data: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.asked += 1
        if self.after is not None:
            self.connection._client = self.after  # type: ignore[assignment]
            raise DeviceError("The audio engine has ended.")
        return {"from": self.name}


@pytest.fixture
def state(tmp_path: Path) -> SharedState:
    return SharedState(tmp_path / STATE_FILE, create=True)


@pytest.fixture
def connection(tmp_path: Path, state: SharedState) -> ServerConnection:
    made = ServerConnection(tmp_path, state)
    made._client = Client("first", made)  # type: ignore[assignment]
    return made


def test_a_request_during_our_own_restart_is_answered_by_the_new_server(
    connection: ServerConnection,
) -> None:
    first = connection._client
    assert isinstance(first, Client)
    first.after = second = Client("second", connection)
    assert connection.ask(TAP) == {"from": "second"}
    assert (first.asked, second.asked) == (1, 1)
    second.after = second  # it ends, and nobody has started another
    with pytest.raises(DeviceError, match="has ended"):
        connection.ask(TAP)
    assert second.asked == 2


def test_one_that_hangs_is_not_waited_for(
    connection: ServerConnection, state: SharedState, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connection._client
    assert isinstance(client, Client)
    assert connection.ask(TAP) == {"from": "first"}
    state.allow_silence(5.0)
    now = connection._watch._now()
    monkeypatch.setattr(connection._watch, "_now", lambda: now + 6.0)
    with pytest.raises(DeviceError, match="does not answer any more"):
        connection.ask(TAP)
    assert client.asked == 1
    state.beat()
    assert connection.ask(TAP) == {"from": "first"}
    state.allow_silence(0.0)  # it says that it ends: whoever asks hears so from itself
    monkeypatch.setattr(connection._watch, "_now", lambda: now + 7.0)
    assert connection.ask(TAP) == {"from": "first"}
