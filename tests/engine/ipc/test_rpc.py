"""Requests between processes: answers, errors, and what happens when no answer comes in time."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from innerear.engine.errors import DeviceError, InnerearError, PresetError
from innerear.engine.ipc.rpc import RequestClient, RequestServer

SECRET = "secret"
SOON, LONG = 0.05, 30.0


class Answering:
    """A server on a thread; a request `wait` is answered when the test says so."""

    def __init__(self) -> None:
        self.may_answer, self.ended = threading.Event(), threading.Event()
        self.waiting = threading.Event()
        self.server = RequestServer(SECRET, self._answer)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self.ended.is_set():
            self.server.poll(0.01)
        self.server.close()

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        match request["do"]:
            case "wait":
                self.waiting.set()
                self.may_answer.wait(LONG)
            case "preset":
                raise PresetError("There is no such preset.")
        return {"did": request["do"]}

    def close(self) -> None:
        self.may_answer.set()
        self.ended.set()
        self._thread.join()


@pytest.fixture
def answering() -> Iterator[Answering]:
    made = Answering()
    yield made
    made.close()


@pytest.fixture
def client(answering: Answering) -> Iterator[RequestClient]:
    made = RequestClient(answering.server.port, SECRET)
    yield made
    made.close()


def test_requests_are_answered(client: RequestClient) -> None:
    for name in ("a", "b" * 100_000, "c"):
        assert client.request({"do": name}, LONG) == {"did": name}


def test_errors_come_back_as_they_were(client: RequestClient) -> None:
    with pytest.raises(PresetError, match=r"^There is no such preset\.$"):
        client.request({"do": "preset"}, LONG)
    with pytest.raises(InnerearError, match="cannot be read"):
        client.request({}, LONG)


def test_a_late_answer_is_never_taken_for_the_next(
    answering: Answering, client: RequestClient
) -> None:
    with pytest.raises(DeviceError, match=r"did not answer within 0\.05 s"):
        client.request({"do": "wait"}, SOON)
    answering.may_answer.set()
    assert client.request({"do": "other"}, LONG) == {"did": "other"}


def test_an_interrupted_request_leaves_no_answer_behind(
    answering: Answering, client: RequestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stops a cell of a notebook; the next answer must not be this one's."""

    class Interrupted:
        def __init__(self, connection: Any) -> None:
            self.connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def recv(self, size: int) -> bytes:
            answering.waiting.wait(LONG)
            raise KeyboardInterrupt

    monkeypatch.setattr(client, "_socket", Interrupted(client._socket))
    with pytest.raises(KeyboardInterrupt):
        client.request({"do": "wait"}, LONG)
    answering.may_answer.set()
    assert client.request({"do": "other"}, LONG) == {"did": "other"}


def test_a_request_does_not_wait_for_another_threads_for_ever(
    answering: Answering, client: RequestClient
) -> None:
    answers: list[object] = []
    other = threading.Thread(target=lambda: answers.append(client.request({"do": "wait"}, LONG)))
    other.start()
    answering.waiting.wait(LONG)
    with pytest.raises(DeviceError, match="did not answer within"):
        client.request({"do": "other"}, SOON)
    answering.may_answer.set()
    other.join()
    assert answers == [{"did": "wait"}]


def test_closing_ends_a_request_that_another_thread_waits_for(
    answering: Answering, client: RequestClient
) -> None:
    problems: list[DeviceError] = []

    def wait() -> None:
        try:
            client.request({"do": "wait"}, LONG)
        except DeviceError as problem:
            problems.append(problem)

    other = threading.Thread(target=wait)
    other.start()
    answering.waiting.wait(LONG)
    client.close()
    other.join()
    assert not answering.may_answer.is_set()
    assert "has ended" in str(problems[0])


def test_a_server_that_has_ended_is_an_error(answering: Answering, client: RequestClient) -> None:
    client.request({"do": "a"}, LONG)
    answering.close()
    for _ in range(2):
        with pytest.raises(DeviceError):
            client.request({"do": "b"}, LONG)
    with pytest.raises(DeviceError, match="does not answer"):
        RequestClient(_closed_port(), SECRET)


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_stranger_is_refused(answering: Answering) -> None:
    deep = b"[" * 100_000 + b"\n"
    foreign, browser = b'{"do": "a", "secret": "\xc3\xa4"}\n', b"POST / HTTP/1.1\n"
    for line in (b'{"do": "a"}\n', foreign, b"[1]\n", b"\xff\n", deep, browser):
        with socket.create_connection(("127.0.0.1", answering.server.port)) as stranger:
            replies = stranger.makefile()
            stranger.sendall(line)
            assert json.loads(replies.readline()) == {"error": "the secret is wrong"}
            assert replies.readline() == "", "it is not listened to any further"


def test_silent_strangers_keep_nobody_out(answering: Answering, client: RequestClient) -> None:
    assert client.request({"do": "a"}, LONG) == {"did": "a"}
    port = answering.server.port
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    late = RequestClient(port, SECRET)
    assert late.request({"do": "b"}, LONG) == {"did": "b"}
    assert client.request({"do": "c"}, LONG) == {"did": "c"}, "one who knows the secret stays"
    for each in (late, *silent):
        each.close()


def test_what_is_no_engine_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = RequestClient(listener.getsockname()[1], SECRET)
        served, _ = listener.accept()
        served.sendall(b"[" * 100_000 + b"\n")
        with pytest.raises(DeviceError, match="no audio engine"):
            client.request({"do": "a"}, LONG)
        client.close()
        served.close()
