"""The status is one nested dataclass with JSON both ways."""

import json
import os

import pytest

from innerear.engine.control.status import MidiStatus, SlotsStatus, SlotStatus
from innerear.engine.live.live_status import BlockTimes, FileStatus, LiveStatus, Message
from innerear.engine.plugin.status import DreamAge, DreamStatus

FULL = LiveStatus(
    playing=True,
    sample_rate=48_000,
    block_size=128,
    channels=2,
    blocks=7,
    latency_samples=960,
    block_ms=BlockTimes(0.1, 0.2, 0.5, 1.5),
    xruns=1,
    realtime=True,
    target="Brass",
    objective=0.5,
    dreams=DreamStatus(9, 2, DreamAge(31.0, 60.0)),
    nan_resets=1,
    limited=3,
    model="toy",
    layers={"conv1": 4, "output": 2},
    classes=("a", "b"),
    changing=True,
    network_restarts=1,
    problem="none",
    messages=(Message(1, "one"), Message(2, "zwei \N{SNOWMAN}")),
    input="in",
    output="out",
    lost_device="out",
    file=FileStatus("/song.wav", 1.0, 2.0, False, True),
    preset="brass-halo",
    slots=SlotsStatus(SlotStatus("x", "Ice"), SlotStatus("y")),
    requested={"record": 2},
    sync="midi",
    midi=MidiStatus(("nano",), "", 0.1, "mix", {"step": 0.25}, True, ("step",)),
    pid=12,
    network_pids=(13, 14),
)


@pytest.mark.parametrize("status", [FULL, LiveStatus()], ids=["full", "empty"])
def test_json_goes_both_ways(status: LiveStatus) -> None:
    assert LiveStatus.from_json(status.to_json()) == status
    assert json.loads(status.to_json()) == status.as_dict()


def test_every_field_is_in_the_full_one() -> None:
    empty = LiveStatus()
    for name in LiveStatus.__dataclass_fields__:
        assert getattr(FULL, name) != getattr(empty, name), name


def test_a_server_that_has_reported_nothing_has_an_empty_status() -> None:
    assert LiveStatus.from_json("") == LiveStatus()


def test_what_the_commands_print_keeps_its_keys() -> None:
    assert FULL.dreams.as_dict() == {"count": 9, "late": 2, "age_ms": {"p50": 31.0, "p99": 60.0}}
    assert FULL.block_ms.as_dict() == {"p50": 0.1, "p99": 0.2, "p999": 0.5, "max": 1.5}


def test_load_and_latency_are_derived() -> None:
    assert FULL.load == pytest.approx(0.5 * 48_000 / 128_000)
    assert FULL.latency_ms == 20.0
    assert (LiveStatus().load, LiveStatus().latency_ms) == (0.0, 0.0)


def test_a_slot_is_called_by_its_title_or_its_name() -> None:
    assert (FULL.slots.a.label, FULL.slots.b.label) == ("Ice", "y")


def test_a_file_name_that_is_not_utf_8_passes() -> None:
    name = os.fsdecode(b"b\xe9lls.wav")
    status = LiveStatus(target=name, input=name, file=FileStatus(name))
    text = status.to_json()
    assert text.isascii()
    assert LiveStatus.from_json(text) == status
