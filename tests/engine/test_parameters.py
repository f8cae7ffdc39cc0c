import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.parameters import PARAMETERS, ParameterSet


def test_every_default_is_accepted_by_its_own_parameter() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.check(str(parameter.default)) == parameter.default


@pytest.mark.parametrize(
    ("id", "value", "words"),
    [
        ("step", 2.1, "0 to 2"),
        ("step", "loud", "0 to 2"),
        ("step", float("nan"), "0 to 2"),
        ("step", True, "0 to 2"),
        ("threshold_db", 1, "-80 to 0 dB"),
        ("combine", "filtre", "filter"),
        ("n_fft", 1000, "1024"),
        ("bypass", "perhaps", "on or off"),
        ("target", " ", "empty"),
        ("stepp", 1, "step"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    id: str, value: object, words: str
) -> None:
    values = ParameterSet()
    before = values.as_dict()
    with pytest.raises(ParameterError, match=words):
        values.set(id, value)
    assert values.as_dict() == before


def test_values_keep_the_parameters_own_type() -> None:
    values = ParameterSet(n_fft="2048", step="0.5", freeze="yes")
    assert values["n_fft"] == 2048
    assert isinstance(values["n_fft"], int)
    assert values.number("step") == 0.5
    assert values.switch("freeze") is True


def test_observers_hear_of_real_changes_only() -> None:
    values, heard = ParameterSet(), []
    stop = values.observe(lambda id, value: heard.append((id, value)))
    values.set("step", 0.5)
    values.set("step", "0.5")
    stop()
    values.set("step", 0.7)
    assert heard == [("step", 0.5)]
