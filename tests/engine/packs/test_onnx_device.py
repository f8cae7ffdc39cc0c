"""Which device ONNX Runtime computes on; CUDA itself is played by a stand-in."""

from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.packs import onnx_device
from innerear.engine.packs.onnx_device import compute_device, cuda_problem
from innerear.engine.packs.pack import load_pack


def test_auto_takes_the_card_only_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda: "")
    assert compute_device("auto") == compute_device("cuda") == "cuda"
    assert compute_device("cpu") == "cpu"
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda: "no card")
    assert compute_device("auto") == "cpu"
    with pytest.raises(ParameterError, match=r"no card\. Use cpu or auto"):
        compute_device("cuda")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"'cudda'\. Did you mean cuda"):
        compute_device("cudda")


def test_cuda_is_tried_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    cuda_problem.cache_clear()
    problem = cuda_problem()
    assert "\n" not in problem
    assert capfd.readouterr() == ("", "")


def test_auto_always_hears(toy_pack: Path) -> None:
    waveform = np.zeros((1, 1600), np.float32)
    pack = load_pack(toy_pack, device="auto")
    assert pack.device == ("cpu" if cuda_problem() else "cuda")
    np.testing.assert_allclose(pack.hear(waveform)["output"], 0.5)
