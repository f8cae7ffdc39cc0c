"""`--device` where networks compute: one line where CUDA does not work, silence with auto."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.engine.packs import onnx_device

from .conftest import Run

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def _no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "there is no card")


@pytest.mark.parametrize("device", ["cuda", "cudda"])
def test_a_device_that_does_not_work_is_one_line(
    refused: Refused, tone: Path, tmp_path: Path, device: str
) -> None:
    for command in (("hear", tone), ("render", tone, tmp_path / "out.wav"), ("live",)):
        line = refused(*command, "--device", device)
        assert (
            "Use cpu or auto" if device == "cuda" else "choose auto, cpu, cuda, or cuda:1"
        ) in line


def test_auto_does_without_a_card(run: Run, tone: Path, tmp_path: Path) -> None:
    heard = {}
    for device in ("auto", "cpu"):
        outcome = run("hear", tone, "--json", "--device", device)
        assert (outcome.status, outcome.err) == (0, "")
        heard[device] = json.loads(outcome.out)
    assert heard["auto"] == heard["cpu"]
    assert run("render", tone, tmp_path / "out.wav", "--device", "auto").status == 0
