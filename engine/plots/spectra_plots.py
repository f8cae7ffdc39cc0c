"""Figures of a network's spectra: all units, their peaks, and units beside their own filters."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..analysis.spectra import VOICE_HZ, LayerSpectra
from .style import INK, VIOLET, new_figure

_RANGE_DB = 40.0
_COLUMNS = 3
_BAND = "#2a9d8f"


def spectra_figure(path: Path, title: str, layers: Sequence[LayerSpectra]) -> None:
    """Draw a panel for each layer: columns are units sorted by their peak, rows frequencies.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        layers: in network order.

    Raises:
        InnerearError: the picture cannot be written.
    """
    columns = min(_COLUMNS, len(layers))
    rows = -(-len(layers) // columns)
    with new_figure(path, title, 3.6 * columns + 1.0, 2.6 * rows + 0.7) as figure:
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        mesh: Any = None
        for axes, layer in zip(grid.flat, layers, strict=False):
            bands = layer.bands[layer.order]
            decibels = 20 * np.log10(np.maximum(bands, 1e-6))
            mesh = axes.imshow(
                decibels.T,
                origin="lower",
                aspect="auto",
                extent=(0, len(bands), 0, layer.sample_rate / 2000),
                vmin=-_RANGE_DB,
                vmax=0,
                cmap="magma",
                interpolation="nearest",
            )
            for hertz in VOICE_HZ:
                axes.axhline(hertz / 1000, color=_BAND, linewidth=0.9, linestyle=(0, (4, 3)))
            dead = f", {int(layer.dead.sum())} dead" if layer.dead.any() else ""
            axes.set_title(f"{layer.layer}: {len(bands)} units{dead}")
        for axes in list(grid.flat)[len(layers) :]:
            axes.set_visible(False)
        for row in grid:
            row[0].set_ylabel("frequency (kHz)")
        for axes in grid[-1]:
            axes.set_xlabel("unit, sorted by its peak")
        bar = figure.colorbar(mesh, ax=grid, pad=0.015, aspect=40)
        bar.set_label("magnitude (dB, each unit's peak = 0); dashed: 200 and 3400 Hz")
        bar.outline.set_visible(False)


def peaks_figure(path: Path, title: str, layers: Sequence[LayerSpectra]) -> None:
    """Draw the peaks of the units' spectra, their energy inside 200-3400 Hz, and their flatness.

    Arguments and errors as `spectra_figure`.
    """
    with new_figure(path, title, 11.0, 4.2) as figure:
        peaks, share, flat = figure.subplots(1, 3, width_ratios=(2, 1.2, 1.2))
        names = [layer.layer for layer in layers]
        place = np.arange(len(layers))
        edges = np.linspace(0, layers[0].sample_rate / 2, 33)
        counts = [_share_of_units(layer, edges) for layer in layers]
        mesh = peaks.pcolormesh(
            np.arange(len(layers) + 1) - 0.5, edges / 1000, np.transpose(counts), cmap="BuPu"
        )
        for hertz in VOICE_HZ:
            peaks.axhline(hertz / 1000, color=_BAND, linewidth=0.9, linestyle=(0, (4, 3)))
        peaks.set_title("Where the spectra peak")
        peaks.set_ylabel("frequency (kHz)")
        bar = figure.colorbar(mesh, ax=peaks, pad=0.02)
        bar.set_label("share of the layer's units")
        bar.outline.set_visible(False)
        for axes, values, heading in (
            (share, [layer.voice_share for layer in layers], "Energy in 200-3400 Hz"),
            (flat, [layer.flatness for layer in layers], "Spectral flatness"),
        ):
            alive = [each[~layer.dead] for each, layer in zip(values, layers, strict=True)]
            for number, each in zip(place, alive, strict=True):
                if len(each):
                    low, middle, high = np.quantile(each, (0.1, 0.5, 0.9))
                    axes.plot([number, number], [low, high], color=VIOLET, linewidth=4, alpha=0.3)
                    axes.plot(number, middle, "o", color=VIOLET, markersize=5)
            axes.set_title(heading)
            axes.set_ylim(0, 1 if axes is share else None)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_xlabel("dot: median; bar: 10 to 90 % of units")
        for axes in (peaks, share, flat):
            axes.set_xticks(place, names, rotation=60, ha="right")


def filters_figure(path: Path, title: str, layer: LayerSpectra) -> None:
    """Draw a layer's own responses to tones beside its maximised spectra, and peak against peak.

    Arguments and errors as `spectra_figure`.
    """
    order = layer.order
    highest = layer.sample_rate / 2000
    with new_figure(path, title, 11.0, 3.8) as figure:
        own, found, both = figure.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
        _columns(own, relative_tones(layer)[order], highest)
        own.set_title("Its units' answers to tones")
        own.set_ylabel("frequency (kHz)")
        mesh = _columns(found, layer.bands[order], highest)
        found.set_title("What excites them most")
        bar = figure.colorbar(mesh, ax=[own, found], pad=0.015)
        bar.set_label("dB, the unit's peak = 0")
        bar.outline.set_visible(False)
        for axes in (own, found):
            axes.set_xlabel("unit, sorted by its peak on the right")
        alive = ~layer.dead & (layer.tone_peak_hz > 0)
        both.plot([0, highest], [0, highest], color="#8a8a99", linewidth=0.7)
        both.plot(
            layer.tone_peak_hz[alive] / 1000,
            layer.peak_hz[alive] / 1000,
            "o",
            color=VIOLET,
            alpha=0.5,
            markeredgewidth=0,
        )
        both.set_xlim(0, highest)
        both.set_ylim(0, highest)
        both.set_aspect("equal")
        both.set_title("Peak against peak", color=INK)
        both.set_xlabel("answers most to (kHz)")
        both.set_ylabel("excited most by (kHz)")


def relative_tones(layer: LayerSpectra) -> Any:
    """Return the activations on tones, scaled for each unit to 0..1."""
    low = layer.tones.min(axis=1, keepdims=True)
    return (layer.tones - low) / np.maximum(np.ptp(layer.tones, axis=1, keepdims=True), 1e-12)


def _columns(axes: Any, rows: Any, highest: float) -> Any:
    return axes.imshow(
        20 * np.log10(np.maximum(rows.T, 1e-6)),
        origin="lower",
        aspect="auto",
        extent=(0, len(rows), 0, highest),
        vmin=-_RANGE_DB,
        vmax=0,
        cmap="magma",
        interpolation="nearest",
    )


def _share_of_units(layer: LayerSpectra, edges: Any) -> Any:
    alive = layer.peak_hz[~layer.dead]
    return np.histogram(alive, edges)[0] / max(1, len(alive))
