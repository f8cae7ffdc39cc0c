"""The memory that plug-in and engine share is laid out alike on both sides."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.ipc.host_channel import _BLOCK, _HEADER, _LAYOUT, HostChannel

SHELL = Path(__file__).resolve().parents[3] / "plugin" / "shell"
FIELDS = {
    "toEngine": "to_engine",
    "toShell": "to_shell",
    "wanted": "wanted",
    "present": "present",
    "blocks": "blocks",
    "input": "input",
    "output": "output",
}


def test_the_layout_is_the_shells(tmp_path: Path, require: Callable[..., None]) -> None:
    require("g++")
    names = ", ".join(f"offsetof(Channel, {name})" for name in FIELDS)
    (tmp_path / "main.cpp").write_text(
        '#include "Channel.hpp"\n#include <cstddef>\n#include <cstdio>\n'
        "#include <initializer_list>\nusing namespace innerear;\nint main() {\n"
        "    for (size_t each : {sizeof(Channel), sizeof(Block), offsetof(Channel, valueCounts),"
        f" {names}}})\n"
        '        std::printf("%zu ", each);\n}\n'
    )
    command = [
        "g++",
        "-std=gnu++17",
        "-Wno-invalid-offsetof",
        f"-I{SHELL}",
        "main.cpp",
        "-o",
        "main",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run(tmp_path / "main", capture_output=True, text=True, check=True)
    counts = [name for name, *_ in _HEADER].index("value_counts")
    offsets = [_LAYOUT.fields[name][1] for name in FIELDS.values()]  # type: ignore[index]
    expected = [_LAYOUT.itemsize, _BLOCK.itemsize, 8 * counts, *offsets]
    assert [int(each) for each in done.stdout.split()] == expected


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(bytes(100))
    (tmp_path / "zeros").write_bytes(bytes(_LAYOUT.itemsize))
    for name in ("short", "zeros"):
        with pytest.raises(DeviceError, match="innerear plugin install"):
            HostChannel(tmp_path / name)
    with pytest.raises(DeviceError, match="cannot be shared"):
        HostChannel(tmp_path / "missing")
