"""Templates, and grains of sound made of them."""

from pathlib import Path

import numpy as np
import pytest

from innerear.engine.analysis.templates import Templates, find_templates
from innerear.engine.errors import ModelError
from innerear.engine.packs.pack import Pack
from innerear.engine.packs.pack_files import add_arrays, add_templates
from innerear.engine.packs.unit_grains import GRAINS_FILE, cut_grains, grains

from .conftest import HERTZ, RATE, FirNetwork


@pytest.fixture(scope="module")
def found() -> Templates:
    return find_templates(FirNetwork())


def test_a_template_peaks_where_its_unit_answers(found: Templates) -> None:
    spectra = found.spectra["tones"].astype(np.float32)
    assert found.spectra["tones"].dtype == np.float16
    assert spectra.shape == (4, 513)
    peaks = spectra[:3].argmax(axis=1) * RATE / 1024
    np.testing.assert_allclose(peaks, HERTZ, atol=4 * RATE / 1024)
    np.testing.assert_allclose(spectra[:3].max(axis=1), 1)
    assert found.spectra["output"].shape == (2, 513)


def test_a_unit_that_no_noise_wakes_is_reported_and_empty(found: Templates) -> None:
    assert found.dead == {"tones": [3], "output": []}
    assert not found.spectra["tones"][3].any()


def test_the_seed_decides_the_templates() -> None:
    shares: list[float] = []
    first = find_templates(FirNetwork(), seed=3, layers=("tones",), progress=shares.append)
    again = find_templates(FirNetwork(), seed=3, layers=("tones",))
    assert set(first.spectra) == {"tones"}
    assert shares[-1] == 1.0
    np.testing.assert_array_equal(first.spectra["tones"], again.spectra["tones"])


@pytest.fixture
def pack(toy_pack: Path, tmp_path: Path) -> Pack:
    """Give a toy pack whose three units have a template each: a line at 1, 2 and 3 kHz."""
    folder = tmp_path / "toy-tones"
    folder.mkdir()
    for file in toy_pack.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    lines = np.zeros((3, 513), np.float32)
    lines[[0, 1, 2], [64, 128, 192]] = 1
    add_templates(folder, {"tones": lines, "output": lines})
    return Pack(folder)


def spectrum_peaks(sounds: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(sounds)).argmax(axis=1) * 16_000 / sounds.shape[1]


def test_grains_have_their_template_s_spectrum(pack: Pack) -> None:
    found = grains(pack, "tones", [2, 0], samples=1024)
    assert found.shape == (2, 1024)
    assert found.dtype == np.float32
    np.testing.assert_allclose(spectrum_peaks(found), [3000, 1000], atol=16)
    np.testing.assert_allclose(np.abs(found).max(axis=1), 1)
    assert np.abs(found[:, [0, -1]]).max() < 1e-4
    np.testing.assert_array_equal(found[1], grains(pack, "tones", [0], samples=1024)[0])


@pytest.mark.parametrize("samples", [1024, 2048, 3000])
def test_grains_that_are_kept_are_pieces_of_the_waveform(pack: Pack, samples: int) -> None:
    seconds = np.arange(9000) / 16_000
    loud = (seconds > 0.3) & (seconds < 0.5)
    waveforms = np.stack([np.sin(2 * np.pi * hertz * seconds) for hertz in (500, 700, 900)])
    kept = cut_grains((waveforms * loud).astype(np.float32))
    assert kept.shape == (3, 2048)
    add_arrays(pack.folder, GRAINS_FILE, {"tones": kept, "output": kept})
    fresh = Pack(pack.folder)
    found = grains(fresh, "tones", [1, 2], samples)
    assert found.shape == (2, samples)
    np.testing.assert_allclose(spectrum_peaks(found), [700, 900], atol=16)


def test_grains_that_are_not_there(pack: Pack, toy_pack: Path) -> None:
    with pytest.raises(ModelError, match="units 0 to 2, not 3"):
        grains(pack, "tones", [3])
    with pytest.raises(ModelError, match="Did you mean tones"):
        grains(pack, "tone", [0])
    with pytest.raises(ModelError, match="has no templates"):
        grains(Pack(toy_pack), "tones", [0])
    for columns, words in ((9, r"shape \[3, 9\], not \[3, 2048\]"), (2048, "finite numbers")):
        array = np.full((3, columns), np.nan, np.float16)
        add_arrays(pack.folder, GRAINS_FILE, {"tones": array})
        with pytest.raises(ModelError, match=words):
            grains(Pack(pack.folder), "tones", [0])
    add_arrays(pack.folder, GRAINS_FILE, {"output": np.ones((3, 2048), np.float16)})
    with pytest.raises(ModelError, match="no grains of 'tones'"):
        grains(Pack(pack.folder), "tones", [0])


def test_a_dead_unit_s_grain_is_silent(pack: Pack) -> None:
    add_templates(pack.folder, dict.fromkeys(("tones", "output"), np.zeros((3, 513))))
    assert not grains(Pack(pack.folder), "tones", [1]).any()
