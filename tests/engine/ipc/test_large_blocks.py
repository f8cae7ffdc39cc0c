"""Large arrays that are freed leave nothing behind, whatever small objects were made between."""

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
import re, sys
import numpy as np
from innerear.engine.ipc.large_blocks import give_back_large_blocks
if sys.argv[1] == "set":
    give_back_large_blocks()
def held():
    return int(re.search(r"^Anonymous:\\s+(\\d+)", open("/proc/self/smaps_rollup").read(), re.M)[1])
del [np.ones(100_000)][0]
before, kept, large = held(), [], []
for _ in range(100):
    large.append(np.ones(50_000))
    kept.append(np.ones(200))
del large
print(held() - before)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="of glibc"
)
def test_nothing_is_kept_of_large_arrays() -> None:
    kept = {
        word: int(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, word], capture_output=True, text=True, check=True
            ).stdout
        )
        for word in ("unset", "set")
    }
    assert kept["unset"] > 20_000  # kB: glibc's own way
    assert kept["set"] < 2_000
