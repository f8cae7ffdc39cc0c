"""The spectrum of a unit's template: what the unit listens for."""

from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from ...engine.arrays import Float
from ..style.theme import ACCENT, FAINT, color
from .plots import PlotView, TickAxis, Ticks, plot

LOWEST_HERTZ = 50.0
FLOOR_DB = -50.0
BANDS = 72
_HINT, _LEAST = (13.0, 5.8), (5.2, 3.1)
_MARKS = ((100, "100"), (1000, "1k"), (10_000, "10k"))


def banded_levels(magnitudes: Float, top_hertz: float) -> Float:
    """Return a spectrum's peaks in bands of equal width on a logarithmic axis of frequency.

    Args:
        magnitudes: float32 [bins], from 0 Hz to `top_hertz`, peak 1.
        top_hertz: half the sample rate.

    Returns:
        float32 [BANDS], 0 (at `FLOOR_DB` or below) to 1.
    """
    hertz = np.linspace(0, top_hertz, len(magnitudes))
    edges = np.geomspace(LOWEST_HERTZ, top_hertz, BANDS + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    peaks = np.interp(centres, hertz, magnitudes)  # low bands are narrower than a bin
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = magnitudes[(hertz >= low) & (hertz < high)]
        peaks[band] = max(peaks[band], inside.max(initial=0.0))
    decibels = 20 * np.log10(np.maximum(peaks, 1e-6))
    return np.asarray(np.clip(1 - decibels / FLOOR_DB, 0, 1), np.float32)


class UnitSpectrum(PlotView):
    """Shows a template's levels over frequency."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(_HINT, _LEAST, parent)
        self._top_hertz = 8000.0
        self._plot = plot({"bottom": TickAxis("bottom", self._marks)})
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setXRange(0.0, BANDS, padding=0)
        self._plot.setYRange(0.0, 1.02, padding=0)
        self._curve = pg.PlotDataItem(
            pen=pg.mkPen(color(ACCENT)), fillLevel=0.0, brush=color(ACCENT, 0.25)
        )
        self._nothing = pg.TextItem("no template", color=color(FAINT), anchor=(0.5, 0.5))
        self._nothing.setPos(BANDS / 2, 0.5)
        for item in (self._curve, self._nothing):
            self._plot.addItem(item)
        self.canvas.addItem(self._plot)
        self.fit_text()
        self.setAccessibleName("Spectrum of the unit's template")

    def show_spectrum(self, magnitudes: Float, top_hertz: float) -> None:
        """Show a template: float32 [bins], peak 1, from 0 Hz to `top_hertz`; zeros for none."""
        self._top_hertz = top_hertz
        self._nothing.setVisible(not magnitudes.any())
        levels = banded_levels(magnitudes, top_hertz) if magnitudes.any() else np.zeros(0)
        self._curve.setData(np.arange(len(levels)) + 0.5, levels)
        self._plot.getAxis("bottom").redraw()

    def fit_text(self) -> None:
        """Write in the window's font."""
        super().fit_text()
        self._nothing.setFont(self.font())

    def _marks(self, lowest: float, highest: float, size: float) -> Ticks:
        span = np.log(self._top_hertz / LOWEST_HERTZ)
        return [
            (BANDS * float(np.log(hertz / LOWEST_HERTZ) / span), name)
            for hertz, name in _MARKS
            if hertz < self._top_hertz
        ]
