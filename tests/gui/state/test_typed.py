"""What people are told of a value that cannot be."""

import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.parameters import PARAMETERS
from innerear.gui.state.parameter_controller import ParameterController


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
