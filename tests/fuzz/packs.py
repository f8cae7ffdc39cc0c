"""Readers of model packs: manifest, graphs, arrays."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from innerear.engine.packs.adding.archive import unpack, write_archive
from innerear.engine.packs.manifest import (
    DREAM_FILE,
    HEAR_FILE,
    TEMPLATE_BINS,
    TEMPLATES_FILE,
    TENSORS_FILE,
)
from innerear.engine.packs.pack import Pack
from innerear.engine.packs.pack_files import store_graphs
from innerear.engine.packs.unit_grains import GRAIN_SAMPLES, GRAINS_FILE, grains
from innerear.engine.packs.verify import verify

from ..toy_pack import TOY_WINDOW, make_toy_pack, sign
from .mutations import mutate_archive, mutate_bytes, mutate_json, mutate_protobuf
from .target import Read, Target

_SILENCE = np.zeros((1, TOY_WINDOW), np.float32)


def _with_file(folder: Path, name: str, content: bytes) -> Path:
    """Put a file into a pack, with the checksum that it has."""
    (folder / name).write_bytes(content)
    sign(folder, name)
    return folder


def _toy_file(name: str, make: Callable[[Path], Path] = make_toy_pack) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return (make(Path(folder) / "toy-tones") / name).read_bytes()


def _manifest(folder: Path) -> Read:
    toy = make_toy_pack(folder / "toy-tones")

    def read(data: bytes) -> None:
        (toy / "manifest.json").write_bytes(data)
        pack = Pack(toy)
        pack.manifest.accuracy_in_words()
        pack.hear(np.zeros((1, min(pack.window, 1 << 16)), np.float32))
        pack.value_and_grad(np.zeros(pack.window, np.float32), {})

    return read


def _hear(folder: Path) -> Read:
    toy = make_toy_pack(folder / "toy-tones")

    def read(data: bytes) -> None:
        pack = Pack(_with_file(toy, HEAR_FILE, data))
        pack.hear(_SILENCE)
        pack.hear_session().run(_SILENCE)

    return read


def _dream(folder: Path) -> Read:
    toy = make_toy_pack(folder / "toy-tones")

    def read(data: bytes) -> None:
        pack = Pack(_with_file(toy, DREAM_FILE, data))
        pack.value_grad_and_activations(_SILENCE, {"tones": [1, 0, 0]})
        pack.gradient_session().run(_SILENCE, {"output": [1, 0, 0]})
        verify(toy)

    return read


def _shared_pack(folder: Path) -> Path:
    """Make a pack whose graphs share their tensors."""
    store_graphs(make_toy_pack(folder))
    return folder


def _references(folder: Path) -> Read:
    toy = _shared_pack(folder / "toy-tones")
    return lambda data: Pack(_with_file(toy, HEAR_FILE, data)).hear(_SILENCE)


def _tensors(folder: Path) -> Read:
    toy = _shared_pack(folder / "toy-tones")

    def read(data: bytes) -> None:
        (toy / TENSORS_FILE).write_bytes(data)
        for file in (TENSORS_FILE, HEAR_FILE, DREAM_FILE):
            sign(toy, file)
        Pack(toy).hear(_SILENCE)
        Pack(toy).value_and_grad(_SILENCE, {"tones": [1, 0, 0]})

    return read


def _templates(folder: Path) -> Read:
    toy = make_toy_pack(folder / "toy-tones")

    def read(data: bytes) -> None:
        found = Pack(_with_file(toy, TEMPLATES_FILE, data)).templates()
        assert all(np.isfinite(each).all() for each in found.values())

    return read


def _grains(folder: Path) -> Read:
    toy = make_toy_pack(folder / "toy-tones")
    return lambda data: grains(Pack(_with_file(toy, GRAINS_FILE, data)), "tones", [0, 2])


def _packed(folder: Path) -> Read:
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            (packed := Path(place) / "toy.innerear-pack").write_bytes(data)
            (unpacked := Path(place) / "unpacked").mkdir()
            unpack(packed, unpacked)

    return read


def _packed_toy() -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder:
        write_archive(make_toy_pack(Path(folder) / "toy-tones"), packed := Path(folder) / "packed")
        return (packed.read_bytes(),)


def archive(compressed: bool = True, **arrays: Any) -> bytes:
    """Return arrays as `.npz`."""
    packed = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(packed, **arrays)
    return packed.getvalue()


def _arrays(columns: int) -> tuple[bytes, ...]:
    kept = {name: np.full((3, columns), 0.5, np.float16) for name in ("tones", "output")}
    bomb = np.zeros((1 << 22,), np.float32)
    return archive(**kept), archive(False, **kept), archive(tones=bomb, output=bomb)


def _graphs(name: str) -> tuple[bytes, ...]:
    from onnx import TensorProto, helper

    def graph(*nodes: Any, weights: Any = ()) -> bytes:
        shapes = ("waveform", ["batch", TOY_WINDOW]), ("tones", [1, 3, 1]), ("output", [1, 3, 1])
        given, *found = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes)
        made = helper.make_graph(nodes, "odd", [given], found, weights)
        options = {"opset_imports": [helper.make_opsetid("", 18)], "ir_version": 9}
        return bytes(helper.make_model(made, **options).SerializeToString())

    node = helper.make_node
    none = helper.make_graph([node("Identity", ["c"], ["d"])], "body", [], [])
    huge = helper.make_tensor("size", TensorProto.INT64, [2], [1 << 20, 1 << 20])
    outside = helper.make_tensor("w", TensorProto.FLOAT, [1], [0.0])
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    outputs = ["tones"], ["output"]
    both = [node("Identity", ["x"], each) for each in outputs]
    return (
        _toy_file(name),
        graph(node("Loop", ["", ""], ["x"], body=none), *both),
        graph(node("ConstantOfShape", ["size"], ["x"]), *both, weights=[huge]),
        graph(node("Tile", ["waveform", "size"], ["x"]), *both, weights=[huge]),
        graph(node("Identity", ["y"], ["x"]), node("Identity", ["x"], ["y"]), *both),
        graph(node("Add", ["waveform", "w"], ["x"]), *both, weights=[outside]),
        graph(node("Run", ["waveform"], ["x"], domain="com.example"), *both),
    )


TARGETS = (
    Target("pack-manifest", _manifest, lambda: (_toy_file("manifest.json"),), mutate_json),
    Target("pack-hear-graph", _hear, lambda: _graphs("hear.onnx"), mutate_protobuf),
    Target("pack-dream-graph", _dream, lambda: (_toy_file("dream.onnx"),), mutate_protobuf),
    Target(
        "pack-tensor-references",
        _references,
        lambda: (_toy_file(HEAR_FILE, _shared_pack),),
        mutate_protobuf,
    ),
    Target(
        "pack-tensors",
        _tensors,
        lambda: (_toy_file(TENSORS_FILE, _shared_pack),),
        mutate_bytes,
        examples=15,
    ),
    Target(
        "pack-templates", _templates, lambda: _arrays(TEMPLATE_BINS), mutate_archive, examples=15
    ),
    Target("pack-grains", _grains, lambda: _arrays(GRAIN_SAMPLES), mutate_archive, examples=15),
    Target("pack-archive", _packed, _packed_toy, mutate_archive),
)
