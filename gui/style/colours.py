"""The colours of the views: as of the network's cells, but from the ground of a panel. No Qt."""

from .palette import ANCHORS, Pixels, palette

GROUND = "#0f131b"


def view_palette() -> Pixels:
    """Return 256 colours, 0xffRRGGBB, whose lightness rises all the way."""
    return palette((GROUND, *ANCHORS[1:]))
