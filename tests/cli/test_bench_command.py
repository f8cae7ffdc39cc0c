"""`innerear bench` measures and says what; how fast is for readers, not for tests."""

import json
import sys
from collections.abc import Callable

import pytest

from .conftest import Run

Refused = Callable[..., str]
ROW = {
    "model",
    "batch",
    "threads",
    "forward_ms",
    "onnx_gradient_ms",
    "torch_gradient_ms",
    "gradient_over_forward",
    "torch_over_onnx",
}


@pytest.fixture(autouse=True)
def _needs_torch(require: Callable[..., None]) -> None:
    require("torch")


def test_gradient_as_json(run: Run) -> None:
    outcome = run("bench", "gradient", "--repetitions", 3, "--batch", 2, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["machine"]["cores"] >= 1
    (row,) = data["rows"]
    assert set(row) >= ROW
    assert (row["model"], row["batch"], row["threads"]) == ("samplecnn-instruments", 2, 1)
    assert row["torch_over_onnx"] == pytest.approx(
        row["torch_gradient_ms"] / row["onnx_gradient_ms"]
    )
    assert row["gradient_over_forward"] == pytest.approx(
        row["onnx_gradient_ms"] / row["forward_ms"]
    )


def test_gradient_as_a_table(run: Run) -> None:
    outcome = run("bench", "gradient", "--repetitions", 2)
    assert outcome.status == 0
    heads, row = outcome.out.splitlines()
    assert heads.startswith("model")
    assert row.startswith("samplecnn-instruments")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--layer", "cnv5"), "Did you mean conv5"),
        (("--model", "samplecn"), "Did you mean samplecnn-instruments?"),
        (("--batch", "0"), "--batch"),
    ],
)
def test_what_cannot_be_measured(refused: Refused, options: tuple[str, str], words: str) -> None:
    assert words in refused("bench", "gradient", "--repetitions", 1, *options)


def test_without_torch_it_says_how_to_get_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'innerear[torch]'" in refused("bench", "gradient")
