"""Adding a model to those that dream together, and taking one out."""

import pytest

from innerear.engine.control.presets import load_preset
from innerear.engine.errors import ModelError, PresetError
from innerear.engine.packs.pack import load_pack
from innerear.gui.state.model_words import named_models, toggle_model, without_command


def test_names_are_read_without_weights() -> None:
    assert named_models("a:2, b") == ("a", "b")


def test_one_is_added_and_taken_out_and_weights_stay() -> None:
    assert toggle_model("a", "b") == "a,b"
    assert toggle_model("a:2,b", "c") == "a:2,b,c"
    assert toggle_model("a:2,b,c", "b") == "a:2,c"


def test_the_last_one_stays_and_needs_no_weight() -> None:
    assert toggle_model("a:2,b", "b") == "a"
    assert toggle_model("a", "a") == "a"


def test_a_command_that_adds_a_model_is_left_out_of_what_the_engine_says() -> None:
    with pytest.raises(ModelError) as of_a_model:
        load_pack("yamnet")
    with pytest.raises(PresetError) as of_a_preset:
        load_preset("birds-answer").check_words()
    for problem in (of_a_model, of_a_preset):
        assert "innerear models add yamnet" in str(problem.value)
        text, model = without_command(str(problem.value))
        assert model == "yamnet"
        assert "innerear" not in text
        assert text.endswith(".")
    assert without_command("Playing.") == ("Playing.", "")
