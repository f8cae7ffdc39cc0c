"""Draws the icon, a cochlea in the colours of the network's cells: an SVG and a PNG.

QT_QPA_PLATFORM=offscreen python release/draw_icon.py
"""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from innerear.desktop.entry import ICON
from innerear.gui.style.colours import GROUND
from innerear.gui.style.palette import ANCHORS, palette

SIZE = 256
MARGIN = 0.11 * SIZE
TURNS = 2.4
CELLS = 40
"""Dots along the spiral: hair cells, each of one frequency; those of low ones are at the apex."""


def cells() -> list[tuple[float, float, float, str]]:
    """Return the dots as x, y, radius and colour, from the outer end to the inner one."""
    colours = palette(ANCHORS[2:])
    places = []
    for number in range(CELLS):
        share = number / (CELLS - 1)
        # The square root keeps the steps along the spiral equal.
        radius = 0.06 + 0.94 * math.sqrt(1 - share)
        angle = 2 * math.pi * (TURNS * (1 - radius) - 0.12)
        wave = 0.5 + 0.5 * math.cos(2 * math.pi * 2.5 * share)  # a wave runs along it
        places.append((radius * math.cos(angle), radius * math.sin(angle), 0.045 + 0.07 * wave))
    low = [min(place[axis] - place[2] for place in places) for axis in (0, 1)]
    high = [max(place[axis] + place[2] for place in places) for axis in (0, 1)]
    scale = (SIZE - 2 * MARGIN) / max(high[axis] - low[axis] for axis in (0, 1))
    middle = [(low[axis] + high[axis]) / 2 for axis in (0, 1)]
    return [
        (
            SIZE / 2 + scale * (x - middle[0]),
            SIZE / 2 + scale * (y - middle[1]),
            scale * dot,
            f"#{int(colours[int(255 * (0.12 + 0.88 * at / (CELLS - 1)))]) & 0xFFFFFF:06x}",
        )
        for at, (x, y, dot) in enumerate(places)
    ]


def svg() -> str:
    """Return the icon as SVG."""
    dots = "".join(
        f'  <circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="{colour}"/>\n'
        for x, y, radius, colour in cells()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">\n'
        f'  <rect width="{SIZE}" height="{SIZE}" rx="{SIZE * 0.2:g}" fill="{GROUND}"/>\n'
        f"{dots}</svg>\n"
    )


def main() -> None:
    """Write both files."""
    drawn = svg()
    ICON.with_suffix(".svg").write_text(drawn, encoding="utf-8")
    application = QGuiApplication([])
    image = QImage(SIZE, SIZE, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(drawn.encode()).render(painter)
    painter.end()
    image.save(str(ICON))
    application.quit()


if __name__ == "__main__":
    main()
