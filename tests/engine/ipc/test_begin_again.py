"""A process that is replaced leaves nothing behind of what it had started or opened."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

BEFORE = """
import sys
from pathlib import Path
from innerear.engine.ipc.inference_process import WorkerProcess
from innerear.engine.ipc.begin_again import begin_again
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    workers = [WorkerProcess(folder / "state", folder) for _ in range(2)]
    for each in workers:
        print(each.pid, flush=True)
    begin_again([sys.executable, "-c", sys.argv[2], str(folder / "found.json")])
"""
AFTER = """
import json, os, sys
found = {"descriptors": sorted(map(int, os.listdir("/proc/self/fd")))}
try:
    found["child"] = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    found["child"] = None
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


def test_no_child_and_no_descriptor_is_left(tmp_path: Path) -> None:
    program = tmp_path / "before.py"
    program.write_text(BEFORE)
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path), AFTER],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    pids = done.stdout.split()
    assert len(pids) == 2
    assert not any(Path("/proc", pid).exists() for pid in pids)
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["child"] is None
    assert found["descriptors"][:3] == [0, 1, 2]
    assert len(found["descriptors"]) == 4  # the folder of descriptors itself
