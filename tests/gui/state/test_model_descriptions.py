"""What lists say about models."""

from pathlib import Path

from innerear.engine.packs.pack import available_packs
from innerear.gui.state.model_descriptions import describe_model


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
