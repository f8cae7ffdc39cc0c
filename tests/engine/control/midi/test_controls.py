import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from innerear.engine.control.midi.controls import (
    TOP,
    Control,
    ControlReader,
    Reading,
    control_messages,
    encoder_steps,
)
from innerear.engine.control.midi.messages import Message, Parser


def read(reader: ControlReader, stream: bytes) -> list[Reading]:
    return [reading for message in Parser().feed(stream) for reading in reader.read(message)]


def change(number: int, value: int) -> bytes:
    return bytes((0xB0, number, value))


kinds = st.sampled_from([kind for kind in TOP if kind not in ("program", "nrpn-step")])


@given(kinds, st.integers(1, 16), st.data())
def test_what_is_sent_to_a_control_is_what_is_read_from_it(
    kind: str, channel: int, data: st.DataObject
) -> None:
    highest = {"cc14": 31, "nrpn": 16_382, "nrpn14": 16_382, "pitch-bend": 0, "pressure": 0}
    number = data.draw(st.integers(0, highest.get(kind, 127)))
    values = data.draw(st.lists(st.integers(0, TOP[kind]), min_size=1))
    reader = ControlReader()
    for value in values:
        stream = b"".join(control_messages(kind, channel, number, value))
        readings = [each for each in read(reader, stream) if each.kind == kind]
        assert readings[-1] == Reading(kind, channel, number, value)


def positions(reader: ControlReader, kind: str, *messages: bytes) -> list[int]:
    return [each.value for each in read(reader, b"".join(messages)) if each.kind == kind]


@given(st.integers(0, 16_383), st.integers(0, 16_383))
def test_between_its_halves_a_pair_is_at_most_a_coarse_step_off_the_way(
    before: int, after: int
) -> None:
    reader = ControlReader()
    read(reader, change(1, before >> 7) + change(33, before & 127))
    low, high = sorted((before, after))
    values = positions(reader, "cc14", change(1, after >> 7), change(33, after & 127))
    assert all(low - 127 <= value <= high for value in values)
    assert values[-1] == after


NRPN_300 = change(99, 2) + change(98, 44)


@pytest.mark.parametrize(
    ("kind", "before", "coarse", "fine"), [("cc14", b"", 7, 39), ("nrpn14", NRPN_300, 6, 38)]
)
def test_a_coarse_half_alone_reaches_both_ends_and_resets_the_fine_half(
    kind: str, before: bytes, coarse: int, fine: int
) -> None:
    reader = ControlReader()
    read(reader, before)
    # 128 positions over the whole range, up and down.
    sent = (64, 0, 127, 126, 0)
    alone = positions(reader, kind, *(change(coarse, value) for value in sent))
    assert alone == [64 << 7 | 64, 0, 16_383, 126 << 7 | 126, 0]
    # From the first fine half on, as MIDI 1.0 has it: the coarse half sets the fine one to 0.
    assert positions(reader, kind, change(coarse, 127), change(fine, 127))[-1] == 16_383
    assert positions(reader, kind, change(coarse, 64)) == [64 << 7]
    assert positions(reader, kind, change(coarse, 0)) == [0]
    assert positions(reader, kind, change(fine, 5)) == [5]


def test_data_increment_and_decrement_are_steps_of_the_chosen_nrpn() -> None:
    reader = ControlReader()
    assert positions(reader, "nrpn-step", change(96, 0)) == []
    read(reader, NRPN_300)
    steps = [each for each in read(reader, change(96, 0) + change(97, 127)) if each.kind != "cc"]
    assert steps == [Reading("nrpn-step", 1, 300, 1), Reading("nrpn-step", 1, 300, 127)]
    read(reader, change(101, 0) + change(100, 0))  # a registered parameter
    assert positions(reader, "nrpn-step", change(96, 0)) == []


def test_control_33_is_also_a_knob_of_its_own() -> None:
    readings = read(ControlReader(), change(33, 5))
    assert readings == [Reading("cc", 1, 33, 5)]


def test_data_entry_for_a_registered_parameter_is_no_nrpn() -> None:
    reader = ControlReader()
    nrpn = change(99, 1) + change(98, 2) + change(6, 64)
    assert Reading("nrpn", 1, 130, 64) in read(reader, nrpn)
    rpn = change(101, 0) + change(100, 0) + change(6, 2)
    assert {each.kind for each in read(reader, rpn)} == {"cc", "cc14"}


def test_an_nrpn_of_another_channel_is_another() -> None:
    reader = ControlReader()
    read(reader, change(99, 0) + change(98, 7))
    readings = read(reader, bytes((0xB1, 6, 64)))
    assert {each.kind for each in readings} == {"cc", "cc14"}


@pytest.mark.parametrize(
    ("encoding", "values", "steps"),
    [
        ("twos-complement", (1, 2, 63, 127, 126, 64, 0), (1, 2, 63, -1, -2, -64, 0)),
        ("binary-offset", (65, 66, 127, 63, 62, 0, 64), (1, 2, 63, -1, -2, -64, 0)),
        ("sign-magnitude", (1, 2, 63, 65, 66, 127, 0, 64), (1, 2, 63, -1, -2, -63, 0, 0)),
    ],
)
def test_the_three_encodings_of_endless_encoders(
    encoding: str, values: tuple[int, ...], steps: tuple[int, ...]
) -> None:
    assert tuple(encoder_steps(value, encoding) for value in values) == steps


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "cc", "number": 128}, "up to 127"),
        ({"kind": "cc14", "number": 32}, "up to 31"),
        ({"kind": "note", "number": 1, "encoding": "binary-offset"}, "no encoding"),
        ({"kind": "cc", "channel": 17}, "16"),
        ({"kind": "knob"}, "kind"),
        ({"kind": "cc", "nummer": 1}, "nummer"),
    ],
)
def test_an_impossible_control_is_refused(fields: dict, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Control(**fields)


def test_a_message_without_a_control_says_nothing() -> None:
    assert ControlReader().read(Message("clock")) == []
