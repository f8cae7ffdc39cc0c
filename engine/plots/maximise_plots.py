"""Figures of maximised sounds, and of the ascents that led to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..analysis.maximise import MaximisedSound
from ..arrays import Float
from ..dsp.overview import Overview
from .hearing_plots import LOWEST_HZ, on_log_axis
from .style import INK, VIOLET, new_figure

MOST_ROWS = 8
STAGES = 6
_BANDS = 160
_RANGE_DB = 60.0


def maximised_figure(
    path: Path, title: str, found: Sequence[MaximisedSound], sample_rate: int
) -> None:
    """Draw up to eight sounds: waveform, spectrogram, and the objective at each step.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        found: the sounds.
        sample_rate: of the sounds, in hertz.

    Raises:
        InnerearError: the picture cannot be written.
    """
    shown = found[:MOST_ROWS]
    more = f" (the first {len(shown)} of {len(found)})" if len(found) > len(shown) else ""
    with new_figure(path, title + more, 11.0, 0.8 + 2.1 * len(shown)) as figure:
        grid = figure.subplots(len(shown), 3, squeeze=False, width_ratios=(4, 4, 2.4))
        for row, each in zip(grid, shown, strict=True):
            overview = _overview(each.sound, sample_rate)
            _waveform(row[0], overview)
            row[0].set_title(each.objective.name + (" (dead)" if each.dead else ""))
            row[0].set_ylabel("amplitude")
            _spectrogram(row[1], overview)
            row[1].set_ylabel("frequency (Hz)")
            _rise(row[2], each)
            row[2].set_ylabel("objective")
        for axes, label in zip(grid[-1], ("time (s)", "time (s)", "step"), strict=True):
            axes.set_xlabel(label)


def process_figure(path: Path, title: str, found: MaximisedSound, sample_rate: int) -> None:
    """Draw one ascent: the noise, some steps, the final sound, and the objective at each step.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        found: with its process kept.
        sample_rate: of the sound, in hertz.

    Raises:
        InnerearError: the picture cannot be written.
    """
    last = len(found.process) - 1
    # The sound changes most at the beginning.
    steps = sorted({0, last, *np.geomspace(1, max(1, last), STAGES - 1).round().astype(int)})
    steps = [int(step) for step in steps if step <= last]
    with new_figure(path, title, 2.2 * len(steps) + 0.6, 6.4) as figure:
        grid = figure.add_gridspec(3, len(steps), height_ratios=(2, 3, 2.4))
        rows: list[list[Any]] = [[], []]
        for column, step in enumerate(steps):
            overview = _overview(found.process[step], sample_rate)
            for row, draw in zip(rows, (_waveform, _spectrogram), strict=True):
                share = row[0] if row else None
                axes = figure.add_subplot(grid[len(rows[0]) > column, column], sharey=share)
                draw(axes, overview)
                axes.tick_params(labelleft=not column)
                row.append(axes)
            words = {0: "start", last: f"end (step {last})"}
            rows[0][-1].set_title(words.get(step, f"step {step}"))
            rows[0][-1].tick_params(labelbottom=False)
            rows[1][-1].set_xlabel("time (s)")
        rows[0][0].set_ylabel("amplitude")
        rows[1][0].set_ylabel("frequency (Hz)")
        axes = figure.add_subplot(grid[2, :])
        _rise(axes, found)
        for step in steps:
            axes.axvline(step, color="#c9c9d4", linewidth=0.7, zorder=0)
        axes.set_xlabel("step (lines: the sounds above)")
        axes.set_ylabel("objective")


def _overview(sound: Float, sample_rate: int) -> Overview:
    overview = Overview(sample_rate, len(sound), columns=300)
    overview.add(sound[np.newaxis])
    overview.finish()
    return overview


def _waveform(axes: Any, overview: Overview) -> None:
    low, high = overview.envelope
    axes.stairs(high, overview.edges_seconds, baseline=low, fill=True, color=VIOLET, linewidth=0)
    axes.axhline(0, color="#8a8a99", linewidth=0.4)
    axes.set_xlim(0, overview.duration_seconds)
    if not high.any():
        axes.set_ylim(-1, 1)


def _spectrogram(axes: Any, overview: Overview) -> None:
    top = overview.sample_rate / 2
    borders = np.geomspace(LOWEST_HZ, top, _BANDS + 1)
    picture = on_log_axis(overview, borders)
    loudest = float(picture.max())
    axes.pcolormesh(
        overview.edges_seconds,
        borders,
        picture,
        vmin=loudest - _RANGE_DB,
        vmax=loudest + 1e-3,  # so that silence has one colour
        cmap="magma",
        rasterized=True,
    )
    axes.set_yscale("log")
    ticks = [hz for hz in (100, 300, 1000, 3000, 10_000) if hz < top]
    axes.set_yticks(ticks, [f"{hz // 1000} k" if hz >= 1000 else str(hz) for hz in ticks])
    axes.minorticks_off()


def _rise(axes: Any, found: MaximisedSound) -> None:
    values = [*found.rise, found.at_end]
    axes.plot(range(len(values)), values, color=VIOLET, linewidth=1.2)
    axes.set_xlim(0, max(1, len(values) - 1))
    axes.set_title(f"{found.at_start:.3g} to {found.at_end:.3g}", color=INK)
    axes.spines[["top", "right"]].set_visible(False)
