"""Large arrays that are freed leave nothing behind, whatever small objects were made between."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from innerear.engine.ipc.large_blocks import POOLS

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


POOLS_OF_THREADS = """
import ctypes, sys, threading
import numpy as np
from pathlib import Path
from innerear.engine.ipc.large_blocks import share_pools
if sys.argv[1] == "set":
    share_pools()
together = threading.Barrier(8)
def work():
    together.wait()
    kept = np.ones(5_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(ctypes.c_void_p(file))
print(Path(sys.argv[2]).read_text().count("<heap nr="))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="of glibc"
)
def test_threads_share_pools(tmp_path: Path) -> None:
    pools = {
        word: int(
            subprocess.run(
                [sys.executable, "-c", POOLS_OF_THREADS, word, str(tmp_path / word)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for word in ("unset", "set")
    }
    assert pools["unset"] > POOLS  # glibc's own way
    assert pools["set"] <= POOLS
