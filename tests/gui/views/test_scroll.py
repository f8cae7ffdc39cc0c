"""The scrolling picture shows its columns in order."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from innerear.gui.views.scroll import ScrollPicture

GROUND = np.uint32(0xFF000000)


def _columns(first: int, count: int) -> np.ndarray:
    return np.tile(GROUND + np.arange(first, first + count, dtype=np.uint32), (3, 1))


def test_columns_are_painted_in_order_whatever_their_grouping() -> None:
    picture = ScrollPicture(10, 3, GROUND)
    at = 1
    for count in (4, 3, 6, 0, 1, 10, 25, 7):
        picture.add(_columns(at, count))
        at += count
        expected = np.maximum(GROUND + np.arange(at - 10, at), GROUND).astype(np.uint32)
        np.testing.assert_array_equal(picture.pixels()[1], expected)
        image = QImage(10, 3, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        picture.paint(painter, QRectF(0, 0, 10, 3))
        painter.end()
        assert [image.pixel(x, 2) for x in range(10)] == expected.tolist()
