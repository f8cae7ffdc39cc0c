"""The filter that is dreamed now: its gains, on the spectrograms' axis of frequencies."""

import numpy as np
import pyqtgraph as pg

from ...engine.arrays import Float
from ...engine.parameters import PARAMETERS
from ..style.theme import ACCENT, FAINT, TEXT, color
from .columns import ROWS
from .frequency_axis import FrequencyAxis
from .plots import TickAxis, Ticks, plot

MOST_DB = PARAMETERS["range_db"].maximum
"""Shown either way; as far as a filter goes."""
_MARKS: Ticks = [(-12.0, "\N{MINUS SIGN}12"), (12.0, "+12")]


class DreamedFilter:
    """A curve of gains in decibels; empty where no filter is dreamed."""

    def __init__(self, axis: FrequencyAxis) -> None:
        """Show no filter.

        Args:
            axis: of the frequencies, in rows.
        """
        self.plot = plot({"bottom": TickAxis("bottom", lambda *_: _MARKS)})
        self.plot.setTitle("Filter, dB", color=TEXT, bold=True)
        self.plot.getViewBox().setMouseEnabled(x=False)
        self.plot.setXRange(-MOST_DB, MOST_DB, padding=0)
        self.plot.addItem(pg.InfiniteLine(0.0, angle=90, pen=pg.mkPen(color(FAINT))))
        self._curve = pg.PlotDataItem(pen=pg.mkPen(color(ACCENT)))
        self.plot.addItem(self._curve)
        self._hertz = axis.centres(ROWS)
        self.gains_db: Float | None = None
        """Of each row, (rows,); None where no filter is dreamed."""

    def show_gains(self, gains_db: Float | None, sample_rate: int) -> None:
        """Show a filter.

        Args:
            gains_db: in decibels, (bins,), from 0 Hz to half the sample rate; None for none.
            sample_rate: in hertz.
        """
        if gains_db is None:
            if self.gains_db is not None:
                self._curve.setData([], [])
            self.gains_db = None
            return
        hertz = np.linspace(0.0, sample_rate / 2, len(gains_db))
        found = np.interp(self._hertz, hertz, gains_db)
        self.gains_db = np.asarray(np.clip(found, -MOST_DB, MOST_DB), np.float32)
        self._curve.setData(self.gains_db, np.arange(ROWS) + 0.5)
