"""The figure of who hears a dream is drawn whole, the same bytes each time."""

from pathlib import Path

import pytest
from matplotlib import image

from innerear.engine.errors import InnerearError
from innerear.engine.plots.transfer_plots import transfer_figure

BARS = {
    "dream": {"one (dreams)": (0.02, 0.99), "other": (0.02, 0.05)},
    "example": {"one (dreams)": (0.02, 0.3), "other": (0.02, 0.25)},
}


def test_a_panel_for_each_way(tmp_path: Path) -> None:
    one, again = tmp_path / "one.png", tmp_path / "again.png"
    for path in (one, again):
        transfer_figure(path, "who hears the dream", BARS)
    assert one.read_bytes() == again.read_bytes()
    transfer_figure(tmp_path / "half.png", "who hears the dream", {"dream": BARS["dream"]})
    widths = [image.imread(path).shape[1] for path in (tmp_path / "half.png", one)]
    assert widths[1] > 1.4 * widths[0]


def test_a_suffix_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InnerearError, match=r"\.png"):
        transfer_figure(tmp_path / "bars.bmp", "", BARS)
