"""Messages of errors: one line that can be shown, whatever is quoted in it."""

from innerear.engine.errors import InnerearError, ParameterError


def test_a_message_is_one_line_without_control_characters() -> None:
    wild = InnerearError("a\nb\x1b[31mc\r\n\u202ed\0")
    assert str(wild) == "a b [31mc d "


def test_a_message_is_short() -> None:
    long = str(ParameterError("begin " + "x" * 1_000_000 + " end"))
    assert len(long) == 1000
    assert long.startswith("begin x")
    assert long.endswith("x end")


def test_names_of_files_that_are_not_utf_8_stay() -> None:
    assert str(InnerearError("caf\udce9.wav")) == "caf\udce9.wav"
