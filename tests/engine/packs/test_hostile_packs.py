"""Packs of strangers: what is refused, before or while it runs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.errors import ModelError
from innerear.engine.packs import verify as verify_module
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.verify import verify_apart

from ...toy_pack import TOY_WINDOW, change_manifest, make_toy_pack, sign

SILENCE = np.zeros((1, TOY_WINDOW), np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_toy_pack(tmp_path / "toy-tones")


def put(folder: Path, name: str, content: bytes) -> Pack:
    """Put a file into the pack, with the checksum that it has."""
    (folder / name).write_bytes(content)
    sign(folder, name)
    return Pack(folder)


def graph(*nodes: Any, size: tuple[int, ...] = (1, 3, 1), functions: Any = ()) -> bytes:
    """Return a hear graph whose nodes give `x`, from `waveform` or `size`."""
    from onnx import TensorProto, helper

    given = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", TOY_WINDOW])
    both = [helper.make_node("Identity", ["x"], [name]) for name in ("tones", "output")]
    found = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["a", "b", "c"])
        for name in ("tones", "output")
    ]
    shape = helper.make_tensor("size", TensorProto.INT64, [len(size)], size)
    made = helper.make_graph([*nodes, *both], "odd", [given], found, [shape])
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return bytes(helper.make_model(made, opset_imports=imports, ir_version=9).SerializeToString())


def node(operator: str, *inputs: str, **more: Any) -> Any:
    from onnx import helper

    return helper.make_node(operator, inputs, ["x"], **more)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda data: data.update(title="a\x1b[2Jb"), "title: write one line"),
        (lambda data: data["classes"].__setitem__(0, "two\nlines"), r"classes\.0: write one line"),
        (lambda data: data["layers"][0].update(units=10**9), r"layers\.0\.units"),
        (lambda data: data["layers"][0].update(hop=10**30), r"layers\.0\.hop"),
        (lambda data: data["files"].update({f"a{n}": "0" * 64 for n in range(200)}), "files"),
        (lambda data: data["files"].update({"../outside": "0" * 64}), "plain name"),
    ],
)
def test_a_manifest_takes_only_what_can_be(
    folder: Path, edit: Callable[[dict[str, Any]], object], words: str
) -> None:
    change_manifest(folder, edit)
    with pytest.raises(ModelError, match=words):
        Pack(folder)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b" " * 9_000_000, b'{"schema_version": 1e999}']
)
def test_a_manifest_that_is_no_manifest_is_one_line(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"manifest\.json"):
        Pack(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
@pytest.mark.parametrize("name", ["manifest.json", "hear.onnx"])
def test_a_pipe_in_a_pack_is_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelError, match="it is no file"):
        Pack(folder).hear(SILENCE)


def test_a_name_that_no_folder_can_have_is_no_model() -> None:
    with pytest.raises(ModelError, match="There is no model"):
        load_pack("a" * 5000)


def test_loops_are_refused(folder: Path) -> None:
    from onnx import helper

    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "body", [], [])
    pack = put(folder, "hear.onnx", graph(node("Loop", "", "", body=body)))
    with pytest.raises(ModelError, match=r"hear\.onnx: It has the operator Loop; loops are"):
        pack.hear(SILENCE)


def test_operators_that_are_not_of_onnx_are_refused(folder: Path) -> None:
    pack = put(folder, "hear.onnx", graph(node("Gelu", "waveform", domain="com.microsoft")))
    with pytest.raises(ModelError, match=r"'com\.microsoft'; only those of ONNX"):
        pack.hear(SILENCE)


def test_a_graph_that_fails_while_it_runs_is_one_line(folder: Path) -> None:
    pack = put(folder, "hear.onnx", graph(node("Reshape", "waveform", "size")))
    with pytest.raises(ModelError, match="ONNX Runtime cannot run the model"):
        pack.hear(SILENCE)
    with pytest.raises(ModelError, match="ONNX Runtime cannot run the model"):
        pack.hear_session()


def test_results_of_another_shape_are_refused(folder: Path) -> None:
    pack = put(folder, "hear.onnx", graph(node("ConstantOfShape", "size"), size=(1, 4, 1)))
    with pytest.raises(ModelError, match=r"'tones' as float32 \[1, 4, 1\], where the manifest"):
        pack.hear(SILENCE)
    with pytest.raises(ModelError, match="where the manifest says"):
        pack.hear_session()
    other = put(folder, "dream.onnx", (folder / "hear.onnx").read_bytes())
    with pytest.raises(ModelError, match=r"dream|run the model"):
        other.gradient_session()
    with pytest.raises(ModelError, match=r"dream|run the model"):
        other.value_and_grad(SILENCE, {})


def test_a_stranger_s_pack_is_checked_in_a_process_with_limits(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify_apart(folder)
    put(folder, "hear.onnx", graph(node("ConstantOfShape", "size"), size=(1, 3, 1 << 31)))
    with pytest.raises(ModelError, match=r"memory|does not fit the manifest"):
        verify_apart(folder)
    monkeypatch.setattr(verify_module, "SECONDS", 0.01)
    with pytest.raises(ModelError, match=r"cannot be checked within 0\.01 s"):
        verify_apart(folder)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.full((3, 513), np.nan, np.float16), "not of finite numbers"),
        (np.zeros((3, 513), np.int64), "not of finite numbers"),
        (np.zeros((3, 1 << 24), np.uint8), "more than"),
        (None, "damaged"),
    ],
)
def test_templates_that_cannot_be_are_refused(folder: Path, rows: Any, words: str) -> None:
    path = folder / "templates.npz"
    if rows is None:
        path.write_bytes(b"PK\x05\x06")
    else:
        np.savez_compressed(path, tones=rows)
    with pytest.raises(ModelError, match=words):
        put(folder, "templates.npz", path.read_bytes()).templates()
