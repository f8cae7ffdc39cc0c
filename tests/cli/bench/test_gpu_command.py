"""`innerear bench gpu` measures two devices; here the processor stands for the card as well."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from innerear.cli.bench import machine
from innerear.engine.packs import onnx_device

from ..conftest import Run

Refused = Callable[..., str]
PACK = "samplecnn-digits"


@pytest.fixture(autouse=True)
def _needs(require: Callable[..., None]) -> None:
    require("torch")
    require("library")


def test_the_same_device_twice_agrees(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen by itself here is the processor, whatever card is there."""
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "it does not work")
    monkeypatch.setattr(machine.shutil, "which", lambda name: "/bin/echo")
    outcome = run(
        *("bench", "gpu", "--device", "auto", "--only", "agreement,gradient,settings"),
        *("--model", PACK, "--batch", "1,8", "--repetitions", 1, "--json"),
    )
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["card"] is None
    assert data["devices"] == {"beside": "cpu", "device": "cpu"}
    (agreement,) = data["agreement"]
    assert agreement["gradient_error"] == agreement["score_difference"] == 0.0
    assert agreement["stream_error"] < 1e-5  # a batch of four is summed in another order
    assert [row["batch"] for row in data["gradient"]] == [1, 8]
    assert all(row["ms"]["device"] > 0 for row in data["gradient"])
    assert [row["setting"] for row in data["settings"]] == ["as shipped"]
    assert all(row["error"] < 1e-5 for row in data["settings"])


def test_parts_and_devices_that_are_not_there_are_one_line(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no part 'training2'. Did you mean training" in refused(
        *("bench", "gpu", "--device", "cpu", "--only", "training2")
    )
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "there is no card")
    assert "there is no card. Use cpu or auto" in refused("bench", "gpu")


def test_the_card_is_named_as_nvidias_tool_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(command: list[str], **_: object) -> SimpleNamespace:
        return SimpleNamespace(stdout=f"NVIDIA Card {command[-1][-1]}, 580.1\n")

    monkeypatch.setattr(machine.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(machine.subprocess, "run", answer)
    assert machine.card("cuda:1") == "NVIDIA Card 1, 580.1"
    assert machine.card("cuda") == "NVIDIA Card 0, 580.1"
    assert machine.card("cpu") is None


@pytest.mark.soak
def test_whole_pieces_of_work(run: Run) -> None:
    outcome = run(
        *("bench", "gpu", "--device", "cpu", "--only", "set,render,training,library"),
        *("--repetitions", 1, "--seconds", 0.5, "--steps", 1, "--items", 2, "--json"),
    )
    assert outcome.status == 0
    data = json.loads(outcome.out)
    for row in data["training"]:
        assert row["loss_difference"] == row["gradient_error"] == 0.0
    assert [row["method"] for row in data["library"]] == ["render", "dream"]
    for row in data["library"]:
        assert row["score_difference"] == 0.0
    assert all(row["device"]["score_difference"] < 1e-4 for row in data["render"])
