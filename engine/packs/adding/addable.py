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
        "e080f58fa3d02164c4b44c342094d4e6c1ce5c3b5f488f3201c8a50a1fdd65de",
        1_176_427,
    ),
    "wavelet-learned-instruments": Published(
        "wavelet-learned-instruments.innerear-pack",
        "70eeedabdf0a9101582f44640ea9602f27a5541cd6e123c8e695d120026583fb",
        1_301_229,
    ),
}
"""Our packs that the wheel leaves out, because no default and no shipped preset needs them -> the
file that `make dist` writes of each, below `RELEASES`. A checkout has them all."""

ADDABLE = (*PUBLISHED, *RELEASED)


def how_to_add(name: str) -> str:
    """Return what to type to have a model of `ADDABLE`; for another one, nothing."""
    return f"innerear models add {name}" if name in ADDABLE else ""
