"""What people type as a number, and what they are told."""

import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.parameters import PARAMETERS
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.typed import plain_text


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


@pytest.mark.parametrize(
    ("id", "value", "line"),
    [
        ("delay_ms", "9999", "Delay cannot be '9999': it takes 0 to 2000 ms"),
        ("combine", "mas", "Blend mode cannot be 'mas'. Did you mean mask"),
        ("model", "", "Model cannot be empty."),
        ("freeze", "perhaps", "Freeze cannot be 'perhaps': it takes on or off."),
    ],
)
def test_a_message_has_the_title_and_not_the_id(
    controller: ParameterController, messages: list[str], id: str, value: str, line: str
) -> None:
    assert not controller.attempt(lambda: controller.change({id: value}))
    assert messages[0].startswith(line)
    assert id not in messages[0]
    with pytest.raises(ParameterError, match=f"^{id} cannot be"):
        PARAMETERS[id].check(value)
