"""The activations of each layer over the last seconds, as lanes that scroll."""

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ...engine.arrays import Float
from ...engine.packs.merged_layers import own_name
from ..style.theme import ACCENT, QUIET, TEXT, color
from .columns import Levels
from .layer_strengths import LayerStrengths
from .plots import SECONDS, LevelsItem, PlotView, TickAxis, Ticks, plot, seconds_marks

TITLE = "Layers"
MOMENTS_PER_SECOND = 30
KEPT_SECONDS = 60.0
_KEPT = round(KEPT_SECONDS * MOMENTS_PER_SECOND)
_ROWS = 12
"""Of the picture of each layer's lane; the last is the gap to the next."""
_DARKEST = 80
"""Of 256 shades: the lane of a layer with a single active unit."""
_LINES_OF_A_NAME = 0.85
_HINT, _LEAST = (20.0, 12.0), (10.5, 5.8)


class LayerAxis(TickAxis):
    """The names of the layers; those that are dreamed of are marked."""

    aimed: frozenset[str] = frozenset()

    def drawPicture(
        self, painter: QPainter, axis: object, ticks: list[object], words: list[tuple[object, ...]]
    ) -> None:
        """Draw the axis, and then the names in two colours."""
        super().drawPicture(painter, axis, ticks, [])
        for rect, flags, text in words:
            painter.setPen(color(ACCENT if text in self.aimed else QUIET))
            painter.drawText(rect, int(flags), text)  # type: ignore[call-overload]


class ActivationHistory(PlotView):
    """Shows a lane for each layer: its height is the strongest unit, its light how many join."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(_HINT, _LEAST, parent)
        self._strengths = LayerStrengths({})
        self._kept = np.zeros((0, 0, 2), np.float32)
        self.aimed: frozenset[str] = frozenset()
        """The layers that are marked."""
        self._moment: int | None = None
        self._names = LayerAxis("left", self._marks)
        self._names.setStyle(hideOverlappingLabels=False)
        self._plot = plot({"bottom": TickAxis("bottom", seconds_marks), "left": self._names})
        self._plot.setTitle(TITLE, color=TEXT, bold=True)
        self._plot.invertY()
        box = self._plot.getViewBox()
        box.setLimits(xMin=-KEPT_SECONDS, xMax=0.0, minXRange=0.1)
        box.setMouseEnabled(y=False)
        self._picture = LevelsItem()
        self._plot.addItem(self._picture)
        self._plot.setXRange(-SECONDS, 0.0, padding=0)
        self.canvas.addItem(self._plot)
        self.fit_text()
        self.setAccessibleName("Activation history")
        self.setAccessibleDescription(
            "A lane for each layer over the last seconds: the higher, the more its strongest unit"
            " is active; the lighter, the more units join"
        )
        self.setToolTip(
            "Height: the layer's strongest unit, between its lowest and highest of late."
            " Light: how many units join."
        )

    def show_activations(self, activations: Mapping[str, Float], time: float) -> None:
        """Add the newest activations.

        Args:
            activations: layer -> (units,), in network order. With other layers the history starts
                again; while there are none, nothing changes.
            time: now, in seconds of a monotonic clock.
        """
        if not activations:
            return
        layers = {name: len(units) for name, units in activations.items()}
        if layers != self._strengths.layers:
            self._strengths = LayerStrengths(layers)
            self._kept = np.zeros((0, len(layers), 2), np.float32)
            self._plot.setYRange(0.0, len(layers), padding=0)
            self._fit_names()
        moment = int(time * MOMENTS_PER_SECOND)
        count = 1 if self._moment is None else moment - self._moment
        if count < 1:
            return
        self._moment = moment
        found = self._strengths.measure(activations)[np.newaxis]
        found = np.repeat(found, min(count, _KEPT), axis=0)
        self._kept = np.concatenate((self._kept, found))[-_KEPT:]
        if moment % 2:  # drawn as often as the spectrograms
            return
        lowest = self._plot.viewRange()[0][0]
        shown = self._kept[-(int(np.ceil(-lowest * MOMENTS_PER_SECOND)) + 1) :]
        seconds = len(shown) / MOMENTS_PER_SECOND
        self._picture.show_levels(lane_levels(shown), seconds, float(len(layers)))

    def show_aim(self, layers: Iterable[str]) -> None:
        """Mark the layers that are dreamed of."""
        aimed = frozenset(layers)
        if aimed != self.aimed:
            self.aimed = aimed
            self._fit_names()

    def strengths(self) -> Float:
        """Return the newest moments, [moments, layers, 2]; see `LayerStrengths.measure`."""
        return self._kept

    def fit_text(self) -> None:
        """Write in the window's font, and give the names the room that they need."""
        super().fit_text()
        self._fit_names()

    def _fit_names(self) -> None:
        names = [own_name(name) for name in self._strengths.layers]
        widths = [self.fontMetrics().horizontalAdvance(name) for name in names]
        self._names.setWidth(max(widths, default=0) + 12)
        self._names.aimed = frozenset(map(own_name, self.aimed))
        self._names.redraw()

    def _marks(self, lowest: float, highest: float, size: float) -> Ticks:
        """Return the names of the layers: of all that have room, and of those that are marked."""
        layers = list(self._strengths.layers)
        stride = max(1, int(np.ceil(_LINES_OF_A_NAME * len(layers) / max(size, 1.0))))
        aimed = [at for at, name in enumerate(layers) if name in self.aimed]
        named = [
            at
            for at in range(0, len(layers), stride)
            if all(abs(at - each) >= stride for each in aimed)
        ]
        return [(at + 0.5, own_name(layers[at])) for at in (*named, *aimed)]


def lane_levels(strengths: Float) -> Levels:
    """Return the picture of lanes, uint8 [moments, rows], from above.

    Args:
        strengths: [moments, layers, 2]; see `LayerStrengths.measure`.
    """
    # The height of each row of a lane; the gap is never lit.
    heights = 1.0 - (np.arange(_ROWS - 1) + 0.5) / (_ROWS - 1)
    heights = np.append(2.0, heights)
    strongest, joining = strengths[..., :1], strengths[..., 1:]
    lit = heights <= strongest
    shades = np.where(lit, _DARKEST + (255 - _DARKEST) * joining, 0.0)
    return np.asarray(shades.reshape(len(strengths), -1), np.uint8)
