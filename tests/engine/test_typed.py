"""What people type as a number."""

import pytest

from innerear.engine.parameters import PARAMETERS
from innerear.engine.typed import plain_text


@pytest.mark.parametrize(
    ("id", "typed", "value"),
    [
        ("mix", "0,5", 0.5),
        ("mix", " ,25 ", 0.25),
        ("delay_ms", "120,5 ms", 120.5),
        ("delay_ms", "120 MS", 120.0),
        ("delay_ms", "1/8.", "1/8."),
        ("threshold_db", "\N{MINUS SIGN}12,5 dB", -12.5),
        ("threshold_db", "-20dB", -20.0),
        ("target", "conv1,conv2/3", "conv1,conv2/3"),
    ],
)
def test_a_number_is_read_as_people_write_it(id: str, typed: str, value: object) -> None:
    assert PARAMETERS[id].check(plain_text(PARAMETERS[id], typed)) == value
