"""Tensors that graphs have in common are stored once, and the graphs are as they were."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from innerear.engine.errors import ModelError
from innerear.engine.packs import shared_tensors
from innerear.engine.packs.manifest import GRAPH_FILES, TENSORS_FILE, read_manifest
from innerear.engine.packs.onnx_runtime import onnx_runtime
from innerear.engine.packs.pack import Pack
from innerear.engine.packs.pack_files import copy_file, store_graphs
from innerear.engine.packs.shared_tensors import LEAST_BYTES, share_tensors, whole_graph
from innerear.engine.packs.verify import verify

from ...toy_pack import TOY_WINDOW, make_toy_pack, sign

NUMBERS = np.arange(LEAST_BYTES, dtype=np.float32)
FEW = NUMBERS[: LEAST_BYTES // 4 - 1]
NOISE = 0.1 * np.random.default_rng(0).standard_normal((2, TOY_WINDOW)).astype(np.float32)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a pack whose graphs hold all of their tensors."""
    (tmp_path / "old").mkdir()
    return make_toy_pack(tmp_path / "old" / "toy-tones")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the same pack with its tensors stored once."""
    made = make_toy_pack(tmp_path / "toy-tones")
    store_graphs(made)
    return made


def graph(*arrays: np.ndarray) -> bytes:
    """Return a model that has these constants and computes nothing."""
    constants = [numpy_helper.from_array(array, f"c{n}") for n, array in enumerate(arrays)]
    made = helper.make_graph([], "constants", [], [], constants)
    return bytes(helper.make_model(made).SerializeToString())


def test_equal_tensors_are_kept_once_and_graphs_come_back_whole() -> None:
    graphs = {
        "one": graph(NUMBERS, FEW, NUMBERS[::2], np.arange(600)),
        "other": graph(NUMBERS.reshape(2, -1), NUMBERS[::2]),
    }
    stored, tensors = share_tensors(graphs)
    assert len(tensors) == NUMBERS.nbytes + NUMBERS[::2].nbytes + 600 * 8
    assert {name: whole_graph(each, tensors) for name, each in stored.items()} == graphs
    assert FEW.tobytes() in stored["one"], "to say where it is would save little"
    assert len(stored["one"]) < FEW.nbytes + 600
    assert share_tensors({"few": graph(FEW)}) == ({"few": graph(FEW)}, b"")


def test_a_graph_that_could_not_come_back_as_it_was_stays_whole() -> None:
    model = graph(NUMBERS)
    assert model[2] == 7 << 3 | 2, "the graph begins here, with its length"
    assert (model[3] & 0x80, model[4] & 0x80) == (0x80, 0)
    longer = model[:4] + bytes((model[4] | 0x80, 0)) + model[5:]
    assert onnx.load_from_string(longer) == onnx.load_from_string(model)
    assert share_tensors({"a": longer})[0] == {"a": longer}


def test_a_pack_computes_the_same_bit_for_bit(old: Path, folder: Path) -> None:
    before, after = Pack(old), Pack(folder)
    assert TENSORS_FILE in after.manifest.files
    for file in before.manifest.files:
        assert after.read(file) == before.read(file), file
        assert (folder / file).stat().st_size < (old / file).stat().st_size / 10
    assert after.fingerprint == before.fingerprint, "a log of the one plays with the other"
    assert after.manifest.files.items() > before.manifest.files.items()
    for name, heard in before.hear(NOISE).items():
        np.testing.assert_array_equal(after.hear(NOISE)[name], heard)
    directions = {"tones": [1.0, -2.0, 0.5]}
    for one, other in zip(
        before.value_and_grad(NOISE, directions),
        after.value_and_grad(NOISE, directions),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    verify(folder)


def test_other_programs_open_the_graphs_where_they_are(folder: Path) -> None:
    path = folder / "hear.onnx"
    names = list(Pack(folder).layers)
    session = onnx_runtime().InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for name, found in zip(names, session.run(names, {"waveform": NOISE}), strict=True):
        np.testing.assert_array_equal(found, Pack(folder).hear(NOISE)[name])
    models = onnx.load(path), onnx.load_from_string(Pack(folder).read("hear.onnx"))
    for one, other in zip(*(model.graph.initializer for model in models), strict=True):
        np.testing.assert_array_equal(numpy_helper.to_array(one), numpy_helper.to_array(other))


def test_to_store_them_again_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    store_graphs(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_changed_graph_takes_the_place_of_one(old: Path, folder: Path) -> None:
    store_graphs(old, {"auralise.onnx": graph(NUMBERS)})
    assert Pack(old).read("auralise.onnx") == graph(NUMBERS)
    assert Pack(old).read("dream.onnx") == Pack(folder).read("dream.onnx")
    store_graphs(folder, {"hear.onnx": graph(NUMBERS)})
    assert Pack(folder).read("hear.onnx") == graph(NUMBERS)
    assert Pack(folder).read("dream.onnx") == Pack(old).read("dream.onnx")


def test_a_copy_is_stored_as_the_original(folder: Path, tmp_path: Path) -> None:
    (copy := tmp_path / "copy").mkdir()
    manifest = read_manifest(folder)
    for name in manifest.files:
        copy_file(folder, manifest, name, copy)
        assert (copy / name).read_bytes() == (folder / name).read_bytes()
    (folder / "hear.onnx").write_bytes((folder / "dream.onnx").read_bytes())
    with pytest.raises(ModelError, match="checksum"):
        copy_file(folder, manifest, "hear.onnx", copy)


def test_a_changed_byte_is_found_wherever_it_is(folder: Path) -> None:
    content = bytearray((folder / TENSORS_FILE).read_bytes())
    content[-1] ^= 1
    (folder / TENSORS_FILE).write_bytes(content)
    with pytest.raises(ModelError, match=r"tensors\.bin is not the file"):
        Pack(folder).hear(NOISE)
    sign(folder, TENSORS_FILE)
    with pytest.raises(ModelError, match=r"dream\.onnx is not the file"):
        Pack(folder).value_and_grad(NOISE, {})
    (folder / TENSORS_FILE).unlink()
    with pytest.raises(ModelError, match=r"tensors\.bin is missing"):
        Pack(folder).hear(NOISE)


@pytest.mark.parametrize("file", [TENSORS_FILE, *GRAPH_FILES[:2]])
def test_nothing_is_read_or_written_through_a_link(folder: Path, tmp_path: Path, file: str) -> None:
    elsewhere = (folder / file).rename(tmp_path / "elsewhere")
    before = elsewhere.read_bytes()
    (folder / file).symlink_to(elsewhere)
    with pytest.raises(ModelError, match="is a link"):
        Pack(folder).read(file)
    with pytest.raises(ModelError, match="is a link"):
        store_graphs(folder)
    assert elsewhere.read_bytes() == before


def test_a_link_that_the_manifest_does_not_list_is_not_written_through(
    old: Path, tmp_path: Path
) -> None:
    (elsewhere := tmp_path / "elsewhere").write_bytes(b"mine")
    (old / TENSORS_FILE).symlink_to(elsewhere)
    with pytest.raises(ModelError, match="is a link"):
        store_graphs(old)
    assert elsewhere.read_bytes() == b"mine"
    verify(old)


Entries = list[tuple[str, str]]


def referring(entries: Entries, location: int = TensorProto.EXTERNAL) -> bytes:
    """Return a model with a tensor whose reference says this."""
    model = onnx.load_from_string(graph(NUMBERS))
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = location
    for key, value in entries:
        tensor.external_data.add(key=key, value=value)
    return bytes(model.SerializeToString())


def place(location: str = TENSORS_FILE, offset: str = "0", length: str = "4096") -> Entries:
    return [("location", location), ("offset", offset), ("length", length)]


def test_a_reference_as_other_tools_write_it_is_followed() -> None:
    assert whole_graph(referring(place()), NUMBERS.tobytes()) == graph(NUMBERS)


@pytest.mark.parametrize(
    "entries",
    [
        place("../tensors.bin"),
        place("/etc/passwd"),
        place("./tensors.bin"),
        place("tensors.bin\0"),
        place("hear.onnx"),
        place(offset="-4"),
        place(offset="+4"),
        place(offset=" 4"),
        place(offset="4.0"),
        place(offset="0004"),
        place(offset="\u0664"),
        place(length="9" * 5000),
        place(length=""),
        place()[:1],
        place()[1:],
        place()[::-1],
        [*place(), ("checksum", "0")],
        [*place(), *place("/etc/passwd")],
        [],
    ],
)
def test_data_anywhere_else_are_refused(entries: Entries) -> None:
    with pytest.raises(ModelError, match="tensors in other files"):
        whole_graph(referring(entries), NUMBERS.tobytes())


@pytest.mark.parametrize(
    "entries", [place(offset="1"), place(length="4097"), place(offset="4096", length="1")]
)
def test_data_beyond_the_end_are_refused(entries: Entries) -> None:
    with pytest.raises(ModelError, match=r"beyond the end of tensors\.bin"):
        whole_graph(referring(entries), NUMBERS.tobytes())


def test_a_small_graph_cannot_take_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx.load_from_string(referring(place()))
    for number in range(1, 10):
        model.graph.initializer.add().CopyFrom(model.graph.initializer[0])
        model.graph.initializer[number].name = f"again{number}"
    content = model.SerializeToString()
    assert len(whole_graph(content, NUMBERS.tobytes())) > 10 * NUMBERS.nbytes
    monkeypatch.setattr(shared_tensors, "MOST_BYTES", 9 * NUMBERS.nbytes)
    with pytest.raises(ModelError, match="more than"):
        whole_graph(content, NUMBERS.tobytes())


def _longer(tensor: Any) -> None:
    tensor.external_data[2].value = str(int(tensor.external_data[2].value) - 4)


def _other_type(tensor: Any) -> None:
    tensor.data_type = TensorProto.DOUBLE


def _other_shape(tensor: Any) -> None:
    tensor.dims[0] *= 1 << 40


@pytest.mark.parametrize("change", [_longer, _other_type, _other_shape])
def test_data_that_do_not_fit_the_tensor_are_refused(
    folder: Path, change: Callable[[Any], None]
) -> None:
    path = folder / "hear.onnx"
    model = onnx.load(path, load_external_data=False)
    (tensor,) = [each for each in model.graph.initializer if each.external_data]
    change(tensor)
    path.write_bytes(model.SerializeToString())
    sign(folder, "hear.onnx")
    with pytest.raises(ModelError, match=r"hear\.onnx"):
        Pack(folder).hear(NOISE)


def test_only_constants_of_the_whole_graph_may_be_there(folder: Path) -> None:
    path = folder / "dream.onnx"
    model = onnx.load(path, load_external_data=False)
    constant = onnx.load_from_string(referring(place(length="4"))).graph.initializer[0]
    constant.dims[:] = [1]
    node = helper.make_node("Constant", [], ["far"], value=constant)
    result = helper.make_tensor_value_info("far", TensorProto.FLOAT, [1])
    branch = helper.make_graph([node], "branch", [], [result])
    model.graph.node.append(
        helper.make_node("If", ["rule"], ["unused"], then_branch=branch, else_branch=branch)
    )
    path.write_bytes(model.SerializeToString())
    sign(folder, "dream.onnx")
    with pytest.raises(ModelError, match="tensors in other files"):
        Pack(folder).value_and_grad(NOISE, {})
