"""YAMNet: its import agrees with the interpreter of its own file, and its pack hears and dreams."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import soundfile
import soxr
import torch

from innerear.engine.errors import ModelError
from innerear.engine.packs.pack import Pack
from innerear.engine.packs.verify import verify
from innerear.exporters.capture.describe import describe_layers
from innerear.exporters.importers.yamnet import NORM_EPSILON, import_yamnet
from innerear.models.networks.restore import restore
from innerear.models.networks.yamnet import WINDOW, YAMNet, class_names, yamnet_geometry
from innerear.models.training.add_yamnet import KNOWN_FILES, build_yamnet_pack, weights_checksum

LAYERS = [f"layer{number}" for number in range(1, 15)]
DRAWS = 64  # of noises for templates: enough to see that there are some


@pytest.fixture(scope="session")
def tflite_file(shared_data: Path) -> Path:
    return shared_data / "yamnet" / "yamnet.tflite"


@pytest.fixture(scope="session")
def network(tflite_file: Path) -> YAMNet:
    return import_yamnet(tflite_file)


@pytest.fixture(scope="session")
def pack(tflite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Build the pack. That takes longer than all else here, so what needs it is in the soak."""
    folder = tmp_path_factory.mktemp("packs") / "yamnet"
    build_yamnet_pack(tflite_file, folder, draws=DRAWS)
    return Pack(folder)


@pytest.fixture(scope="session")
def clips(shared_data: Path) -> np.ndarray:
    """Return windows [clips, 15600] of every loop, and of a digit by each speaker."""
    digits = [sorted(shared_data.glob(f"fsdd/{n}_*_0.wav"))[n % 5] for n in range(10)]
    windows = []
    for path in [*sorted(shared_data.glob("sonic-pi/*.flac")), *digits]:
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = soxr.resample(sound.mean(axis=1), rate, 16_000)[: 2 * WINDOW]
        mono = np.pad(mono, (0, -len(mono) % WINDOW))
        windows.append(mono.reshape(-1, WINDOW))
    return np.concatenate(windows).astype(np.float32)


def test_the_classes_are_those_of_the_class_map(shared_data: Path) -> None:
    with (shared_data / "yamnet" / "yamnet_class_map.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert class_names() == tuple(row["display_name"] for row in rows)
    assert len(class_names()) == 521


def test_the_trunk_agrees_with_the_interpreter(
    tflite_file: Path, network: YAMNet, clips: np.ndarray, require: Callable[..., None]
) -> None:
    require("ai-edge-litert")
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(tflite_file))
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    scores, patch = interpreter.get_output_details()
    assert len(clips) > 40
    for clip in clips:
        interpreter.set_tensor(source["index"], clip[None])
        interpreter.invoke()
        expected = interpreter.get_tensor(scores["index"])[0]
        features = torch.from_numpy(interpreter.get_tensor(patch["index"]).T.copy())
        with torch.no_grad():
            found = network.scores(network.trunk(features[None])["output"])[0, :, 0].numpy()
        assert np.abs(found - expected).max() < 0.05
        assert found.argmax() == expected.argmax()


def test_it_hears_what_is_plain_to_hear(network: YAMNet) -> None:
    time = torch.arange(WINDOW) / 16_000
    noise = 2 * torch.rand(WINDOW, generator=torch.Generator().manual_seed(0)) - 1
    sounds = torch.stack([torch.zeros(WINDOW), 0.5 * torch.sin(2 * torch.pi * 440 * time), noise])
    with torch.no_grad():
        best = network(sounds)["output"][:, :, 0].topk(10).indices
    names = class_names()
    for found, expected in zip(best, ("Silence", "Sine wave", "White noise"), strict=True):
        assert expected in [names[index] for index in found]


def write_keras_file(network: YAMNet, path: Path, prefix: str = "", dense: str = "logits") -> None:
    """Write the weights as Keras does, with normalisations taken out of them at random."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:

        def put(layer: str, weight: str, array: np.ndarray) -> None:
            file[f"{prefix}{layer}/{layer}/{weight}:0"] = array

        for name, part in network.named_modules():
            if isinstance(part, torch.nn.Conv2d):
                _, layer, *rest = name.split(".")
                layer += "/conv" if rest == ["conv"] else f"/{rest[0]}_conv"
                kernel = part.weight.detach().numpy().transpose(3, 2, 1, 0)
                mean, variance = rng.normal(size=(2, part.out_channels)).astype(np.float32)
                spread = np.sqrt(variance**2 + np.float32(NORM_EPSILON))
                kernel = kernel * spread
                depthwise = part.groups > 1
                put(
                    layer,
                    "depthwise_kernel" if depthwise else "kernel",
                    kernel.transpose(0, 1, 3, 2) if depthwise else kernel,
                )
                put(f"{layer}/bn", "beta", part.bias.detach().numpy() + mean / spread)
                put(f"{layer}/bn", "moving_mean", mean)
                put(f"{layer}/bn", "moving_variance", variance**2)
        put(dense, "kernel", network.classifier.weight.detach().numpy().T)
        put(dense, "bias", network.classifier.bias.detach().numpy())


@pytest.mark.parametrize(("prefix", "dense"), [("", "logits"), ("model_weights/", "dense")])
def test_a_keras_file_gives_the_same_network(prefix: str, dense: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = YAMNet().eval()
    write_keras_file(network, tmp_path / "yamnet.h5", prefix, dense)
    imported = import_yamnet(tmp_path / "yamnet.h5")
    for name, expected in network.state_dict().items():
        torch.testing.assert_close(imported.state_dict()[name], expected, rtol=1e-4, atol=1e-5)


def test_another_keras_file_is_refused(tmp_path: Path) -> None:
    network = YAMNet()
    network.blocks.pop("layer14")
    write_keras_file(network, tmp_path / "short.h5")
    with pytest.raises(ModelError, match="layer14/depthwise_conv/depthwise_kernel is missing"):
        import_yamnet(tmp_path / "short.h5")
    with h5py.File(tmp_path / "elsewhere.h5", "w") as file:
        file["a"] = np.zeros(3, np.float32)
        file.create_dataset("b", (3,), "f4", external=[("/etc/hostname", 0, 12)])
    with pytest.raises(ModelError, match="other files"):
        import_yamnet(tmp_path / "elsewhere.h5")


def _cut_off(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _scrambled(content: bytes) -> bytes:
    # The tables that say where everything is lie at the end.
    rng = np.random.default_rng(0)
    return content[:-100_000] + rng.bytes(100_000)


def _text(content: bytes) -> bytes:
    return b"no network\n" * 9


@pytest.mark.parametrize("damage", [_cut_off, _scrambled, _text])
def test_damaged_weights_are_refused(damage: Any, tflite_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(damage(tflite_file.read_bytes()))
    with pytest.raises(ModelError, match=r"yamnet\.tflite: .+; YAMNet needs"):
        import_yamnet(path)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        import_yamnet(tmp_path / "yamnet.h5")


def test_the_geometry_is_what_is_measured(network: YAMNet) -> None:
    told = {layer.name: layer for layer in yamnet_geometry()}
    assert list(told) == [*LAYERS, "output"]
    for layer in describe_layers(network):
        assert layer.units == told[layer.name].units
        # Where a frame in the middle sees less than the window, its field can be measured; the
        # first sample of a Hann window is zero.
        if layer.receptive_field < 8000:
            assert layer.hop == told[layer.name].hop
            assert layer.receptive_field == told[layer.name].receptive_field - 1


@pytest.mark.soak
def test_the_pack_is_whole(pack: Pack) -> None:
    verify(pack.folder)
    assert list(pack.layers) == [*LAYERS, "output"]
    assert (pack.sample_rate, pack.window, pack.classes) == (16_000, WINDOW, class_names())
    assert pack.layers["layer14"].units == 1024
    assert pack.layers["layer14"].hop == 5120
    assert pack.manifest.licence == "Apache-2.0"
    templates = pack.templates()
    assert set(templates) == set(pack.layers)
    assert all(np.isfinite(array).all() for array in templates.values())
    assert templates["layer4"].any(axis=1).all()


@pytest.mark.soak
def test_the_card_says_where_it_comes_from(pack: Pack, tflite_file: Path) -> None:
    card = pack.read("README.md").decode()
    checksum = weights_checksum(tflite_file)
    assert KNOWN_FILES[checksum] == "yamnet.tflite"
    for words in ("Apache", "AudioSet", checksum, "`yamnet.tflite`", "0.306", "| layer14 | 1024 |"):
        assert words in card


@pytest.mark.soak
def test_the_pack_hears_and_dreams_as_torch(pack: Pack, network: YAMNet, clips: np.ndarray) -> None:
    # In perfect silence the slope of a logarithm is steep, and rounding shows.
    noise = np.random.default_rng(0).standard_normal((1, WINDOW)).astype(np.float32)
    clip = clips[5:6] + 0.01 * noise
    waveform = torch.from_numpy(clip).requires_grad_(True)
    output = network(waveform)["output"]
    bird = pack.classes.index("Bird")
    (expected,) = torch.autograd.grad(output[0, bird, 0], waveform)
    direction = np.zeros(521, np.float32)
    direction[bird] = 1.0
    objective, gradient = pack.dream(clip, {"output": direction})
    assert objective[0] == pytest.approx(output[0, bird, 0].item(), abs=1e-3)
    assert np.linalg.norm(gradient - expected.numpy()) < 1e-4 * np.linalg.norm(gradient)
    scores = pack.hear(clip)["output"]
    np.testing.assert_allclose(scores, output.detach().sigmoid().numpy(), atol=1e-4)


@pytest.mark.soak
def test_the_network_is_restored_from_its_pack(pack: Pack, network: YAMNet) -> None:
    restored = restore(pack)
    for name, expected in network.state_dict().items():
        assert torch.equal(restored.state_dict()[name], expected)


@pytest.mark.soak
def test_a_whistle_becomes_a_bird(pack: Pack) -> None:
    time = np.arange(WINDOW) / 16_000
    phase = 2 * np.pi * np.cumsum(1500 + 500 * np.sin(2 * np.pi * 2 * time)) / 16_000
    sound = (0.3 * np.sin(phase)).astype(np.float32)
    bird = pack.classes.index("Bird")
    direction = np.zeros(521, np.float32)
    direction[bird] = 1.0
    dreamed = sound.copy()
    for _ in range(10):
        _, gradient = pack.dream(dreamed, {"output": direction})
        dreamed += 0.03 * sound.std() * gradient[0] / gradient.std()
    before, after = pack.hear(np.stack([sound, dreamed]))["output"][:, bird, 0]
    assert before < 0.1
    assert after > 0.9
    assert np.corrcoef(sound, dreamed)[0, 1] > 0.98
