"""What every shipped network must show."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.packs.manifest import GRAPH_FILES, OUTPUT_LAYER, TENSORS_FILE
from innerear.engine.packs.pack import Pack

PACKS = sorted(
    folder.name
    for folder in (Path(innerear.__file__).parent / "models" / "packs").iterdir()
    if (folder / "manifest.json").exists()
)
MOST_BYTES = 16_000_000  # with the robust packs; what a download may weigh


@pytest.fixture(params=PACKS, scope="module")
def pack(request: pytest.FixtureRequest) -> Pack:
    return innerear.load(request.param)


def test_a_shift_in_time_shifts_every_layer(pack: Pack) -> None:
    generator = np.random.default_rng(0)
    window = pack.window
    sound = np.zeros((1, window), np.float32)
    # Silent ends, so that nothing falls out of the window when it moves.
    middle = slice(window // 4, window // 4 + window // 3)
    sound[:, middle] = 0.1 * generator.standard_normal(middle.stop - middle.start)
    still = pack.hear(sound)
    compared = 0
    for name, layer in pack.layers.items():
        frames = still[name].shape[2]
        # At the ends a frame sees the zeros around the window, which do not move with the sound.
        edge = -(-layer.receptive_field // layer.hop)
        if name == OUTPUT_LAYER or frames < 2 * edge + 2 or layer.hop > window // 3:
            continue
        moved = pack.hear(np.roll(sound, layer.hop, axis=1))[name]
        found = moved[..., edge + 1 : frames - edge]
        expected = still[name][..., edge : frames - edge - 1]
        # The level of the window is a sum in another order, and float32 has seven digits, of
        # which a dozen layers cost two or three.
        scale = float(np.abs(expected).max())
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * scale, err_msg=name)
        compared += found.size
    assert compared, "no layer has frames away from the edges"


def test_a_layer_hears_something_in_a_chord(pack: Pack) -> None:
    time = np.arange(pack.window) / pack.sample_rate
    chord = sum(np.sin(2 * np.pi * hertz * time) / k for k, hertz in enumerate((220, 277, 330), 2))
    heard = pack.hear(np.float32(0.2 * chord)[None])
    for name, map_ in heard.items():
        assert np.isfinite(map_).all(), name
        assert map_.any(), name


def test_its_accuracy_is_told_and_better_than_chance(pack: Pack) -> None:
    assert pack.manifest.accuracy
    for what, share in pack.manifest.accuracy.items():
        assert 5 / len(pack.classes) <= share <= 1 or share > 0.5, what


def test_all_packs_together_are_small() -> None:
    total = sum(
        path.stat().st_size for name in PACKS for path in innerear.load(name).folder.iterdir()
    )
    assert total < MOST_BYTES


def test_no_large_tensor_is_stored_twice(pack: Pack, require: Callable[..., None]) -> None:
    require("torch")
    import onnx

    contents: Counter[bytes] = Counter()
    places: set[tuple[int, int]] = set()
    for file in sorted(set(GRAPH_FILES) & set(pack.manifest.files)):
        model = onnx.load(pack.folder / file, load_external_data=False)
        for tensor in model.graph.initializer:
            if tensor.external_data:
                place = {entry.key: entry.value for entry in tensor.external_data}
                places.add((int(place["offset"]), int(place["length"])))
            else:
                contents[tensor.raw_data] += 1
    tensors = pack.read(TENSORS_FILE)
    contents.update(tensors[offset : offset + length] for offset, length in places)
    assert sum(length for _, length in places) == len(tensors), "and nothing else is there"
    assert not [len(each) for each, times in contents.items() if times > 1 and len(each) >= 1024]


def test_the_page_on_models_says_what_the_manifests_say(pack: Pack) -> None:
    page = Path(innerear.__file__).parent / "docs" / "models.md"
    if not page.exists():
        pytest.skip("the pages are not installed with the package")
    # The first table says what the packs are, the second how well they hear.
    rows = [line for line in page.read_text().splitlines() if line.startswith(f"| `{pack.name}` |")]
    assert len(rows) == 2
    for share in pack.manifest.accuracy.values():
        assert f"{100 * share:.1f} %" in rows[1]


def test_it_auralises_as_its_own_weights_do(pack: Pack, require: Callable[..., None]) -> None:
    assert "auralise.onnx" in pack.manifest.files, "refresh_graphs or add_auralise_graph makes it"
    require("torch")
    import torch

    from innerear.exporters.capture.reference import torch_deconvolve
    from innerear.models.networks.restore import restore

    generator = np.random.default_rng(3)
    waveform = 0.1 * generator.standard_normal((2, pack.window)).astype(np.float32)
    network, graph = restore(pack), pack.auraliser()
    for layer in list(pack.layers)[:2]:
        kept = np.eye(pack.layers[layer].units, dtype=np.float32)[:2]
        found = graph.run(waveform, {layer: kept}, "deconv")
        given = {layer: torch.from_numpy(kept)}
        expected = torch_deconvolve(network, torch.from_numpy(waveform), given, "deconv").numpy()
        error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        assert error < 1e-4, layer
