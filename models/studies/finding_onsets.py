"""Finding: some first-layer features act as onset detectors (Choi et al., 2015)."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.analysis.onsets import (
    STEP_SECONDS,
    activations_over_time,
    find_peaks,
    level_over_time,
    rank_onsets,
    score_onsets,
)
from ...engine.arrays import Float
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.pack import load_pack
from ...engine.plots.style import new_figure
from ..sounds.bank import Bank

MODELS = (
    "stftcnn-instruments",
    "stftcnn12-instruments",
    "cqtcnn-instruments",
    "crnn-instruments",
    "wavelet-instruments",
    "samplecnn-instruments",
)
SECONDS = 20.0
_CLOSEST_SECONDS = 0.12


def mixture(bank: Bank, seed: int) -> tuple[Float, NDArray[np.float64]]:
    """Return 20 s of overlapping held-out notes and strokes, and their onset times.

    Args:
        bank: of rendered sounds, the onset first.
        seed: of the choice of sounds, their times and levels.

    Returns:
        float32 (1, samples) at the bank's rate, and float64 seconds.
    """
    rng = np.random.default_rng(seed)
    held_out = bank.part(held_out=True)
    sound = np.zeros(round((SECONDS + 1) * bank.sample_rate), np.float32)
    onsets = []
    at = 0.2
    while at < SECONDS - 0.5:
        note = held_out.waveforms[rng.integers(len(held_out.waveforms))].astype(np.float32) / 32_000
        # A rendered note's silence before it is heard is not part of it.
        first = int(np.argmax(np.abs(note) > 0.02))
        note = note[first:][: round(rng.uniform(0.2, 1.2) * bank.sample_rate)]
        note = note * np.minimum(1, (len(note) - np.arange(len(note))) / (0.05 * bank.sample_rate))
        start = round(at * bank.sample_rate)
        sound[start : start + len(note)] += np.float32(rng.uniform(0.3, 1.0)) * note
        onsets.append(start / bank.sample_rate)
        at += rng.uniform(_CLOSEST_SECONDS, 0.7)
    return 0.5 * sound[None] / np.abs(sound).max(), np.array(onsets)


def spectral_flux(sound: Float, sample_rate: int) -> Float:
    """Return how much the magnitudes of a short-time spectrum rise, every 10 ms, (1, times)."""
    length = 512
    hop = round(STEP_SECONDS * sample_rate)
    padded = np.pad(sound.mean(axis=0), (length // 2, length))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    levels = np.log1p(10 * np.abs(np.fft.rfft(frames * np.hanning(length))))
    rise = np.maximum(np.diff(levels, axis=0, prepend=levels[:1]), 0).sum(axis=1)
    times = 1 + int(sound.shape[1] / sample_rate / STEP_SECONDS)
    return np.asarray(rise[None, :times], np.float32)


def measure(bank: Bank) -> dict[str, Any]:
    """Choose the best unit of each layer on one mixture, and score it on two others."""
    rate = bank.sample_rate
    sounds = [mixture(bank, seed) for seed in (0, 1, 2)]
    (chosen_on, chosen_onsets), *tests = sounds
    rows = []
    for model in MODELS:
        pack = load_pack(model)
        for layer in pack.layers:
            if layer == OUTPUT_LAYER:
                continue
            best = rank_onsets(activations_over_time(chosen_on, rate, pack, layer), chosen_onsets)[
                0
            ]
            scores = []
            for sound, onsets in tests:
                activation = activations_over_time(sound, rate, pack, layer)[best.unit]
                scores.append(score_onsets(find_peaks(activation), onsets))
            precision, recall, f = np.mean(scores, axis=0)
            rows.append(
                {
                    "model": model,
                    "layer": layer,
                    "unit": best.unit,
                    "precision": round(float(precision), 3),
                    "recall": round(float(recall), 3),
                    "f": round(float(f), 3),
                }
            )
    baselines = {}
    for name, function in (("level", level_over_time), ("spectral flux", spectral_flux)):
        found = [
            score_onsets(find_peaks(function(sound, rate)[0]), onsets)[2] for sound, onsets in tests
        ]
        baselines[name] = round(float(np.mean(found)), 3)
    return {"onsets": [len(onsets) for _, onsets in tests], "baselines": baselines, "rows": rows}


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw the best unit's F in each layer of each network."""
    with new_figure(path, "Onset detectors, layer by layer", 8.6, 4.0, 100) as figure:
        axes = figure.subplots()
        for model in MODELS:
            rows = [row for row in results["rows"] if row["model"] == model]
            axes.plot(range(1, len(rows) + 1), [row["f"] for row in rows], "o-", label=model)
        for (name, f), style in zip(results["baselines"].items(), ("--", ":"), strict=True):
            axes.axhline(f, color="#8a8a99", linestyle=style, linewidth=1, label=name)
        axes.set(xlabel="layer, counted from the input", ylabel="F within 50 ms", ylim=(0, 1))
        axes.set_xticks(range(1, 9))
        axes.set_title("The layer's best unit, chosen on one mixture, scored on two others")
        figure.legend(loc="outside right center", frameon=False)
