"""Packs that are known by name and need not be here: `innerear models add` adds them."""

from .download import Published

PUBLISHED = ("yamnet",)
"""Networks that others publish."""

RELEASES: str | None = None
"""Address of the folder with the files of a release, without a slash at the end; None as long as
there is no release to download from."""

RELEASED = {
    "stftcnn12-instruments": Published(
        "stftcnn12-instruments.innerear-pack",
        "753da199de571fc9f337ebfe716c5c71a2122f9e92d1d9ad3358a89c0c68d5a2",
        2_702_600,
    ),
    "wavelet-learned-instruments": Published(
        "wavelet-learned-instruments.innerear-pack",
        "b53aaf2793fd0b2a8bacf305a72de423bcf42ef8f81f525219bb2c40fe56be8f",
        2_364_928,
    ),
}
"""Our packs that the wheel leaves out, because no default and no shipped preset needs them -> the
file that `make dist` writes of each, below `RELEASES`. A checkout has them all."""

ADDABLE = (*PUBLISHED, *RELEASED)


def how_to_add(name: str) -> str:
    """Return what to type to have a model of `ADDABLE`; for another one, nothing."""
    return f"innerear models add {name}" if name in ADDABLE else ""
