"""Builds YAMNet's pack from the weights that Google publishes."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ...engine.analysis.quick_templates import DRAWS, quick_templates
from ...engine.errors import ModelError
from ...engine.packs.adding.download import Published, download
from ...engine.packs.manifest import Architecture
from ...engine.packs.pack import user_folder
from ...engine.packs.pack_files import add_templates
from ...engine.packs.store import adding
from ..networks.yamnet import yamnet_geometry
from .pack import write_layers
from .yamnet_card import yamnet_card

NAME = "yamnet"
TITLE = "YAMNet, 521 kinds of sound"
LICENCE = "Apache-2.0"
TRAINING_DATA = (
    "AudioSet (Gemmeke et al., 2017): two million ten-second sound tracks of videos, labelled by "
    "people; trained by Google"
)
WEIGHTS = Published(
    "https://storage.googleapis.com/audioset/yamnet.h5",
    "13c3308955bbfaef262f175ac9c40e47b134573a93984f009220dd7cc12a1744",
    15_296_092,
)
"""The file that YAMNet's own page names: every weight in float32."""
KNOWN_FILES = {
    WEIGHTS.sha256: "yamnet.h5",
    "469be6a3421cbc52cf97e9f2f966cba984198e8e7af9854d68b3e3ebb1e04194": "yamnet.tflite",
}
"""Checksum -> name of files that Google published."""


Bar = Callable[[str, float], AbstractContextManager[Callable[[float], None]]]
"""Shows progress: called with a title and the total amount of work; gives a function to call with
the amount that is done."""


@contextmanager
def _no_bar(title: str, total: float) -> Iterator[Callable[[float], None]]:
    yield lambda done: None


def add_yamnet(weights: Path | None = None, bar: Bar = _no_bar) -> tuple[Path, bool]:
    """Add YAMNet's pack to the user's own, whole or not at all.

    Args:
        weights: a file of them; None downloads Google's.
        bar: shows how far each part of the work is.

    Returns:
        where the pack is, and whether the weights are a file that Google published.

    Raises:
        ModelError: there is no such file, it is damaged, or it cannot be fetched.
    """
    if weights is not None and not weights.is_file():
        raise ModelError(f"There is no file {weights}.")
    with adding(NAME) as folder:
        if weights is None:
            weights = folder.parent / Path(WEIGHTS.url).name
            try:
                with bar("downloading YAMNet's weights", WEIGHTS.size) as progress:
                    download(WEIGHTS, weights, progress)
            except ModelError as problem:
                raise ModelError(
                    f"{problem} Try again later, or give a file: innerear models add yamnet --from "
                    f"{weights.name}"
                ) from problem
        checksum = weights_checksum(weights)
        with bar("building the pack", DRAWS) as progress:
            build_yamnet_pack(weights, folder, progress=progress)
    return user_folder() / NAME, checksum in KNOWN_FILES


def build_yamnet_pack(
    weights: Path,
    folder: Path,
    draws: int = DRAWS,
    progress: Callable[[float], None] = lambda done: None,
) -> None:
    """Import YAMNet's weights and write its pack.

    Args:
        weights: `yamnet.h5` or `yamnet.tflite`.
        folder: of the pack; what was there is replaced.
        draws: noises that the units' templates are found with; see `quick_templates`.
        progress: called with the number of noises that have been heard so far.

    Raises:
        ModelError: the weights are damaged or of another network.
    """
    # Imported here, because it loads the whole exporter.
    from ...exporters.importers.yamnet import import_yamnet
    from ...exporters.pack_writer import write_pack

    network = import_yamnet(weights)
    layers = yamnet_geometry()
    checksum = weights_checksum(weights)
    write_pack(
        network,
        folder,
        name=NAME,
        title=TITLE,
        licence=LICENCE,
        training_data=TRAINING_DATA,
        card=yamnet_card(layers, checksum, KNOWN_FILES.get(checksum), draws),
        architecture=Architecture(name=NAME),
    )
    write_layers(folder, layers)
    add_templates(folder, quick_templates(folder, draws=draws, progress=progress))


def weights_checksum(path: Path) -> str:
    """Return the SHA-256 of a file of weights.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from None
