"""What the shell offers for a model, alone or one of several."""

from pathlib import Path

import pytest

from innerear.cli.shared.completion import complete_model


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_a_model_is_completed() -> None:
    assert complete_model("crn") == ["crnn-instruments", "crnn-robust"]


def test_of_several_the_one_after_the_last_comma_is() -> None:
    before = "samplecnn-instruments:2,"
    assert complete_model(before + "sample") == [before + "samplecnn-digits"]
    assert complete_model(before + "stftcnn-i") == [before + "stftcnn-instruments"]
