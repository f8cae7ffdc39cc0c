"""Figures of auralised sounds: spectrograms before and after, and units as onset detectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.auralise import Auralised, MaskedTransform
from ..analysis.onsets import STEP_SECONDS, OnsetScore
from ..arrays import Float
from .style import GREY, VIOLET, new_figure

Seconds = NDArray[np.float64]

_RANGE_DB = 70.0
_ORANGE = "#d9822b"
_MOST_COLUMNS = 1200
_COLUMNS = range(8, 14)


def auralise_figure(
    path: Path,
    title: str,
    spectrum: MaskedTransform,
    result: Auralised,
    name: str,
    activation: Float | None = None,
    score: OnsetScore | None = None,
    onsets: Seconds | None = None,
) -> None:
    """Draw a sound's spectrogram, a unit's mask, and the masked spectrogram.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        spectrum: of the sound.
        result: of the unit.
        name: of the unit.
        activation: of the unit, every 10 ms; drawn below where onsets are given.
        score: of that activation.
        onsets: in seconds, marked in all panels.

    Raises:
        InnerearError: the picture cannot be written.
    """
    rows = 4 if score is not None else 3
    with new_figure(path, title, 8.6, 2.0 * rows + 0.4, dpi=100) as figure:
        both = figure.subplots(
            rows, 2, sharex="col", height_ratios=[3, 3, 3, 2][:rows], width_ratios=(60, 1)
        )
        grid, bars = both[:, 0], both[:, 1]
        levels = _levels(spectrum.values)
        loudest = float(levels.max())
        passed = _levels(spectrum.values * result.mask) - loudest
        signed = bool((result.mask < 0).any())
        # Few values reach the peak of 1: the colour scale ends at the quantile 0.998.
        most = float(np.quantile(np.abs(result.mask), 0.998)) or 1.0
        quiet_to_loud = (-_RANGE_DB, 0.0)
        for row, (picture, text, colours, limits, unit) in enumerate(
            (
                (levels - loudest, "The sound", "magma", quiet_to_loud, "level (dB)"),
                (
                    result.mask,
                    f"The mask: what the feature map of {name} brings back",
                    "PuOr_r" if signed else "viridis",
                    (-most if signed else 0.0, most),
                    "factor",
                ),
                (passed, f"What {name} passes", "magma", quiet_to_loud, "level (dB)"),
            )
        ):
            mesh = _spectrogram(grid[row], picture, spectrum, colours, limits)
            grid[row].set_title(text)
            bar = figure.colorbar(mesh, cax=bars[row], extend="both" if row == 1 else "neither")
            bar.set_label(unit)
            bar.outline.set_visible(False)
        for axes in bars[3:]:
            axes.set_visible(False)
        if score is not None and activation is not None:
            _activation(grid[3], activation, score)
        if onsets is not None:
            for axes in grid:
                axes.plot(
                    onsets, np.ones(len(onsets)), "v", transform=axes.get_xaxis_transform(),
                    color=_ORANGE, markersize=4, clip_on=False,
                )  # fmt: skip
        grid[-1].set_xlabel(
            "time (s)" + ("; triangles mark the onsets" if onsets is not None else "")
        )


def auralise_all_figure(
    path: Path, title: str, spectrum: MaskedTransform, results: Sequence[Auralised]
) -> None:
    """Draw what every unit passes as one small spectrogram each.

    Args:
        path: of the picture.
        title: stands above it.
        spectrum: of the sound.
        results: of each unit; only the masks are used.

    Raises:
        InnerearError: the picture cannot be written.
    """
    count = len(results) + 1
    columns = min(_COLUMNS, key=lambda wide: (-count % wide, -wide)) if count > 13 else count
    rows = -(-count // columns)
    with new_figure(path, title, 1.0 * columns + 1.0, 0.95 * rows + 0.9, dpi=100) as figure:
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        levels = _levels(spectrum.values, 100)
        limits = (float(levels.max()) - _RANGE_DB, float(levels.max()))
        pictures = [("sound", levels)]
        for each in results:
            silent = "" if each.mask.any() else ", silent"
            picture = _levels(spectrum.values * each.mask, 100)
            pictures.append((f"{each.unit}{silent}", picture))
        for axes, (text, picture) in zip(grid, pictures, strict=False):
            _spectrogram(axes, picture, spectrum, "magma", limits)
            axes.set_title(text, fontsize=7.5, pad=2)
            axes.set_ylabel("")
            axes.tick_params(labelsize=6.5, length=2)
        for axes in grid[len(pictures) :]:
            axes.set_visible(False)
        figure.supxlabel(f"time (s); colours span {_RANGE_DB:.0f} dB", fontsize=9)
        figure.supylabel("frequency (kHz)", fontsize=9)


def onsets_figure(
    path: Path,
    title: str,
    ranked: Sequence[OnsetScore],
    level: OnsetScore,
    activations: Float,
    onsets: Seconds,
) -> None:
    """Draw the score of each unit as an onset detector, and the best one's activation.

    Args:
        path: of the picture.
        title: stands above it.
        ranked: the best first.
        level: the score of the sound's own level, to compare with.
        activations: (units, times), every 10 ms.
        onsets: in seconds.

    Raises:
        InnerearError: the picture cannot be written.
    """
    with new_figure(path, title, 8.6, 5.6, dpi=100) as figure:
        bars, line = figure.subplots(2, 1, height_ratios=(3, 2))
        places = np.arange(len(ranked))
        bars.bar(places, [score.f for score in ranked], color=VIOLET, width=0.75, label="F")
        bars.plot(
            places, [score.precision for score in ranked], "_", color=_ORANGE, label="precision"
        )
        bars.plot(places, [score.recall for score in ranked], ".", color=GREY, label="recall")
        bars.axhline(level.f, color=GREY, linestyle="--", linewidth=1)
        bars.text(
            len(ranked) - 0.4,
            level.f,
            "F of the sound's level",
            ha="right",
            va="bottom",
            color=GREY,
        )
        every = max(1, len(ranked) // 32)
        bars.set_xticks(places[::every], [str(score.unit) for score in ranked][::every])
        bars.set(xlim=(-0.7, len(ranked) - 0.3), ylim=(0, 1.05), xlabel="unit", ylabel="score")
        bars.set_title("Every unit's peaks against the onsets, within 50 ms")
        bars.legend(loc="upper right", ncols=3, frameon=False, bbox_to_anchor=(1, 1.17))
        _activation(line, activations[ranked[0].unit], ranked[0])
        line.plot(
            onsets, np.ones(len(onsets)), "v", transform=line.get_xaxis_transform(),
            color=_ORANGE, markersize=4, clip_on=False,
        )  # fmt: skip
        line.set_xlabel("time (s); triangles mark the onsets")


def _activation(axes: Any, activation: Float, score: OnsetScore) -> None:
    times = np.arange(len(activation)) * STEP_SECONDS
    axes.plot(times, activation, color=VIOLET, linewidth=0.9)
    at = np.rint(score.peaks / STEP_SECONDS).astype(int)
    axes.plot(score.peaks, activation[at], "o", color=VIOLET, markersize=3.5)
    axes.set_xlim(0, times[-1])
    axes.set_ylabel("activation")
    axes.set_title(
        f"Unit {score.unit}: activation and its peaks; precision {score.precision:.2f},"
        f" recall {score.recall:.2f}, F {score.f:.2f}"
    )


def _levels(values: Any, columns: int = _MOST_COLUMNS) -> Float:
    """Return (bins, frames) in dB, the channels' mean, reduced to at most so many columns."""
    power = np.square(np.abs(values)).mean(axis=0)
    together = -(-power.shape[1] // columns)
    if together > 1:
        missing = -power.shape[1] % together
        padded = np.pad(power, ((0, 0), (0, missing)))
        power = padded.reshape(len(power), -1, together).max(axis=2)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)), np.float32)


def _spectrogram(
    axes: Any, picture: Float, spectrum: MaskedTransform, colours: str, limits: tuple[float, float]
) -> Any:
    mesh = axes.imshow(
        picture,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(0, spectrum.samples / spectrum.sample_rate, 0, spectrum.sample_rate / 2000),
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
    )
    axes.set_ylabel("frequency (kHz)")
    return mesh
