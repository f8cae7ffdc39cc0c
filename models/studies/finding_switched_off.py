"""Finding: some deep features switch off for a whole class (Choi et al., 2015)."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.arrays import Float
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.pack import Pack, load_pack
from ...engine.plots.style import new_figure
from ..sounds.bank import Bank

MODELS = ("stftcnn-instruments", "samplecnn-instruments", "cqtcnn-instruments")
_SOUNDS = 16
_BATCH = 8
_SILENT, _ACTIVE = 0.9, 0.5
"""A class switches a unit off where it is silent in nine of ten of its sounds, though active in
half of all the others'."""


def choose(bank: Bank, sounds: int = _SOUNDS) -> tuple[Float, NDArray[np.int64]]:
    """Return a number of held-out sounds of each class, evenly spread, and their classes."""
    held_out = bank.part(held_out=True)
    chosen = []
    for label in range(len(bank.classes)):
        (of_class,) = np.nonzero(held_out.labels == label)
        chosen += list(of_class[np.linspace(0, len(of_class) - 1, sounds).astype(int)])
    waveforms = held_out.waveforms[chosen].astype(np.float32) / np.float32(32_000)
    return waveforms, held_out.labels[chosen]


def activity(pack: Pack, waveforms: Float) -> dict[str, Float]:
    """Return each layer's mean activation, [sounds, units], in the window with the onset."""
    rows: dict[str, list[Float]] = {}
    for first in range(0, len(waveforms), _BATCH):
        some = waveforms[first : first + _BATCH, : pack.window]
        some = np.pad(some, ((0, 0), (0, pack.window - some.shape[1])))
        for layer, heard in pack.hear(some).items():
            rows.setdefault(layer, []).append(heard.mean(axis=2))
    return {layer: np.concatenate(parts) for layer, parts in rows.items() if layer != OUTPUT_LAYER}


def shares(active: NDArray[np.bool_], labels: NDArray[np.int64], classes: int) -> Float:
    """Return in which share of each class's sounds a unit is active, [classes, units]."""
    return np.stack([active[labels == each].mean(axis=0) for each in range(classes)])


def switched_off(share: Float) -> NDArray[np.bool_]:
    """Return which class switches off which unit, [classes, units]."""
    classes = len(share)
    others = (share.sum(axis=0) - share) / (classes - 1)
    off: NDArray[np.bool_] = (share <= 1 - _SILENT + 1e-9) & (others >= _ACTIVE)
    return off


def measure(bank: Bank) -> dict[str, Any]:
    """Count the units that a class switches off, layer by layer."""
    waveforms, labels = choose(bank)
    rows = []
    pictures = {}
    for model in MODELS:
        for layer, means in activity(load_pack(model), waveforms).items():
            # A ReLU that is closed everywhere gives exactly 0.
            share = shares(means > 0, labels, len(bank.classes))
            off = switched_off(share)
            pictures[model] = (layer, share, off)
            rows.append(
                {
                    "model": model,
                    "layer": layer,
                    "units": means.shape[1],
                    "never_active": int((share.max(axis=0) == 0).sum()),
                    "always_active": int((share.min(axis=0) == 1).sum()),
                    "switched_off_by_a_class": int(off.any(axis=0).sum()),
                    "pairs": int(off.sum()),
                }
            )
    examples = [
        {"model": model, "layer": layer, "class": bank.classes[label], "unit": int(unit)}
        for model, (layer, _, off) in pictures.items()
        for label, unit in list(zip(*np.nonzero(off), strict=True))[:6]
    ]
    shown = [
        {"model": model, "layer": pictures[model][0], "share": pictures[model][1].tolist()}
        for model in MODELS[:2]
    ]
    return {
        "sounds_a_class": _SOUNDS,
        "classes": list(bank.classes),
        "rows": rows,
        "examples": examples,
        "pictures": shown,
    }


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw in how many of a class's sounds each unit of the deepest layers is active."""
    with new_figure(path, "Which classes switch off which units", 10.6, 5.0, 100) as figure:
        grid = figure.subplots(1, len(results["pictures"]), sharey=True)
        for axes, picture in zip(grid, results["pictures"], strict=True):
            share = np.array(picture["share"])
            share = share[:, np.argsort(share.mean(axis=0))]
            mesh = axes.imshow(
                share, cmap="BuPu", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
            )
            rows, columns = np.nonzero(switched_off(share))
            axes.plot(columns, rows, "x", color="#d9822b", markersize=3)
            axes.set_title(f"{picture['layer']} of {picture['model']}")
            axes.set_xlabel("units, by activity; a cross: switched off")
        grid[0].set_yticks(range(len(results["classes"])), results["classes"], fontsize=7)
        bar = figure.colorbar(mesh, ax=list(grid), pad=0.015, aspect=40)
        bar.set_label("share of the class's sounds in which it is active")
        bar.outline.set_visible(False)
