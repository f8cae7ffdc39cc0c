"""The activations of each layer over the last seconds, as lanes that scroll."""

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ...engine.arrays import Float
from ...engine.packs.merged_layers import own_name
from ..controls.drawn_view import DrawnView
from ..style.colours import view_palette
from ..style.theme import ACCENT, QUIET, TEXT, color, font, pixel_size
from .columns import COLUMNS_PER_SECOND
from .layer_strengths import LayerStrengths
from .scroll import ScrollPicture

TITLE = "Layers"
MOMENTS_PER_SECOND = 30
_PIXELS = COLUMNS_PER_SECOND // MOMENTS_PER_SECOND
"""The width of one moment: time has the scale of the spectrograms."""
_KEPT = 2048
"""Moments, to draw them again in another size."""
_DARKEST = 80
"""Of 256 shades: the lane of a layer with a single active unit."""
_HINT, _LEAST = QSize(300, 190), QSize(160, 90)


class ActivationHistory(DrawnView):
    """Shows a lane for each layer: its height is the strongest unit, its light how many join."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(_HINT, _LEAST, parent)
        self._strengths = LayerStrengths({})
        self._kept = np.zeros((0, 0, 2), np.float32)
        self.aimed: frozenset[str] = frozenset()
        """The layers that are marked."""
        self._palette = view_palette()
        self._picture: ScrollPicture | None = None
        self._moment: int | None = None
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
            self.refit()
        moment = int(time * MOMENTS_PER_SECOND)
        count = 1 if self._moment is None else moment - self._moment
        if count < 1:
            return
        self._moment = moment
        found = self._strengths.measure(activations)[np.newaxis]
        found = np.repeat(found, min(count, _KEPT), axis=0)
        self._kept = np.concatenate((self._kept, found))[-_KEPT:]
        if self._picture is not None:
            self._picture.add(self._pixels(found))
        self.update()

    def show_aim(self, layers: Iterable[str]) -> None:
        """Mark the layers that are dreamed of."""
        aimed = frozenset(layers)
        if aimed != self.aimed:
            self.aimed = aimed
            self.redraw_ground()

    def strengths(self) -> Float:
        """Return the newest moments, [moments, layers, 2]; see `LayerStrengths.measure`."""
        return self._kept

    # Drawing

    def lay_out(self) -> None:
        """Place the lanes, and draw the kept moments in their new size."""
        ratio = self.ratio
        if self.width() < 2 or self.height() < 2:
            self._picture = None
            return
        line = self.fontMetrics().height()
        names = map(own_name, self._strengths.layers)
        widths = [self.fontMetrics().horizontalAdvance(name) for name in names]
        left = min(max(widths, default=0) * 0.85 + 12, self.width() * 0.4)
        left, top = (round(each * ratio) / ratio for each in (left, line * 1.35))
        width = max(1, int((self.width() - left) * ratio))
        height = max(1, int((self.height() - top - line * 1.15) * ratio))
        self._area = QRectF(left, top, width / ratio, height / ratio)
        lanes = max(1, len(self._strengths.layers))
        edges = np.linspace(0, height, lanes + 1).round().astype(int)
        self._lane = np.repeat(np.arange(lanes), np.diff(edges))
        # How high each row of pixels is in its lane, 0 to 1; gaps between lanes are never lit.
        rows, room = edges[1:][self._lane] - np.arange(height), np.diff(edges)[self._lane]
        gap = np.clip(np.round(0.16 * room), 1, room - 1)
        self._threshold = np.where(rows > room - gap, 2.0, (rows - 0.5) / np.maximum(1, room - gap))
        self._picture = ScrollPicture(width, height, self._palette[0])
        if self._strengths.layers:
            self._picture.add(self._pixels(self._kept[-width:]))

    def _pixels(self, found: Float) -> np.ndarray:
        """Return moments as the device's pixels, (height, moments times pixels of each)."""
        strongest, joining = found[:, self._lane, 0].T, found[:, self._lane, 1].T
        shades = (_DARKEST + (255 - _DARKEST) * joining).astype(np.uint8)
        lit = self._threshold[:, None] <= strongest
        colours = np.where(lit, self._palette[shades], self._palette[0])
        return np.repeat(colours, _PIXELS * max(1, round(self.ratio)), axis=1)

    def paint_content(self, painter: QPainter) -> None:
        """Draw the lanes."""
        if self._picture is not None:
            self._picture.paint(painter, self._area)

    def paint_ground(self, painter: QPainter) -> None:
        """Draw the title, the names of the layers, and the mark of time."""
        if self._picture is None:
            return
        pixels = pixel_size(self)
        area, vertical = self._area, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(pixels * 0.92, bold=True))
        painter.setPen(color(TEXT))
        painter.drawText(QRectF(area.left(), 0, area.width(), area.top()), vertical, TITLE)
        names = list(self._strengths.layers)
        height = area.height() / max(1, len(names))
        stride = max(1, -(-int(pixels * 1.1) // max(1, int(height))))
        for at, name in enumerate(names):
            if at % stride and name not in self.aimed:
                continue
            aimed = name in self.aimed
            painter.setFont(font(min(pixels * 0.85, max(height, 9)), bold=aimed))
            painter.setPen(color(ACCENT if aimed else QUIET))
            place = QRectF(0, area.top() + at * height, area.left() - 6, height)
            flags = vertical | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextDontClip
            painter.drawText(place, flags, own_name(name))
        painter.setFont(font(pixels * 0.8))
        metrics = painter.fontMetrics()
        painter.setPen(color(QUIET))
        left = area.right() - metrics.horizontalAdvance("now")
        painter.drawText(round(left), self.height() - metrics.descent(), "now")
