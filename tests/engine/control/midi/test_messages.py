import pytest
from hypothesis import given
from hypothesis import strategies as st

from innerear.engine.control.midi.messages import Message, Parser, encode

data_bytes = st.integers(0, 127)
channels = st.integers(1, 16)
messages = st.one_of(
    st.builds(
        Message,
        st.sampled_from(["control-change", "poly-pressure", "note-off"]),
        channels,
        data_bytes,
        data_bytes,
    ),
    st.builds(Message, st.just("note-on"), channels, data_bytes, st.integers(1, 127)),
    st.builds(Message, st.just("program-change"), channels, data_bytes),
    st.builds(Message, st.just("pressure"), channels, st.just(0), data_bytes),
    st.builds(Message, st.just("pitch-bend"), channels, st.just(0), st.integers(0, 16_383)),
    st.builds(Message, st.sampled_from(["clock", "start", "continue", "stop"])),
)


@given(st.lists(messages), st.data())
def test_what_is_encoded_is_read_in_whatever_pieces(
    sent: list[Message], data: st.DataObject
) -> None:
    stream = b"".join(encode(message) for message in sent)
    parser, heard, at = Parser(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        heard += parser.feed(stream[at : at + size])
        at += size
    assert heard == sent


@given(st.lists(messages))
def test_running_status_says_the_same(sent: list[Message]) -> None:
    stream, status = b"", 0
    for message in sent:
        piece = encode(message)
        if piece[0] >= 0xF8:
            stream += piece
        else:
            stream += piece[1:] if piece[0] == status else piece
            status = piece[0]
    assert Parser().feed(stream) == sent


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(noise: bytes) -> None:
    parser = Parser()
    for message in parser.feed(noise):
        assert 0 <= message.number <= 127
        assert 0 <= message.value <= (16_383 if message.kind == "pitch-bend" else 127)
        assert message.channel in range(17)
    # Whatever came before, a whole message is understood.
    assert parser.feed(bytes((0xB2, 7, 100)))[-1:] == [Message("control-change", 3, 7, 100)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("90 3c 40", [Message("note-on", 1, 60, 64)]),
        ("91 3c 00", [Message("note-off", 2, 60)]),
        ("80 3c 40", [Message("note-off", 1, 60, 64)]),
        ("cf 05", [Message("program-change", 16, 5)]),
        ("e0 00 40", [Message("pitch-bend", 1, 0, 8192)]),
        ("b0 01 f8 40", [Message("clock"), Message("control-change", 1, 1, 64)]),
        ("b0 01 40 f0 7e 01 02 f7 01 40", [Message("control-change", 1, 1, 64)]),
        ("f2 01 02 fe ff fd 3c", []),
        ("3c 40", []),
    ],
)
def test_known_bytes(stream: str, expected: list[Message]) -> None:
    assert Parser().feed(bytes.fromhex(stream)) == expected
