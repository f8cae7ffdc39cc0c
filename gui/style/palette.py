"""The colours of the network's cells, from dark to light. No Qt."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]

ANCHORS = ("#1b212c", "#332a52", "#6d3374", "#b8476a", "#ee7b4c", "#ffbf5f", "#fff6dd")
STEPS = 256


def palette(anchors: tuple[str, ...] = ANCHORS) -> Pixels:
    """Return colours that are interpolated between anchors.

    Args:
        anchors: colours as #RRGGBB, the darkest first.

    Returns:
        uint32 [256], 0xffRRGGBB, from the first anchor to the last.
    """
    stops = np.array([[int(a[at : at + 2], 16) for at in (1, 3, 5)] for a in anchors], float)
    places = np.linspace(0, len(anchors) - 1, STEPS)
    red, green, blue = (
        np.interp(places, range(len(anchors)), stops[:, part]).round().astype(np.uint32)
        for part in range(3)
    )
    colours: Pixels = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    return colours
