"""Figures of sounds and of what a network hears: waveform, spectrogram, class scores."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.classify import Heard
from ..analysis.judging.judges import Score
from ..dsp.overview import Overview
from .style import VIOLET, check_figure_output, new_figure

__all__ = [
    "LOWEST_HZ",
    "before_after_figure",
    "check_figure_output",
    "heard_figure",
    "judged_figure",
    "on_log_axis",
    "sounds_figure",
]

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Picture = tuple[str, Overview]
"""A sound to be drawn, and what to call it."""

LOWEST_HZ = 40.0
RANGE_DB = 80.0
_ROWS = 320
_CLASSES_SHOWN = 12


def heard_figure(path: Path, title: str, sound: Overview, heard: Heard) -> None:
    """Draw one sound and what a network hears in it.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        sound: waveform and spectrogram.
        heard: class scores over time.

    Raises:
        InnerearError: the picture cannot be written.
    """
    _draw(path, title, [("", sound, heard)])


def before_after_figure(
    path: Path,
    title: str,
    before: tuple[Overview, Heard],
    after: tuple[Overview, Heard],
) -> None:
    """Draw a sound before and after processing, side by side on the same scales.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        before: the original sound, and what the network hears in it.
        after: the processed sound, and what the network hears in it.

    Raises:
        InnerearError: the picture cannot be written.
    """
    _draw(path, title, [("Before", *before), ("After", *after)])


def sounds_figure(path: Path, title: str, pictures: Sequence[Picture]) -> None:
    """Draw waveform and spectrogram of sounds side by side, on the same scales.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        pictures: a name and the sound, for each.

    Raises:
        InnerearError: the picture cannot be written.
    """
    with _page(path, title, len(pictures), (2, 4)) as (figure, grid):
        _waveforms(grid[0], pictures)
        _spectrograms(figure, grid[1], pictures)


def judged_figure(
    path: Path, title: str, columns: Sequence[tuple[str, Overview, Mapping[str, Score]]]
) -> None:
    """Draw sounds side by side: the spectrogram, and how strongly judges hear one class in it.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        columns: a name, the sound, and the judges' scores by name, for each; the same judges.

    Raises:
        InnerearError: the picture cannot be written.
    """
    with new_figure(path, title, 2.6 + 3.8 * len(columns), 5.6) as figure:
        shape = (2, len(columns))
        grid = figure.subplots(*shape, squeeze=False, sharey="row", height_ratios=(5, 3))
        _spectrograms(figure, grid[0], [(name, sound) for name, sound, _ in columns])
        for axes in grid[0]:
            axes.set_xlabel("time (s)")
        for axes, (_, _, scores) in zip(grid[1], columns, strict=True):
            places = np.arange(len(scores))
            means = [score.mean for score in scores.values()]
            axes.barh(places, means, 0.62, color=VIOLET)
            for place, score in zip(places, scores.values(), strict=True):
                text = f"{score.mean:.2f}, rank {score.rank}"
                axes.text(score.mean + 0.02, place, text, va="center", fontsize=8)
            axes.set_yticks(places, list(scores))
            axes.tick_params(axis="y", length=0)
            axes.set_xlim(0, 1.45)
            axes.set_xticks((0, 0.5, 1))
            axes.set_xlabel("mean score")
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        grid[1][0].invert_yaxis()


def _draw(path: Path, title: str, columns: Sequence[tuple[str, Overview, Heard]]) -> None:
    """Draw each sound as a column of three panels; scales are shared along the rows."""
    with _page(path, title, len(columns), (2, 4, 4)) as (figure, grid):
        pictures = [(name, sound) for name, sound, _ in columns]
        _waveforms(grid[0], pictures)
        _spectrograms(figure, grid[1], pictures)
        _scores(figure, grid[2], columns)


@contextmanager
def _page(
    path: Path, title: str, columns: int, heights: Sequence[float]
) -> Iterator[tuple["Figure", Any]]:
    """Give a figure and its panels over time, (rows, columns); it is saved when they are drawn."""
    size = (2.6 + 5.4 * columns, 0.4 + 0.8 * sum(heights))
    with new_figure(path, title, *size) as figure:
        shape = (len(heights), columns)
        grid = figure.subplots(
            *shape, squeeze=False, sharex="col", sharey="row", height_ratios=heights
        )
        yield figure, grid
        for axes in grid[-1]:
            axes.set_xlabel("time (s)")


def _waveforms(row: Sequence[Any], pictures: Sequence[Picture]) -> None:
    peak = 0.0
    for axes, (name, sound) in zip(row, pictures, strict=True):
        low, high = sound.envelope
        edges = sound.edges_seconds
        axes.stairs(high, edges, baseline=low, fill=True, color="#4b3f72", linewidth=0)
        axes.axhline(0, color="#8a8a99", linewidth=0.4)
        axes.set_title(f"{name}: waveform" if name else "Waveform")
        axes.set_xlim(0, sound.duration_seconds)
        peak = max(peak, float(np.abs(low).max()), float(np.abs(high).max()))
    limit = 1.05 * peak or 1.0
    row[0].set_ylim(-limit, limit)
    row[0].set_ylabel("amplitude")


def _spectrograms(figure: "Figure", row: Sequence[Any], pictures: Sequence[Picture]) -> None:
    top_hz = min(sound.sample_rate for _, sound in pictures) / 2
    borders = np.geomspace(LOWEST_HZ, top_hz, _ROWS + 1)
    levels = [on_log_axis(sound, borders) for _, sound in pictures]
    loudest = max(float(level.max()) for level in levels)
    for axes, (name, sound), level in zip(row, pictures, levels, strict=True):
        mesh = axes.pcolormesh(
            sound.edges_seconds,
            borders,
            level,
            vmin=loudest - RANGE_DB,
            vmax=loudest,
            cmap="magma",
            rasterized=True,
        )
        axes.set_yscale("log")
        axes.set_ylim(LOWEST_HZ, top_hz)
        ticks = [hz for hz in (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000) if hz < top_hz]
        axes.set_yticks(ticks, [f"{hz / 1000:g} k" if hz >= 1000 else str(hz) for hz in ticks])
        axes.minorticks_off()
        axes.set_title(f"{name}: spectrogram" if name else "Spectrogram")
    row[0].set_ylabel("frequency (Hz)")
    bar = figure.colorbar(mesh, ax=list(row), pad=0.015, aspect=30)
    bar.set_label("level (dB, full-scale sine = 0)")
    bar.outline.set_visible(False)


def _scores(
    figure: "Figure", row: Sequence[Any], columns: Sequence[tuple[str, Overview, Heard]]
) -> None:
    names = columns[0][2].classes
    highest = np.max([heard.scores.max(axis=0) for _, _, heard in columns], axis=0)
    shown = np.sort(np.argsort(-highest, kind="stable")[:_CLASSES_SHOWN])
    # The class that gains most, or is strongest, stands on top.
    last = columns[-1][2].scores.mean(axis=0)[shown]
    shown = shown[np.argsort(last, kind="stable")]
    for axes, (name, sound, heard) in zip(row, columns, strict=True):
        middles = heard.times + heard.window_seconds / 2
        edges = np.append(middles - heard.hop_seconds / 2, middles[-1] + heard.hop_seconds / 2)
        # What the first and the last window hear holds for the sound's edges too.
        edges[0] = min(edges[0], 0.0)
        edges[-1] = max(edges[-1], sound.duration_seconds)
        mesh = axes.pcolormesh(
            edges,
            np.arange(len(shown) + 1) - 0.5,
            heard.scores[:, shown].T,
            vmin=0,
            vmax=1,
            cmap="BuPu",
            rasterized=True,
        )
        axes.set_yticks(range(len(shown)), [names[index] for index in shown])
        axes.tick_params(axis="y", length=0)
        axes.hlines(np.arange(1, len(shown)) - 0.5, 0, sound.duration_seconds, "#e3e3ec", lw=0.7)
        title = f"what {heard.model} hears"
        axes.set_title(f"{name}: {title}" if name else title.capitalize())
    bar = figure.colorbar(mesh, ax=list(row), pad=0.015, aspect=30)
    bar.set_label("class score (0 to 1)")
    bar.outline.set_visible(False)


def on_log_axis(sound: Overview, borders: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the spectrogram on bands between `borders` (Hz), in dB, (bands, columns).

    High bands hold many bins: the loudest is shown. Low ones lie between bins: interpolated.
    """
    levels = sound.spectrogram_db
    spacing = sound.sample_rate / sound.n_fft
    picture = np.empty((len(borders) - 1, levels.shape[1]))
    for band, (low, high) in enumerate(pairwise(borders)):
        first, last = int(np.ceil(low / spacing)), int(np.floor(high / spacing))
        if last - first >= 1:
            picture[band] = levels[first : last + 1].max(axis=0)
        else:
            position = min(np.sqrt(low * high) / spacing, len(levels) - 1.001)
            below = int(position)
            share = position - below
            picture[band] = (1 - share) * levels[below] + share * levels[below + 1]
    return picture
