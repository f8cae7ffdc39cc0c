"""The style of all figures, and writing them to files, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InnerearError
from ..files import check_output, write_beside
from ..optional import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
INK = "#1b1b26"
VIOLET = "#4b3f72"
GREY = "#8a8a99"
STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "innerear",
}
# A date would make the same picture different bytes.
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


def check_figure_output(path: Path) -> None:
    """Check that a figure can be written at `path`, before it is computed.

    Raises:
        InnerearError: the suffix is unknown, the folder is missing or not writable, or matplotlib
            is not installed.
    """
    require("figures need", "matplotlib")
    if path.suffix.lower() not in SUFFIXES:
        raise InnerearError(
            f"{path}: a figure's name ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        )
    check_output(path)


@contextmanager
def new_figure(
    path: Path, title: str, width: float, height: float, dpi: int = 140
) -> Iterator["Figure"]:
    """Return an empty figure in the common style; on exit, write it.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it, at the left.
        width: in inches.
        height: in inches.
        dpi: pixels per inch, of a .png.

    Yields:
        the figure to draw in.

    Raises:
        InnerearError: the picture cannot be written.
    """
    check_figure_output(path)
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        yield figure
        for text in figure.findobj(Text):  # the name of a file need not be UTF-8
            text.set_text(text.get_text().encode(errors="surrogateescape").decode(errors="replace"))
        suffix = path.suffix.lower()
        with write_beside(path) as temporary:
            figure.savefig(
                temporary, dpi=dpi, format=suffix.removeprefix("."), metadata=_METADATA[suffix]
            )
