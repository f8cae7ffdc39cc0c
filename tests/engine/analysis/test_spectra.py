"""Spectra of all units: what is measured of them, and that a stopped search goes on."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from innerear.engine.analysis.method import Method
from innerear.engine.analysis.spectra import (
    METHOD,
    UNFINISHED,
    LayerSpectra,
    energy_share,
    find_kept_templates,
    find_spectra,
    finish,
)
from innerear.engine.analysis.spectra_files import summary
from innerear.engine.analysis.tone_responses import tone_frequencies, tone_responses
from innerear.engine.errors import InnerearError, ModelError
from innerear.engine.packs.pack import Pack

SHORT = Method(parameterisation=METHOD.parameterisation, transforms=(), steps=30)


def tone(hertz: float, samples: int = 1600, rate: int = 16_000) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(samples) / rate).astype(np.float32)


@pytest.fixture
def layer() -> LayerSpectra:
    """Give a layer with units at 3000, 500 and 100 Hz, and a dead one."""
    waveforms = np.stack([tone(3000), tone(500), tone(100), np.zeros(1600, np.float32)])
    tone_hz = np.array([100.0, 500.0, 3000.0, 7000.0])
    return LayerSpectra(
        layer="conv1",
        sample_rate=16_000,
        waveforms=waveforms,
        at_start=np.zeros(4, np.float32),
        at_end=np.ones(4, np.float32),
        dead=np.array([False, False, False, True]),
        steps=np.array([5, 6, 7, 0]),
        tones=np.array([[0, 0, 2, 0], [0, 1, 0, 0], [0, 3, 1, 0], [1, 1, 1, 1]], np.float32),
        tone_hz=tone_hz,
    )


def test_what_is_measured_of_a_layer(layer: LayerSpectra) -> None:
    np.testing.assert_allclose(layer.peak_hz, [3000, 500, 100, 0])
    np.testing.assert_array_equal(layer.order, [2, 1, 0, 3])
    np.testing.assert_allclose(layer.voice_share, [1, 1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(layer.tone_peak_hz, [3000, 500, 500, 0])
    assert layer.magnitudes.shape == (4, 801)
    assert layer.bands.shape == (4, 256)
    assert layer.bands[1].argmax() == int(500 / 8000 * 256)
    assert layer.flatness.max() < 1e-3
    told = summary(layer)
    assert told["dead"] == [3]
    assert told["voice_band_share"] == pytest.approx(1.0, abs=1e-4)
    assert told["peaks_in_voice_band"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["peak_histogram"] == [1, 1, 0, 0, 0, 0, 1, *[0] * 9]
    assert told["peak_to_own_peak_octaves"] == 0.0
    assert told["median_steps"] == 6
    same = replace(layer, waveforms=layer.waveforms[[1, 1, 1, 3]])
    assert same.likeness == pytest.approx(1.0)
    assert layer.likeness < 0.9


def test_flatness_and_share_of_white_noise() -> None:
    noise = np.random.default_rng(0).standard_normal((4, 16_000)).astype(np.float32)
    np.testing.assert_allclose(energy_share(noise, 16_000), 3200 / 8000, atol=0.03)
    blank = np.zeros((4, 2), np.float32)
    spectra = LayerSpectra(
        "noise", 16_000, noise, blank[:, 0], blank[:, 0], np.zeros(4, bool),
        np.ones(4, int), blank, np.array([1.0, 2.0]),
    )  # fmt: skip
    np.testing.assert_allclose(spectra.flatness, 0.56, atol=0.03)
    assert abs(spectra.likeness) < 0.2


def test_answers_to_tones(toy_pack: Path) -> None:
    pack = Pack(toy_pack)
    hertz = np.array([239.0, 240.0, 1000.0, 4000.0])
    found = tone_responses(pack, hertz)
    assert found["tones"].shape == (3, 4)
    # On paper: the product of two sines of amplitude sqrt(2) / 10 and 1/100, over 1600 samples.
    paired = [found["tones"][unit, place] for unit, place in ((0, 1), (2, 2), (1, 3))]
    np.testing.assert_allclose(paired, np.sqrt(2) / 10 * 8, rtol=1e-4)
    assert abs(found["tones"][0, 2]) < 1e-4


def test_no_tone_divides_the_rate() -> None:
    for rate in (8000, 16_000, 44_100):
        hertz = tone_frequencies(rate)
        assert (np.diff(hertz) > 0).all()
        assert hertz[0] >= 40
        assert hertz[-1] < rate / 2
    thirds = np.abs(tone_frequencies(16_000) - 16_000 / 3)
    assert thirds.min() > 0.05


class Stops(Pack):
    """A pack that is switched off after some calls."""

    left = 0

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: str = "gradient"
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().value_and_grad(waveform, directions)


def test_a_stopped_search_goes_on_and_finds_the_same(
    toy_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.engine.analysis.batches.BATCH", 1)
    monkeypatch.setattr("innerear.engine.analysis.batches._cores", lambda: 1)
    whole = find_spectra(Pack(toy_pack), tmp_path / "whole", method=SHORT)
    stops = Stops(toy_pack)
    stops.left = 70  # two units, of six, take about 64
    with pytest.raises(KeyboardInterrupt):
        find_spectra(stops, tmp_path / "parts", method=SHORT)
    kept = sorted((tmp_path / "parts" / UNFINISHED / "waveforms").glob("*.npz"))
    assert [path.stem for path in kept] == ["tones-00000", "tones-00001"]
    before = kept[0].stat().st_mtime_ns
    kept[1].write_bytes(kept[1].read_bytes()[:500])  # as a crash might leave it
    shares: list[float] = []
    again = find_spectra(Pack(toy_pack), tmp_path / "parts", method=SHORT, progress=shares.append)
    assert kept[0].stat().st_mtime_ns == before
    assert shares[-1] == 1.0
    for one, other in zip(whole, again, strict=True):
        np.testing.assert_array_equal(one.waveforms, other.waveforms)
        np.testing.assert_array_equal(one.tones, other.tones)
    finish(tmp_path / "parts")
    assert not any((tmp_path / "parts").iterdir())


def test_other_settings_do_not_mix(toy_pack: Path, tmp_path: Path) -> None:
    pack = Pack(toy_pack)
    find_spectra(pack, tmp_path, method=SHORT)
    with pytest.raises(InnerearError, match=r"begun with other settings \(seed\)"):
        find_spectra(pack, tmp_path, method=SHORT, seed=1)
    with pytest.raises(InnerearError, match=r"begun with other settings \(layers, method\)"):
        find_spectra(pack, tmp_path, ["tones"])
    with pytest.raises(ModelError, match="Did you mean tones"):
        find_spectra(pack, tmp_path, ["tons"])


def test_a_linear_network_s_spectra(toy_pack: Path, tmp_path: Path) -> None:
    for each in find_spectra(Pack(toy_pack), tmp_path, method=SHORT):
        np.testing.assert_allclose(each.peak_hz, [240, 4000, 1000])
        assert not each.dead.any()


def test_templates_are_kept_too(toy_pack: Path, tmp_path: Path) -> None:
    first = find_kept_templates(Pack(toy_pack), tmp_path)
    again = find_kept_templates(Pack(toy_pack), tmp_path)
    assert first["tones"].shape == (3, 513)
    np.testing.assert_array_equal(first["tones"], again["tones"])
