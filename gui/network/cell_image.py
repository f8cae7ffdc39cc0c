"""One image of all cells: each pixel looks up the light of its unit."""

import numpy as np
from PySide6.QtGui import QImage

from ...engine.arrays import Float
from ..style.palette import STEPS, palette
from .layout import Layout


class CellImage:
    """Draws the light of all units in the device's pixels."""

    def __init__(self, layout: Layout, ratio: float) -> None:
        """Make an image without light.

        Args:
            layout: where the cells lie, in the device's pixels.
            ratio: the device's pixels for each unit of the widget.
        """
        self._palette = palette()
        self._map = layout.index_map()
        self._pixels = np.zeros(self._map.shape, np.uint32)
        height, width = self._map.shape
        self.image = QImage(
            self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        self.image.setDevicePixelRatio(ratio)

    def draw(self, light: Float) -> None:
        """Draw the light of all units.

        Args:
            light: (units,), 0 to 1, layer after layer.
        """
        colours = np.zeros(len(light) + 1, np.uint32)  # the last is clear: no cell
        colours[:-1] = self._palette[(light * (STEPS - 1)).astype(np.intp)]
        np.take(colours, self._map, out=self._pixels, mode="clip")
