"""Finding: harmonics move together only on a constant-Q axis (Roch, lecture)."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...engine.analysis.auralise import auralise
from ...engine.arrays import Float
from ...engine.dsp.resample import resample
from ...engine.io.audio_files import SoundWriter
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.pack import load_pack
from ...engine.plots.style import new_figure
from ..networks.restore import restore
from ..networks.spectral_cnn import SpectralCNN
from ..sounds.bank import Bank
from .finding_switched_off import choose

AXES = ("cqtcnn-instruments", "stftcnn-instruments")
MODELS = (*AXES, "samplecnn-instruments", "wavelet-instruments")
INTERVALS = (2, 4, 8, 12)
"""Semitones by which a harmonic tone moves: whole rows of the first two maps."""
SHIFTS = (-12, -9, -6, -3, 0, 3, 6, 9, 12)
_LOWEST = (110.0, 130.81, 155.56, 185.0, 220.0)
_PITCHED = 20
"""The first classes of the bank have a pitch."""


def harmonic_tone(hertz: float, samples: int, sample_rate: int) -> Float:
    """Return partials at whole multiples, each fading from 1 / number, with a soft start."""
    time = np.arange(samples) / sample_rate
    partials = [
        np.sin(2 * np.pi * hertz * number * time + number) / number
        for number in range(1, 9)
        if hertz * number < 0.45 * sample_rate
    ]
    envelope = np.minimum(1, time / 0.02) * np.exp(-1.5 * time)
    return np.asarray(0.2 * envelope * np.sum(partials, axis=0), np.float32)


@torch.no_grad()
def maps_of(network: SpectralCNN, tone: Float) -> dict[str, NDArray[np.float64]]:
    """Return the network's input as `image`, and its maps, [units, frequency, frames]."""
    waveform = torch.from_numpy(tone[None])
    represented = network.represent(waveform)
    image = represented if network.spectrum is not None else network.image(represented)
    maps = {"image": image} | {
        name: map_[0] for name, map_ in network.convolved(represented).items()
    }
    return {name: np.asarray(map_, np.float64) for name, map_ in maps.items()}


def best_shift(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[int, float]:
    """Return the number of rows by which `before` must move to be most like `after`.

    Returns:
        rows upwards, and the correlation where both have rows.
    """
    rows = before.shape[1]
    found = (0, -1.0)
    for shift in range(rows // 2):
        one, other = before[:, : rows - shift], after[:, shift:]
        one, other = one - one.mean(), other - other.mean()
        sizes = np.linalg.norm(one) * np.linalg.norm(other)
        correlation = float((one * other).sum() / sizes) if sizes > 0 else 0.0
        if correlation > found[1]:
            found = (shift, correlation)
    return found


def measure_shifts() -> list[dict[str, Any]]:
    """Transpose harmonic tones and measure whether the maps move as a whole."""
    rows = []
    for model in AXES:
        network = restore(load_pack(model))
        assert isinstance(network, SpectralCNN)
        for interval in INTERVALS:
            found: dict[str, list[tuple[int, float]]] = {}
            for hertz in _LOWEST:
                tones = [
                    harmonic_tone(each, network.window, network.sample_rate)
                    for each in (hertz, hertz * 2 ** (interval / 12))
                ]
                before, after = (maps_of(network, tone) for tone in tones)
                for layer in ("image", "conv1", "conv2"):
                    found.setdefault(layer, []).append(best_shift(before[layer], after[layer]))
            for layer, pairs in found.items():
                rows.append(
                    {
                        "model": model,
                        "layer": layer,
                        "semitones": interval,
                        "rows": [shift for shift, _ in pairs],
                        "correlation": round(float(np.mean([c for _, c in pairs])), 3),
                    }
                )
    return rows


def transposed(waveforms: Float, semitones: int) -> Float:
    """Play sounds faster or slower, as a tape: everything moves by the same interval."""
    return resample(waveforms, 2 ** (semitones / 12), 1.0)


def measure_decisions(bank: Bank) -> list[dict[str, Any]]:
    """Count how many decisions survive a transposition, and how many are right."""
    waveforms, labels = choose(bank, 12)
    waveforms, labels = waveforms[labels < _PITCHED], labels[labels < _PITCHED]
    rows = []
    for model in MODELS:
        pack = load_pack(model)
        heard = {}
        for semitones in SHIFTS:
            moved = transposed(waveforms, semitones)[:, : pack.window]
            moved = np.pad(moved, ((0, 0), (0, pack.window - moved.shape[1])))
            parts = [
                pack.hear(moved[first : first + 8])[OUTPUT_LAYER].mean(axis=2).argmax(axis=1)
                for first in range(0, len(moved), 8)
            ]
            heard[semitones] = np.concatenate(parts)
        for semitones in SHIFTS:
            rows.append(
                {
                    "model": model,
                    "semitones": semitones,
                    "same": round(float((heard[semitones] == heard[0]).mean()), 3),
                    "right": round(float((heard[semitones] == labels).mean()), 3),
                }
            )
    return rows


def measure(bank: Bank) -> dict[str, Any]:
    """Measure both: maps of harmonic tones, and decisions on held-out notes."""
    return {"shifts": measure_shifts(), "decisions": measure_decisions(bank)}


def render(folder: Path) -> list[Path]:
    """Write 100-200-300-400 Hz and 120-240-360-480 Hz, and what one unit of each network passes.

    The unit is the one that passes most of the first tone; then the same for the second.
    """
    written = []
    for model in AXES:
        pack = load_pack(model)
        tones = {
            name: harmonic_tone(hertz, 2 * pack.sample_rate, pack.sample_rate)
            for name, hertz in (("100", 100.0), ("120", 120.0))
        }
        heard = pack.hear(tones["100"][: pack.window])["conv2"]
        unit = int(heard.mean(axis=(0, 2)).argmax())
        for name, tone in tones.items():
            passed = auralise(tone, pack.sample_rate, pack, "conv2", unit).sound
            for file, sound in ((f"{name}hz", tone), (f"{name}hz-{model}-conv2-{unit}", passed)):
                path = folder / f"{file}.wav"
                with SoundWriter(path, pack.sample_rate, 1) as writer:
                    writer.write(sound[None])
                written.append(path)
    return list(dict.fromkeys(written))


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw the correlation of the maps, and the share of decisions that stay."""
    with new_figure(
        path, "Transposition on a constant-Q axis and on others", 8.6, 3.9, 100
    ) as figure:
        left, right = figure.subplots(1, 2)
        for model, colour in zip(AXES, ("#4b3f72", "#d9822b"), strict=True):
            for layer, style in (("image", "--"), ("conv1", "-"), ("conv2", ":")):
                rows = [
                    row
                    for row in results["shifts"]
                    if (row["model"], row["layer"]) == (model, layer)
                ]
                left.plot(
                    [row["semitones"] for row in rows], [row["correlation"] for row in rows],
                    style, marker="o", markersize=3, color=colour,
                    label=f"{model.partition('-')[0]}, {layer}",
                )  # fmt: skip
        left.set(xlabel="semitones upwards", ylabel="correlation at the best shift", ylim=(0, 1.02))
        left.set_title("Harmonic tones: do maps just move?")
        left.legend(frameon=False, fontsize=7)
        for model in MODELS:
            rows = [row for row in results["decisions"] if row["model"] == model]
            right.plot(
                [row["semitones"] for row in rows], [row["same"] for row in rows],
                marker="o", markersize=3, label=model,
            )  # fmt: skip
        right.set(xlabel="semitones", ylabel="decisions that stay the same", ylim=(0, 1.02))
        right.set_title("Held-out notes, played faster or slower")
        right.legend(frameon=False, fontsize=7)
