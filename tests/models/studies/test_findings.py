"""The measurements behind docs/findings.md, on sounds and maps whose answer is known."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import innerear
from innerear.engine.analysis.onsets import find_peaks, score_onsets
from innerear.models.networks.restore import restore
from innerear.models.networks.spectral_cnn import SpectralCNN
from innerear.models.sounds.bank import Bank
from innerear.models.studies import (
    finding_onsets,
    finding_switched_off,
    finding_transposition,
    findings,
)
from innerear.models.studies.finding_onsets import mixture, spectral_flux
from innerear.models.studies.finding_switched_off import choose, shares, switched_off
from innerear.models.studies.finding_transposition import (
    best_shift,
    harmonic_tone,
    maps_of,
    transposed,
)

from ...thinning import thinned

DOCS = Path(innerear.__file__).resolve().parent / "docs"


@pytest.fixture(scope="module")
def bank() -> Bank:
    """Decaying tones of 29 classes, four of each, half of them held out."""
    classes = innerear.load("stftcnn-instruments").classes
    time = np.arange(35_200) / 16_000
    waves = []
    for label in range(len(classes)):
        for number in range(4):
            tone = np.sin(2 * np.pi * 200 * 1.07 ** (label + number / 5) * time) * np.exp(-3 * time)
            waves.append(np.round(32_000 * tone).astype(np.int16))
    count = len(waves)
    return Bank(
        16_000,
        classes,
        np.stack(waves),
        np.repeat(np.arange(len(classes)), 4),
        np.full(count, 35_200),
        np.arange(count) % 2 == 1,
    )


def test_a_mixture_begins_where_it_says(bank: Bank) -> None:
    sound, onsets = mixture(bank, 0)
    assert sound.shape == (1, 21 * 16_000)
    assert len(onsets) > 30
    assert (np.diff(onsets) > 0.119).all()
    assert not sound[0, : int(onsets[0] * 16_000)].any()
    again, _ = mixture(bank, 0)
    np.testing.assert_array_equal(sound, again)
    # Tones that begin at once are easy.
    assert score_onsets(find_peaks(spectral_flux(sound, 16_000)[0]), onsets)[2] > 0.8


def test_what_a_class_switches_off() -> None:
    active = np.ones((30, 3), bool)
    labels = np.repeat(np.arange(3), 10)
    active[labels == 1, 0] = False  # unit 0 is silent in class 1
    active[:, 1] = False  # unit 1 always
    active[labels == 2, 2] = np.arange(10) < 4  # unit 2 now and then
    off = switched_off(shares(active, labels, 3))
    np.testing.assert_array_equal(np.argwhere(off), [[1, 0]])


def test_held_out_sounds_are_chosen_class_by_class(bank: Bank) -> None:
    waveforms, labels = choose(bank, 2)
    np.testing.assert_array_equal(labels, np.repeat(np.arange(29), 2))
    assert np.abs(waveforms).max() <= 1


def test_a_shift_is_found() -> None:
    picture = np.random.default_rng(0).standard_normal((2, 40, 5))
    moved = np.zeros_like(picture)
    moved[:, 7:] = picture[:, :-7]
    assert best_shift(picture, moved) == (7, pytest.approx(1))


def test_a_semitone_is_a_row_of_the_constant_q_axis_only() -> None:
    for name, least, most in (("cqtcnn-instruments", 0.95, 1), ("stftcnn-instruments", 0, 0.95)):
        network = restore(innerear.load(name))
        assert isinstance(network, SpectralCNN)
        tones = [
            harmonic_tone(hertz, network.window, 16_000)
            for hertz in (130.81, 130.81 * 2 ** (1 / 3))
        ]
        before, after = (maps_of(network, tone)["image"] for tone in tones)
        shift, correlation = best_shift(before, after)
        assert least < correlation < most
        if name.startswith("cqt"):
            assert shift == 4


def test_a_tape_played_faster_moves_everything() -> None:
    time = np.arange(32_000) / 16_000
    moved = transposed(np.sin(2 * np.pi * 440 * time)[None].astype(np.float32), 12)
    assert moved.shape == (1, 16_000)
    assert np.abs(np.fft.rfft(moved[0])).argmax() == 880


@pytest.mark.parametrize("name", thinned(findings.FINDINGS, ["switched-off"]))
def test_a_finding_is_measured_written_and_drawn(
    name: str, bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "instrument_bank", lambda *_: bank)
    monkeypatch.setattr(finding_onsets, "MODELS", ("stftcnn-instruments",))
    monkeypatch.setattr(finding_onsets, "SECONDS", 4.0)
    monkeypatch.setattr(finding_transposition, "SHIFTS", (-3, 0))
    monkeypatch.setattr(finding_transposition, "MODELS", ("cqtcnn-instruments",))
    monkeypatch.setattr(
        finding_switched_off, "MODELS", ("cqtcnn-instruments", "stftcnn-instruments")
    )
    findings.main([name, "--output", str(tmp_path)])
    assert json.loads((tmp_path / f"{name}.json").read_text())
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_both_axes_can_be_heard(tmp_path: Path) -> None:
    written = finding_transposition.render(tmp_path)
    assert len(written) == 6
    assert all(path.stat().st_size > 10_000 for path in written)


def test_every_figure_of_the_findings_is_there_and_small() -> None:
    named = re.findall(r"\]\((figures/[^)]+)\)", (DOCS / "findings.md").read_text())
    assert len(named) >= 5
    for figure in named:
        assert (DOCS / figure).stat().st_size < 200_000, figure
