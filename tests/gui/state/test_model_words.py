"""Adding a model to those that dream together, and taking one out."""

from innerear.gui.state.model_words import named_models, toggle_model


def test_names_are_read_without_weights() -> None:
    assert named_models("a:2, b") == ("a", "b")


def test_one_is_added_and_taken_out_and_weights_stay() -> None:
    assert toggle_model("a", "b") == "a,b"
    assert toggle_model("a:2,b", "c") == "a:2,b,c"
    assert toggle_model("a:2,b,c", "b") == "a:2,c"


def test_the_last_one_stays_and_needs_no_weight() -> None:
    assert toggle_model("a:2,b", "b") == "a"
    assert toggle_model("a", "a") == "a"
