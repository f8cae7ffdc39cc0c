"""A figure of who hears a dream: each listener's score of the target before and after."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .style import GREY, VIOLET, new_figure

Bars = Mapping[str, Mapping[str, tuple[float, float]]]
"""What was done to the sounds -> listener -> mean score before and after, 0..1."""


def transfer_figure(path: Path, title: str, bars: Bars) -> None:
    """Draw two bars, before and after, for each listener: one panel for each way.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        bars: the scores.

    Raises:
        InnerearError: the picture cannot be written.
    """
    listeners = max(len(each) for each in bars.values())
    with new_figure(path, title, 2.2 + 2.9 * len(bars), 1.2 + 0.34 * listeners) as figure:
        panels = figure.subplots(1, len(bars), squeeze=False, sharex=True, sharey=True)[0]
        for axes, (way, scores) in zip(panels, bars.items(), strict=True):
            places = np.arange(len(scores))
            before, after = np.array(list(scores.values())).T
            axes.barh(places - 0.2, before, 0.36, color=GREY, label="before")
            axes.barh(places + 0.2, after, 0.36, color=VIOLET, label="after")
            for place, value in zip(places, after, strict=True):
                axes.text(value + 0.01, place + 0.2, f"{value:.2f}", va="center", fontsize=7)
            axes.set_yticks(places, list(scores))
            axes.set_title(way)
            axes.set_xlabel("mean score of the target")
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        panels[0].invert_yaxis()
        panels[0].set_xlim(0, 1.1)
        panels[-1].legend(loc="lower right", frameon=False)
