"""A picture that scrolls to the left as columns are added; only these are drawn."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

Pixels = NDArray[np.uint32]


class ScrollPicture:
    """A ring buffer of columns in the device's pixels, so that nothing is scaled."""

    def __init__(self, width: int, height: int, ground: np.uint32) -> None:
        """Start empty.

        Args:
            width, height: in the device's pixels, at least 1.
            ground: the colour before the first column, 0xffRRGGBB.
        """
        self.width, self.height = max(1, width), max(1, height)
        self._pixels = np.full((self.height, self.width), ground, np.uint32)
        self._image = QImage(
            self._pixels.data,
            self.width,
            self.height,
            4 * self.width,
            QImage.Format.Format_RGB32,
        )
        self._at = 0

    def add(self, columns: Pixels) -> None:
        """Add columns on the right.

        Args:
            columns: uint32 (height, columns), 0xffRRGGBB, the oldest first.
        """
        columns = columns[:, -self.width :]
        first = min(columns.shape[1], self.width - self._at)
        self._pixels[:, self._at : self._at + first] = columns[:, :first]
        self._pixels[:, : columns.shape[1] - first] = columns[:, first:]
        self._at = (self._at + columns.shape[1]) % self.width

    def pixels(self) -> Pixels:
        """Return a copy of the picture, uint32 (height, width), the newest column last."""
        return np.roll(self._pixels, -self._at, axis=1)

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw the picture into an area of its size, in the widget's units."""
        split = area.width() * (self.width - self._at) / self.width
        older = QRectF(area.left(), area.top(), split, area.height())
        newer = QRectF(area.left() + split, area.top(), area.width() - split, area.height())
        at, rest = self._at, self.width - self._at
        painter.drawImage(older, self._image, QRectF(at, 0, rest, self.height))
        if at:
            painter.drawImage(newer, self._image, QRectF(0, 0, at, self.height))
