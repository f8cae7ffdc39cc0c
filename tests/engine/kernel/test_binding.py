"""The one place that chooses between compiled stages and their twins."""

import importlib
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


def test_the_version_says_which_is_in_use() -> None:
    script = "from innerear.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip().endswith(f"the audio callback {binding.KERNEL}")
