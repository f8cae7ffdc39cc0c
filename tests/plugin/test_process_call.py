"""What the plug-in does on its host's audio thread."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from innerear.plugin.build import DPF
from innerear.plugin.formats import FORMATS, FormatName

SOURCE = Path(__file__).with_name("measure_call.cpp")


def test_it_allocates_nothing_and_takes_no_lock(
    plugins: Mapping[FormatName, Path], tmp_path: Path
) -> None:
    program = tmp_path / "measure"
    flags = ["-std=gnu++17", "-rdynamic", "-isystem", str(DPF / "distrho")]
    subprocess.run(["g++", *flags, str(SOURCE), "-o", str(program), "-ldl"], check=True)
    library = plugins[FormatName.CLAP] / FORMATS[FormatName.CLAP].binary
    command = [str(program), str(library), "128", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=180)
    assert done.stdout.splitlines()[-1] == "allocations 0, locks 0"
