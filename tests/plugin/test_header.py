"""The C++ header says of each parameter what Python says."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear._version import VERSION
from innerear.engine.errors import InnerearError
from innerear.engine.parameters import AUTOMATABLE, PARAMETERS
from innerear.plugin.header import NAME, write_header

PRINT_AS_JSON = """
#include "InnerearParameters.h"
#include <cstdio>
using namespace innerear;
static_assert(sizeof(PARAMETERS) / sizeof(PARAMETERS[0]) == PARAMETER_COUNT, "count");
int main() {
    for (const Parameter& p : PARAMETERS) {
        std::printf("[\\"%s\\", \\"%s\\", \\"%s\\", %.9g, %.9g, %.9g, %d, [", p.id, p.name, p.unit,
                    p.minimum, p.maximum, p.initial, static_cast<int>(p.kind));
        for (int i = 0; i < p.count; ++i)
            std::printf("%s\\"%s\\"", i ? ", " : "", p.choices[i]);
        std::printf("]]\\n");
    }
    std::printf("%s\\n", VERSION);
}
"""
NUMBER, TOGGLE, CHOICE = 0, 1, 2


def test_a_compiler_reads_every_parameter(tmp_path: Path, require: Callable[..., None]) -> None:
    require("g++")
    write_header(tmp_path)
    (tmp_path / "main.cpp").write_text(PRINT_AS_JSON)
    compile_ = ["g++", "-std=gnu++17", "-Wall", "-Werror", "main.cpp", "-o", "main"]
    subprocess.run(compile_, cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout
    *rows, version = printed.splitlines()
    assert version == VERSION
    found = {row[0]: row[1:] for row in map(json.loads, rows)}
    assert list(found) == [parameter.id for parameter in AUTOMATABLE]
    assert found["delay_ms"] == ["Delay", "ms", 0, 2000, 250, NUMBER, []]
    assert found["mute"] == ["Mute", "", 0, 1, 0, TOGGLE, []]
    for id, (name, unit, *limits, initial, kind, choices) in found.items():
        parameter = PARAMETERS[id]
        assert (name, unit) == (parameter.title, parameter.unit)
        assert parameter.decode(initial) == parameter.default
        if kind == CHOICE:
            assert tuple(choices) == parameter.choices
            assert [parameter.decode(limit) for limit in limits] == [choices[0], choices[-1]]
        if kind == NUMBER:
            assert limits == [parameter.minimum, parameter.maximum]


def test_it_is_written_from_a_command(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "innerear.plugin.header", str(tmp_path)]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert Path(printed.strip()) == tmp_path / NAME
    assert (tmp_path / NAME).is_file()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InnerearError, match="nowhere"):
        write_header(tmp_path / "nowhere")
