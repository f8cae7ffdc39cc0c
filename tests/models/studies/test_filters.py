"""First filters and second-layer bases, against sums written out."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

pytest.importorskip("torch")

import innerear
from innerear.engine.errors import ModelError
from innerear.models.networks.restore import restore
from innerear.models.studies.filters import draw_filters, filters_of, first_filters
from innerear.models.training.recipes import RECIPES


def kernels(name: str, layer: int) -> np.ndarray:
    """Return a convolution's kernel, its normalisation multiplied in, [out, in, height, width]."""
    state = {key: value.numpy() for key, value in restore(innerear.load(name)).state_dict().items()}
    block = f"blocks.conv{layer}"
    scale = state[f"{block}.1.weight"] / np.sqrt(state[f"{block}.1.running_var"] + 1e-5)
    kernel = state[f"{block}.0.weight"]
    kernel = kernel[:, :, None] if kernel.ndim == 3 else kernel
    return kernel * scale[:, None, None, None]


@pytest.mark.parametrize(
    ("name", "steps", "size"),
    [("stftcnn-instruments", (2, 2), (7, 7)), ("stftcnn12-instruments", (2, 2), (16, 16)),
     ("samplecnn-digits", (1, 3), (1, 9))],
)  # fmt: skip
def test_a_base_answers_as_two_layers_would_without_what_lies_between(
    name: str, steps: tuple[int, int], size: tuple[int, int]
) -> None:
    found = filters_of(innerear.load(name))
    first, second = kernels(name, 1), kernels(name, 2)
    assert found.bases.shape == (len(second), *size)
    patch = np.random.default_rng(0).standard_normal(size)
    high, wide = first.shape[2:]
    for unit in range(len(second)):
        total = 0.0
        for inner, row, column in np.ndindex(second.shape[1:]):
            down, right = row * steps[0], column * steps[1]
            seen = patch[down : down + high, right : right + wide]
            total += second[unit, inner, row, column] * (first[inner, 0] * seen).sum()
        assert (found.bases[unit] * patch).sum() == pytest.approx(total, rel=1e-4, abs=1e-5)


def test_the_beginning_is_that_of_the_recipes_seed() -> None:
    import torch

    pack = innerear.load("stftcnn12-instruments")
    found = filters_of(pack)
    recipe = RECIPES[pack.name]
    torch.manual_seed(recipe.seed)
    expected = recipe.untrained(pack.classes).state_dict()["blocks.conv1.0.weight"][:, 0].numpy()
    assert found.initial is not None
    np.testing.assert_allclose(found.initial, expected, rtol=1e-4)
    changes = found.changes()
    assert changes is not None
    assert (changes > 0.01).all()


def test_wavelets_are_drawn_as_they_are_in_time() -> None:
    fixed = filters_of(innerear.load("wavelet-instruments"))
    learned = filters_of(innerear.load("wavelet-learned-instruments"))
    assert fixed.learned.shape == learned.learned.shape
    assert fixed.changes() == pytest.approx(0, abs=1e-5)
    assert learned.changes().min() > 0  # type: ignore[union-attr]
    # 55 Hz at 16 kHz: a period of 291 samples.
    wave = fixed.learned[0, 0]
    spectrum = np.abs(np.fft.rfft(wave, 160_000))
    assert spectrum.argmax() / 10 == pytest.approx(55, rel=0.02)


@pytest.mark.soak
def test_the_picture_shows_them(tmp_path: Path) -> None:
    found = filters_of(innerear.load("samplecnn-digits"))
    draw_filters(tmp_path / "filters.png", "Filters", found, waveform=True)
    assert matplotlib.image.imread(tmp_path / "filters.png").std() > 0.02


def test_another_network_is_refused() -> None:
    from innerear.models.networks.yamnet import YAMNet

    with pytest.raises(ModelError, match="YAMNet does not begin with"):
        first_filters(YAMNet.__new__(YAMNet))
