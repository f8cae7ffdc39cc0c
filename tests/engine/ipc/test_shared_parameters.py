import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import InnerearError, ParameterError
from innerear.engine.ipc.shared_arrays import SharedArrays, SharedText
from innerear.engine.ipc.shared_parameters import PARAMETER_FIELDS, SharedParameterSet
from innerear.engine.parameter_values import PinnedValues, Snapshot

TURN = """
import sys
from pathlib import Path
from innerear.engine.ipc.shared_arrays import SharedArrays
from innerear.engine.ipc.shared_parameters import PARAMETER_FIELDS, SharedParameterSet
values = SharedParameterSet(SharedArrays(Path(sys.argv[1]), PARAMETER_FIELDS))
assert values["combine"] == "gate" and values["delay_ms"] == "1/8."
values.set("step", 1.5)
values.set("target", "Tuba \\u2013 low")
"""


def test_what_one_process_turns_another_hears(tmp_path: Path) -> None:
    block = SharedArrays(tmp_path / "board", PARAMETER_FIELDS, create=True)
    values = SharedParameterSet(block, {"combine": "gate", "delay_ms": "1/8.", "n_fft": 2048})
    heard: list[object] = []
    values.observe(lambda id, value: heard.append((id, value)))
    subprocess.run([sys.executable, "-c", TURN, str(block.path)], check=True)
    assert values["step"] == 1.5
    assert values["target"] == "Tuba \u2013 low"
    assert values["n_fft"] == 2048
    assert heard == []
    values.poll()
    values.poll()
    assert heard == [("target", "Tuba \u2013 low"), ("step", 1.5)]
    values.set("step", 0.5)  # our own change is told once, at once
    values.poll()
    assert heard[2:] == [("step", 0.5)]
    with pytest.raises(ParameterError):
        values.set("step", 3)


def test_a_pinned_value_stays(tmp_path: Path) -> None:
    block = SharedArrays(tmp_path / "board", PARAMETER_FIELDS, create=True)
    values = SharedParameterSet(block, {})
    pinned = PinnedValues(values, {"alignment": "echo"})
    values.set("alignment", "live")
    values.set("step", 0.25)
    assert pinned.text("alignment") == "echo"
    assert pinned.number("step") == 0.25


def test_a_torn_text_is_the_one_before(tmp_path: Path) -> None:
    memory = np.zeros(40, np.uint8)
    writer, reader = SharedText(memory), SharedText(memory)
    writer.set("first")
    assert reader.get() == "first"
    memory[8] = ord("X")
    memory[4] ^= 1
    assert reader.get() == "first"
    writer.set("\u00e4" * 100)
    assert reader.get() == "\u00e4" * 16


def test_another_versions_block_is_refused(tmp_path: Path) -> None:
    SharedArrays(tmp_path / "board", {"old": ("f8", (3,))}, create=True)
    with pytest.raises(InnerearError, match="another version"):
        SharedArrays(tmp_path / "board", PARAMETER_FIELDS)
    with pytest.raises(InnerearError, match="cannot be shared"):
        SharedArrays(tmp_path / "none", PARAMETER_FIELDS)


def test_a_snapshot_stays_until_it_is_taken_again(tmp_path: Path) -> None:
    block = SharedArrays(tmp_path / "board", PARAMETER_FIELDS, create=True)
    parameters, other = SharedParameterSet(block, {}), SharedParameterSet(block)
    pinned = PinnedValues(parameters, {"n_fft": 256})
    snapshot = Snapshot(pinned)
    other.set("step", 0.25)
    other.set("layer", "conv5")
    assert (snapshot["step"], snapshot["layer"]) == (1.0, "output")
    snapshot.take(pinned)
    assert (snapshot["step"], snapshot["layer"], snapshot["n_fft"]) == (0.25, "conv5", 256)


def test_all_values_are_the_same_object_until_one_is_set(tmp_path: Path) -> None:
    block = SharedArrays(tmp_path / "board", PARAMETER_FIELDS, create=True)
    values, others = SharedParameterSet(block, {}), SharedParameterSet(block)
    snapshot, pinned = Snapshot(values), PinnedValues(values, {"model": "held"})
    before, merged = values.as_they_are(), pinned.as_they_are()
    assert values.as_they_are() is before
    assert pinned.as_they_are() is merged
    others.set("step", 1.75)
    assert snapshot["step"] == before["step"] != 1.75  # what was taken stays as it was
    assert values.as_they_are()["step"] == pinned.as_they_are()["step"] == 1.75
    assert pinned.as_they_are()["model"] == "held"
    others.set("target", "Tuba")
    assert values.as_they_are()["target"] == "Tuba"
    snapshot.take(values)
    assert (snapshot["step"], snapshot["target"]) == (1.75, "Tuba")
    with pytest.raises(ParameterError):
        snapshot["no such parameter"]
