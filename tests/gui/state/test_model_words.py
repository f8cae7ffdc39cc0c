"""Adding a model to those that dream together, and taking one out."""

from pathlib import Path

from innerear.engine.packs.pack import available_packs
from innerear.gui.state.model_words import describe_model, named_models, toggle_model


def test_names_are_read_without_weights() -> None:
    assert named_models("a:2, b") == ("a", "b")


def test_one_is_added_and_taken_out_and_weights_stay() -> None:
    assert toggle_model("a", "b") == "a,b"
    assert toggle_model("a:2,b", "c") == "a:2,b,c"
    assert toggle_model("a:2,b,c", "b") == "a:2,c"


def test_the_last_one_stays_and_needs_no_weight() -> None:
    assert toggle_model("a:2,b", "b") == "a"
    assert toggle_model("a", "a") == "a"


def test_a_model_is_described_by_title_size_and_accuracy() -> None:
    packs = available_packs()
    words = describe_model("samplecnn-digits", packs)
    assert words.title == "SampleCNN, spoken digits"
    assert words.line == (
        "samplecnn-digits, 10 classes, 16 kHz, accuracy (held out): 94.2 % (speaker)"
    )
    both = describe_model("samplecnn-digits,crnn-robust:0.5", packs)
    assert both.title.startswith("SampleCNN, spoken digits + Convolutions")
    assert both.line == "samplecnn-digits,crnn-robust:0.5: 2 models dream together"


def test_a_model_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    assert describe_model("gone", {}).line == "missing or damaged"
    assert describe_model("empty", {"empty": tmp_path}).line == "missing or damaged"
