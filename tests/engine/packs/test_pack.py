"""Model packs: found, loaded, run, and refused where something is wrong."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs import pack as pack_module
from innerear.engine.packs.manifest import SCHEMA_VERSION
from innerear.engine.packs.onnx_scan import check_graph
from innerear.engine.packs.pack import Pack, available_packs, load_pack
from innerear.engine.packs.sessions.session import open_session
from innerear.engine.packs.verify import verify

from ...toy_pack import change_manifest, sign

WINDOW = 1600
"""Of the toy pack: sines times the waveform, so that a gradient is a sine."""


@pytest.fixture
def folder(toy_pack: Path, tmp_path: Path) -> Path:
    """Give a copy of the toy pack that a test may spoil."""
    return Path(shutil.copytree(toy_pack, tmp_path / "toy-tones"))


@pytest.fixture
def pack(toy_pack: Path) -> Pack:
    return Pack(toy_pack)


def noise(batch: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal((batch, WINDOW)).astype(np.float32)


def test_a_pack_describes_itself(pack: Pack) -> None:
    assert (pack.name, pack.window, pack.sample_rate) == ("toy-tones", WINDOW, 16_000)
    assert list(pack.layers) == ["tones", "output"]
    assert pack.layers["tones"].units == 3
    assert pack.classes == ("Low tone", "High tone", "Middle tone")


def test_hear_gives_every_layer(pack: Pack) -> None:
    heard = pack.hear(noise(2))
    assert {name: array.shape for name, array in heard.items()} == {
        "tones": (2, 3, 1),
        "output": (2, 3, 1),
    }
    assert all(array.dtype == np.float32 for array in heard.values())
    np.testing.assert_allclose(heard["output"], 1 / (1 + np.exp(-heard["tones"])), rtol=1e-5)
    np.testing.assert_array_equal(pack.hear(noise(1)[0])["tones"], pack.hear(noise(1))["tones"])


def test_dream_takes_one_direction_for_all_or_one_for_each(pack: Pack) -> None:
    waveform = noise(2)
    template = np.sin(2 * np.pi * 4000 * np.arange(WINDOW) / 16_000) / 100
    objective, gradient = pack.dream(waveform, {"tones": [0, 1, 0]})
    np.testing.assert_allclose(gradient, [template, template], atol=1e-7)
    np.testing.assert_allclose(objective, waveform @ template, atol=1e-5)
    _, gradient = pack.dream(waveform, {"tones": [[0, 1, 0], [0, -2, 0]]}, rule="guided")
    np.testing.assert_allclose(gradient, [template, -2 * template], atol=1e-7)


def test_layers_without_a_direction_do_not_count(pack: Pack) -> None:
    objective, gradient = pack.dream(noise(1), {})
    assert not objective.any()
    assert not gradient.any()


@pytest.mark.parametrize(
    ("directions", "words"),
    [
        ({"tone": [1, 0, 0]}, "no layer 'tone'.*tones"),
        ({"tones": [1, 0]}, r"\[3\].*not \[2\]"),
        ({"tones": np.ones((3, 3))}, r"\[2, 3\].*not \[3, 3\]"),
        ({"output": 1.0}, r"not \[\]"),
    ],
)
def test_directions_that_do_not_fit_are_refused(pack: Pack, directions: Any, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        pack.dream(noise(2), directions)


@pytest.mark.parametrize("shape", [(WINDOW - 1,), (1, WINDOW + 1), (0, WINDOW), (1, 1, WINDOW)])
def test_waveforms_of_another_length_are_refused(pack: Pack, shape: tuple[int, ...]) -> None:
    for run in (pack.hear, lambda waveform: pack.dream(waveform, {})):
        with pytest.raises(ModelError, match=r"\[batch, 1600\]"):
            run(np.zeros(shape, np.float32))


def test_an_unknown_rule_is_refused(pack: Pack) -> None:
    with pytest.raises(ParameterError, match="guided"):
        pack.dream(noise(1), {}, rule="guide")  # type: ignore[arg-type]


def test_a_runner_gives_what_the_pack_gives(pack: Pack) -> None:
    waveform = noise(1)
    runner = pack.gradient_session()
    for directions in ({"tones": [1, 2, 3]}, {"output": [[0, 1, 0]]}, {}):
        objective, gradient, activations = runner.run(waveform, directions)
        expected = pack.dream(waveform, directions)
        np.testing.assert_array_equal(objective, expected[0])
        np.testing.assert_array_equal(gradient, expected[1])
        heard = pack.hear(waveform)
        for layer, mean in activations.items():
            np.testing.assert_allclose(mean, heard[layer].mean(2), rtol=1e-5)
    with pytest.raises(ModelError, match="no layer"):
        runner.run(waveform, {"nothing": [1]})
    hearing = pack.hear_session()
    for layer, array in hearing.run(waveform[0]).items():
        np.testing.assert_array_equal(array, pack.hear(waveform)[layer])


def test_packs_are_found_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, user = tmp_path / "shipped", tmp_path / "user"
    shutil.copytree(folder, shipped / "toy-tones")
    shutil.copytree(folder, user / "toy-tones")
    shutil.copytree(folder, user / "mine")
    (user / "no-pack").mkdir()
    monkeypatch.setattr(pack_module, "SHIPPED_FOLDER", shipped)
    monkeypatch.setattr(pack_module, "user_folder", lambda: user)
    assert available_packs() == {"toy-tones": shipped / "toy-tones", "mine": user / "mine"}
    assert load_pack("toy-tones").folder == shipped / "toy-tones"
    assert load_pack("mine").folder == user / "mine"
    assert load_pack(folder).folder == folder
    assert load_pack(str(folder)).folder == folder
    with pytest.raises(ModelError, match=r"no model 'toy-tone'.*toy-tones"):
        load_pack("toy-tone")
    with pytest.raises(ModelError, match="no folder"):
        load_pack(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"no-pack is not a model pack.*manifest\.json"):
        load_pack(user / "no-pack")


def test_a_sound_pack_is_verified(folder: Path) -> None:
    found = verify(folder)
    assert found.gradient_error < 1e-2
    assert any("checksum" in check for check in found.checks)


@pytest.mark.parametrize("file", ["hear.onnx", "dream.onnx"])
def test_a_changed_byte_is_refused(folder: Path, file: str) -> None:
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{file} is not the file.*checksum"):
        verify(folder)
    pack = Pack(folder)
    with pytest.raises(ModelError, match="checksum"):
        pack.hear(noise(1)) if file == "hear.onnx" else pack.dream(noise(1), {})


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "hear.onnx").unlink()
    with pytest.raises(ModelError, match=r"hear\.onnx is missing"):
        verify(folder)


def test_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    (folder / "hear.onnx").rename(elsewhere)
    (folder / "hear.onnx").symlink_to(elsewhere)
    with pytest.raises(ModelError, match="link"):
        verify(folder)


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "a/b", ".hidden", "manifest.json", ""]
)
def test_files_outside_the_folder_are_refused(folder: Path, name: str) -> None:
    change_manifest(folder, lambda content: content["files"].update({name: "0" * 64}))
    with pytest.raises(ModelError, match="plain name"):
        Pack(folder)


def drop(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.pop(key)


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update(values)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put(schema_version=SCHEMA_VERSION + 1), "install a newer Innerear"),
        (put(schema_version="1"), "no usable schema_version"),
        (drop("schema_version"), "no usable schema_version"),
        (drop("window"), "window: Field required"),
        (put(windows=3), "windows: Extra inputs"),
        (put(name="Bad name"), "name: "),
        (put(classes=["a", "b"]), "2 classes for 3 units"),
        (put(classes=["a", "b", "b"]), "two classes"),
        (lambda content: content["layers"].reverse(), "last layer"),
        (lambda content: content["layers"][0].update(name="gradient"), "cannot be called"),
        (lambda content: content["layers"][0].update(units=0), r"layers\.0\.units"),
        (lambda content: content["files"].pop("dream.onnx"), r"dream\.onnx is missing"),
        (lambda content: content["files"].update({"hear.onnx": "abc"}), "files"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    change_manifest(folder, change)
    with pytest.raises(ModelError, match=words) as caught:
        Pack(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_manifest_that_is_no_json_object_is_refused(folder: Path, text: bytes) -> None:
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(ModelError, match=r"manifest\.json"):
        Pack(folder)


def test_graphs_that_do_not_fit_the_manifest_are_refused(folder: Path) -> None:
    change_manifest(folder, lambda content: content.update(window=WINDOW - 1))
    with pytest.raises(ModelError, match=r"'waveform'.*does not fit"):
        verify(folder)
    change_manifest(folder, lambda content: content.update(window=WINDOW))
    change_manifest(folder, lambda content: content["layers"][0].update(name="sounds"))
    with pytest.raises(ModelError, match="no output 'sounds'"):
        verify(folder)


def changed_graph(folder: Path, file: str, change: Callable[[Any], None]) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(folder / file, load_external_data=False)
    change(model)
    (folder / file).write_bytes(model.SerializeToString())
    sign(folder, file)


def scale(name: str, factor: float) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        from onnx import numpy_helper

        for initializer in model.graph.initializer:
            if initializer.name == name:
                array = factor * numpy_helper.to_array(initializer)
                initializer.CopyFrom(numpy_helper.from_array(array.astype(np.float32), name))

    return change


@pytest.mark.parametrize(
    ("tensor", "factor", "words"),
    [
        ("templates_turned", 1.2, "not that of the objective"),
        ("templates_turned", -1.0, "not that of the objective"),
        ("templates_turned", np.nan, "not finite"),
        ("templates", 1.2, "hear 'tones' differently"),
    ],
)
def test_a_graph_that_computes_something_else_is_refused(
    folder: Path, tensor: str, factor: float, words: str
) -> None:
    changed_graph(folder, "dream.onnx", scale(tensor, factor))
    with pytest.raises(ModelError, match=words):
        verify(folder)


def outside(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../secret"


def outside_in_a_branch(model: Any) -> None:
    from onnx import TensorProto, helper

    tensor = TensorProto(name="far", data_type=TensorProto.FLOAT, dims=[1])
    tensor.external_data.add(key="location", value="/etc/passwd")
    node = helper.make_node("Constant", [], ["far"], value=tensor)
    branch = helper.make_graph(
        [node], "branch", [], [helper.make_tensor_value_info("far", TensorProto.FLOAT, [1])]
    )
    model.graph.node.append(
        helper.make_node("If", ["rule"], ["unused"], then_branch=branch, else_branch=branch)
    )


@pytest.mark.parametrize("change", [outside, outside_in_a_branch])
def test_data_outside_of_a_graph_is_refused(folder: Path, change: Callable[[Any], None]) -> None:
    changed_graph(folder, "dream.onnx", change)
    with pytest.raises(ModelError, match="tensors in other files"):
        verify(folder)
    with pytest.raises(ModelError, match="tensors in other files"):
        Pack(folder).dream(noise(1), {})


def test_what_is_no_graph_is_refused(folder: Path) -> None:
    for content in (b"", b"\xff" * 100, b"not a graph"):
        (folder / "hear.onnx").write_bytes(content)
        sign(folder, "hear.onnx")
        with pytest.raises(ModelError, match=r"hear\.onnx"):
            verify(folder)
    check_graph(b"")


def test_templates_are_plain_numbers_of_the_right_shape(folder: Path) -> None:
    pack = Pack(folder)
    with pytest.raises(ModelError, match=r"no templates\.npz"):
        pack.templates()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"tones": np.ones((3, 513)), "output": np.ones((3, 513))}, ""),
        ({"tones": np.ones((3, 512))}, r"not \[3, 513\]"),
        ({"noises": np.ones((3, 513))}, "no layer 'noises'"),
        ({"tones": np.array([{"a": 1}], dtype=object)}, "cannot be read"),
    ]
    for arrays, words in cases:
        np.savez(folder / "templates.npz", **arrays)
        sign(folder, "templates.npz")
        if words:
            with pytest.raises(ModelError, match=words):
                Pack(folder).templates()
        else:
            found = Pack(folder).templates()
            assert {name: array.shape for name, array in found.items()} == {
                "tones": (3, 513),
                "output": (3, 513),
            }
            assert verify(folder).checks[-1].startswith("templates")


def test_a_graph_is_opened_once_and_each_runner_has_its_own_memory(
    toy_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(
        pack_module,
        "open_session",
        lambda *arguments: opened.append(arguments) or open_session(*arguments),
    )
    pack = load_pack(toy_pack)
    noise = np.random.default_rng(0).standard_normal((2, 8, pack.window)).astype(np.float32)
    wanted = {"output": np.eye(pack.layers["output"].units, dtype=np.float32)[0]}
    runners = [pack.gradient_session() for _ in noise]
    found: list[list[np.ndarray]] = [[], []]

    def dream(number: int) -> None:
        for window in noise[number]:
            found[number].append(runners[number].run(window, wanted)[1][0].copy())

    threads = [threading.Thread(target=dream, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    for number in range(2):
        expected = [pack.value_and_grad(window, wanted)[1][0] for window in noise[number]]
        np.testing.assert_array_equal(found[number], expected)
    assert len(opened) == 1
