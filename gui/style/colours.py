"""The colours of the views: those of the cells, from a panel's background upwards. No Qt."""

from .palette import ANCHORS, Pixels, palette

GROUND = "#0f131b"


def view_palette() -> Pixels:
    """Return 256 colours as 0xffRRGGBB, from dark to light."""
    return palette((GROUND, *ANCHORS[1:]))
