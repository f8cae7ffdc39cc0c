"""The one place that chooses between compiled stages and their twins."""

import importlib
import platform
import subprocess
import sys

import numpy as np
import pytest

from innerear.engine.kernel import binding, ring


@pytest.fixture
def chosen_anew(monkeypatch: pytest.MonkeyPatch):
    yield monkeypatch
    monkeypatch.undo()
    importlib.reload(binding)


@pytest.mark.parametrize("missing", [False, True])
def test_without_the_compiled_stages_numpy_does_the_same(
    chosen_anew: pytest.MonkeyPatch, missing: bool
) -> None:
    if missing:  # as where no compiler was
        chosen_anew.setitem(sys.modules, "innerear.engine.kernel._compiled", None)
    else:
        chosen_anew.setenv(binding.SWITCH, "numpy")
    importlib.reload(binding)
    assert binding.KERNEL == "in NumPy"
    samples, end = np.zeros((1, 8), np.float32), np.zeros(1, np.int64)
    binding.bind(ring.ring_write, samples, end)(np.ones((1, 3), np.float32))
    assert samples[0].tolist() == [1, 1, 1, 0] * 2


@pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64", "aarch64", "arm64"},
    reason="how other processors take the smallest numbers for 0 is not known here",
)
def test_compiled_stages_take_the_smallest_numbers_for_0_and_others_do_not() -> None:
    compiled = pytest.importorskip("innerear.engine.kernel._compiled")
    smallest = np.full((2, 1), 1e-310)
    silence = np.zeros((1, 64), np.float32)
    compiled.bind("evened", smallest)(silence, silence.copy(), 0.999, 1e-10, 1.1, 4.0)
    assert (smallest == 0.0).all()
    assert np.full(1, 1e-310)[0] * 0.5 > 0.0


def test_the_version_says_which_is_in_use() -> None:
    script = "from innerear.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip().endswith(f"the audio callback {binding.KERNEL}")
