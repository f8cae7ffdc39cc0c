"""`innerear bench` measures and says what; how fast is for readers, not for tests."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.engine.packs import pack as pack_module
from innerear.engine.packs.pack import Pack

from ..conftest import Run

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


def test_every_batch_with_every_number_of_threads(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.cli.bench.measure_gradient import GradientRow

    def instead(pack: Pack, batch: int, threads: int, *_: object) -> object:
        return GradientRow(pack.name, "output", batch, threads, pack.device, "cpu", *[1.0] * 5)

    monkeypatch.setattr("innerear.cli.bench.measure_gradient.benchmark_gradient", instead)
    outcome = run("bench", "gradient", "--batch", "1,3", "--threads", "1, 2", "--json")
    rows = json.loads(outcome.out)["rows"]
    assert [(row["batch"], row["threads"]) for row in rows] == [(1, 1), (1, 2), (3, 1), (3, 2)]
    assert {row["device"] for row in rows} == {"cpu"}


def test_all_models_even_those_without_a_torch_network(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toy_pack: Path
) -> None:
    network = pack_module.SHIPPED_FOLDER / "samplecnn-instruments"
    (tmp_path / "one").symlink_to(network)
    (tmp_path / "other").symlink_to(network)
    (tmp_path / "toy").symlink_to(toy_pack)
    monkeypatch.setattr(pack_module, "SHIPPED_FOLDER", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    outcome = run("bench", "gradient", "--model", "all", "--repetitions", 1, "--json")
    assert outcome.status == 0, outcome.err
    *ours, toy = json.loads(outcome.out)["rows"]
    assert [row["model"] for row in ours] == [network.name] * 2
    assert all(row["torch_over_onnx"] > 0 for row in ours)
    assert toy["gradient_over_forward"] > 0
    assert [toy[name] for name in ("torch_device", "torch_gradient_ms", "torch_over_onnx")] == [
        None
    ] * 3
    table = run("bench", "gradient", "--model", "toy", "--repetitions", 1).out
    assert table.splitlines()[1].split().count("-") == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--layer", "cnv5"), "Did you mean conv5"),
        (("--model", "samplecn"), "samplecnn-instruments?"),
        (("--batch", "0"), "--batch '0'"),
        (("--batch", "1,x"), "'x' is no whole number from 1 to 1024"),
        (("--threads", "1,,2"), "several with commas"),
        (("--device", "gpu"), "There is no device 'gpu'"),
    ],
)
def test_what_cannot_be_measured(refused: Refused, options: tuple[str, str], words: str) -> None:
    assert words in refused("bench", "gradient", "--repetitions", 1, *options)


def test_without_torch_it_says_how_to_get_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'innerear[torch]'" in refused("bench", "gradient")


@pytest.mark.soak
def test_maximise_as_json(run: Run) -> None:
    model = ("--model", "samplecnn-digits", "--layer", "conv3,output")
    outcome = run("bench", "maximise", *model, "--units", 3, "--steps", 24, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["machine"]["cores"] >= 1
    assert [row["layer"] for row in data["rows"]] == ["conv3", "output"]
    for row in data["rows"]:
        assert row["ratio"] == pytest.approx(row["baseline_s"] / row["ours_s"])
        assert row["units_per_second"] == pytest.approx(3 / row["ours_s"])
        # The same steps from the same noise, so much the same is reached.
        assert row["ours_objective"] == pytest.approx(row["baseline_objective"], rel=0.05)


def test_maximise_of_a_layer_that_is_not_there(refused: Refused) -> None:
    assert "Did you mean conv" in refused("bench", "maximise", "--layer", "cnv5")


@pytest.mark.soak
def test_dream_as_json(run: Run) -> None:
    options = ("--model", "wavelet-instruments", "--repetitions", 1, "--threads", 1)
    outcome = run("bench", "dream", *options, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["machine"]["cores"] >= 1
    whats = [row["what"] for row in data["rows"]]
    assert whats == ["the gradient alone", "a step of add", "a step of filter"]
    for row in data["rows"]:
        assert row["ratio"] == pytest.approx(row["baseline_s"] / row["ours_s"])
        assert min(row["ours_cpu_s"], row["baseline_cpu_s"]) > 0
        assert row["windows"] == 45  # every 0.1 s from -1.0 s to 3.4 s


@pytest.mark.soak
def test_dream_as_a_table(run: Run) -> None:
    outcome = run("bench", "dream", "--model", "wavelet-instruments", "--repetitions", 1)
    assert outcome.out.splitlines()[0].startswith("what")
    assert len(outcome.out.splitlines()) == 4


def test_dreams_of_a_model_that_is_none_are_not_measured(refused: Refused) -> None:
    assert "wavelet-instruments" in refused("bench", "dream", "--model", "wavelet-instrument")


@pytest.mark.soak
def test_auralising_as_json(run: Run) -> None:
    outcome = run("bench", "auralise", "--layer", "conv1", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert [row["what"] for row in data["rows"]] == ["a step a number", "a step a product"]
    for row in data["rows"]:
        assert row["units"] == 12
        assert row["baseline_s"] == pytest.approx(row["forward_s"] + 12 * row["back_s"])
        assert row["ratio"] == pytest.approx(row["baseline_s"] / row["ours_s"])
        # The phrase begins with silence, where poolings have ties.
        assert row["agreement"] < 0.02


def test_what_cannot_be_auralised_in_loops(refused: Refused) -> None:
    assert "short-time" in refused("bench", "auralise", "--model", "samplecnn-digits")
    assert "no convolution" in refused("bench", "auralise", "--layer", "output")
    assert "no layer" in refused("bench", "auralise", "--layer", "conv9")


def test_what_may_run_beside_is_named(refused: Callable[..., str]) -> None:
    words = refused("bench", "stream", "--beside", "busy,foo")
    assert "--beside cannot be 'foo'. Valid are window, busy, or none." in words


def test_an_exported_dream_beside_the_processor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from innerear.cli.bench import measure_export

    monkeypatch.setattr(measure_export, "BUFFERS", (2048,))
    order = ("bench", "export", "--model", "samplecnn-digits", "--seconds", 1)
    outcome = run(*order, "--json")
    assert outcome.status == 0, outcome.err
    rows = json.loads(outcome.out)["rows"]
    assert [(row["buffer"], row["what"]) for row in rows] == [
        (2048, "TorchScript"),
        (2048, "processor"),
    ]
    assert all(row["times_real_time"] > 0 and row["longest_ms"] > 0 for row in rows)
