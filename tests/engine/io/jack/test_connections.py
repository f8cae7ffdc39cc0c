"""What was connected is connected again, and what was disconnected stays so."""

from pathlib import Path

import pytest

from innerear.engine.io.jack.connections import CONNECTIONS_FILE, Connections, followed


class Patchbay:
    """Ports of ours and of others, and what is connected."""

    def __init__(self, *others: str) -> None:
        self.others = set(others)
        self.pairs: set[tuple[str, str]] = set()

    def own(self) -> list[str]:
        return ["in_1", "out_1"]

    def present(self) -> set[str]:
        return self.others | {f"innerear:{port}" for port in self.own()}

    def connected(self, port: str) -> set[str]:
        return {other for own, other in self.pairs if own == port}

    def connect(self, port: str, other: str) -> None:
        self.pairs.add((port, other))

    def remove(self, other: str) -> None:
        self.others.discard(other)
        self.pairs = {pair for pair in self.pairs if pair[1] != other}


FIRST = {"in_1": ["system:capture_1"], "out_1": ["system:playback_1"]}
SYSTEM = ("system:capture_1", "system:playback_1")


@pytest.mark.parametrize(
    ("wanted", "connected", "before", "present", "kept", "missing"),
    [
        (["a"], ["a"], "a", "a", ["a"], []),
        (["a"], [], "a", "a", [], []),  # somebody has disconnected it
        (["a"], [], "a", "", ["a"], []),  # its program has ended
        (["a"], [], "", "a", ["a"], ["a"]),  # and is back
        ([], ["b"], "b", "b", ["b"], []),  # somebody has connected it
        (["a"], ["b"], "ab", "ab", ["b"], []),
    ],
)
def test_what_happened_between_two_looks(
    wanted: list[str], connected: list[str], before: str, present: str, kept: list, missing: list
) -> None:
    assert followed(wanted, connected, set(before), set(present)) == (kept, missing)


def test_a_port_that_was_never_open_is_connected_to_the_device() -> None:
    ports = Patchbay(*SYSTEM)
    Connections().restore("innerear", ports, FIRST)
    assert ports.pairs == {("in_1", SYSTEM[0]), ("out_1", SYSTEM[1])}


def test_a_rewired_port_is_rewired_again_by_the_next_process(tmp_path: Path) -> None:
    ports = Patchbay(*SYSTEM, "guitar:out")
    connections = Connections(tmp_path)
    connections.restore("innerear-01", ports, FIRST)
    ports.pairs = {("in_1", "guitar:out")}
    connections.poll(ports)
    after = Connections(tmp_path)
    assert after.client_name == "innerear-01"
    ports.pairs.clear()
    after.restore("innerear-01", ports, FIRST)
    assert ports.pairs == {("in_1", "guitar:out")}


def test_a_program_that_comes_back_late_is_connected_again() -> None:
    ports = Patchbay(*SYSTEM, "guitar:out")
    connections = Connections()
    connections.restore("innerear", ports, {"in_1": ["guitar:out"]})
    ports.remove("guitar:out")
    connections.poll(ports)
    connections.poll(ports)
    ports.others.add("guitar:out")
    connections.poll(ports)
    assert ports.pairs == {("in_1", "guitar:out")}


def test_another_device_takes_the_place_of_what_was_connected() -> None:
    ports = Patchbay(*SYSTEM, "usb:playback_1")
    connections = Connections()
    connections.restore("innerear", ports, FIRST)
    connections.forget("out_")
    ports.pairs.clear()
    connections.restore("innerear", ports, {**FIRST, "out_1": ["usb:playback_1"]})
    assert ports.pairs == {("in_1", "system:capture_1"), ("out_1", "usb:playback_1")}


def test_the_end_of_the_server_is_no_wish_to_disconnect() -> None:
    ports = Patchbay(*SYSTEM)
    connections = Connections()
    connections.restore("innerear", ports, FIRST)
    ports.pairs.clear()
    ports.present = set  # type: ignore[method-assign]
    connections.poll(ports)
    after = Patchbay(*SYSTEM)
    connections.restore("innerear", after, {})
    assert after.pairs == {("in_1", SYSTEM[0]), ("out_1", SYSTEM[1])}


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / CONNECTIONS_FILE).write_text("{")
    assert Connections(tmp_path).client_name == "innerear"
