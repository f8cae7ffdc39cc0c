"""What a model pack says about itself: its manifest, read and checked."""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from ..errors import ModelError
from ..files import read_json

SCHEMA_VERSION = 2
"""Since 2, the large tensors of graphs may be in a file of their own, `TENSORS_FILE`."""
MANIFEST_FILE = "manifest.json"
HEAR_FILE = "hear.onnx"
DREAM_FILE = "dream.onnx"
AURALISE_FILE = "auralise.onnx"
GRAPH_FILES = (HEAR_FILE, DREAM_FILE, AURALISE_FILE)
TENSORS_FILE = "tensors.bin"
TEMPLATES_FILE = "templates.npz"
WEIGHTS_FILE = "weights.safetensors"
OUTPUT_LAYER = "output"
TEMPLATE_BINS = 513

# Names that the graphs already give to other tensors.
_RESERVED = {"waveform", "rule", "objective", "gradient"}
_HELD_OUT = "held-out "
_MOST_BYTES = 8_000_000
_MOST_SAMPLES = 10_000_000
_MOST_UNITS, _MOST_UNITS_OF_ALL = 65_536, 1_000_000
_MOST_FILES = 100
_LONGEST_LINE = 500
_NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that end a line or do something to a terminal."""
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

PackName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
LayerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


def _plain(text: str) -> str:
    if len(text) > _LONGEST_LINE or any(category(each) in _NO_TEXT for each in text):
        raise ValueError(f"write one line of at most {_LONGEST_LINE} characters")
    return text


Line = Annotated[str, AfterValidator(_plain)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class LayerInfo(BaseModel):
    """One layer of a network; lengths are in samples at the pack's rate.

    Attributes:
        name: as in the graphs.
        units: feature maps of the layer.
        hop: samples between two frames of the layer; the window, where it has a single frame.
        receptive_field: samples that one frame sees.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: LayerName
    units: int = Field(ge=1, le=_MOST_UNITS)
    hop: int = Field(ge=1, le=_MOST_SAMPLES)
    receptive_field: int = Field(ge=1, le=100 * _MOST_SAMPLES)


class Architecture(BaseModel):
    """Which torch module the weights belong to, so that it can be built again.

    Attributes:
        name: of the architecture, as `innerear.models` knows it.
        settings: the keyword arguments it is built with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    settings: dict[str, Any] = Field(default_factory=dict)


class Manifest(BaseModel):
    """A pack's `manifest.json`.

    Attributes:
        schema_version: of this format; a newer one is refused.
        name: of the pack, as one types it.
        title: of the pack, as one shows it.
        sample_rate: that the network listens at, in hertz.
        window: samples that the network takes at once.
        hop: samples between two windows when it listens to a stream.
        front_end: one phrase on what stands before the first convolution.
        layers: in network order; the last is `output`.
        classes: names of the units of `output`.
        files: name of each file in the pack's folder -> its SHA-256, in lower-case hexadecimal; of
            a graph whose tensors are in `TENSORS_FILE`, that of the graph with them in it.
        licence: of the weights.
        training_data: what the network was trained on, and under which licence.
        accuracy: what was measured -> the share of right answers, 0..1.
        architecture: the torch module behind the graphs, where there is one.
        origin: name of the pack whose weights the training began with; empty where there is none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int
    name: PackName
    title: Annotated[Line, Field(min_length=1)]
    sample_rate: int = Field(ge=1000, le=384_000)
    window: int = Field(ge=1, le=_MOST_SAMPLES)
    hop: int = Field(ge=1, le=_MOST_SAMPLES)
    front_end: Line
    layers: tuple[LayerInfo, ...] = Field(min_length=1, max_length=1000)
    classes: tuple[Line, ...] = Field(min_length=1, max_length=_MOST_UNITS)
    files: dict[str, Sha256] = Field(max_length=_MOST_FILES)
    licence: str
    training_data: str
    accuracy: dict[str, float] = Field(default_factory=dict)
    architecture: Architecture | None = None
    origin: Line = ""

    def accuracy_in_words(self, most: int | None = None) -> str:
        """Return how often the network is right, as `accuracy (held out): 81.5 % (sounds)`.

        Args:
            most: how many figures at most, the first first; None for all.
        """
        groups: dict[str, list[str]] = {}
        for what, share in list(self.accuracy.items())[:most]:
            held_out = what.startswith(_HELD_OUT)
            kind, of = ("held out", what.removeprefix(_HELD_OUT)) if held_out else (what, "")
            groups.setdefault(kind, []).append(f"{100 * share:.1f} %" + (f" ({of})" if of else ""))
        return "; ".join(f"accuracy ({kind}): {', '.join(each)}" for kind, each in groups.items())

    @field_validator("files")
    @classmethod
    def _plain_names(cls, files: dict[str, str]) -> dict[str, str]:
        for name in files:
            if not _FILE_NAME.fullmatch(name) or name == MANIFEST_FILE:
                raise ValueError(f"{name!r} is not the plain name of a file in the pack's folder")
        for name in (HEAR_FILE, DREAM_FILE):
            if name not in files:
                raise ValueError(f"{name} is missing from the list")
        return files

    @model_validator(mode="after")
    def _fits_together(self) -> "Manifest":
        names = [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise ValueError("two layers have the same name")
        if taken := _RESERVED.intersection(names):
            raise ValueError(f"a layer cannot be called {min(taken)!r}")
        if sum(layer.units for layer in self.layers) > _MOST_UNITS_OF_ALL:
            raise ValueError(f"the layers have more than {_MOST_UNITS_OF_ALL} units")
        if names[-1] != OUTPUT_LAYER:
            raise ValueError(f"the last layer is called {names[-1]!r}, not {OUTPUT_LAYER!r}")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("two classes have the same name")
        if self.layers[-1].units != len(self.classes):
            raise ValueError(
                f"{len(self.classes)} classes for {self.layers[-1].units} units of {OUTPUT_LAYER!r}"
            )
        return self


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of the pack in `folder`.

    Raises:
        ModelError: where there is none, it is of a newer schema, or it says something impossible.
    """
    path = folder / MANIFEST_FILE
    try:
        if path.is_symlink():
            raise ModelError(f"{path} is a link; a pack's files must lie in its own folder.")
        content = read_json(path, _MOST_BYTES)
    except FileNotFoundError:
        raise ModelError(f"{folder} is not a model pack: it has no {MANIFEST_FILE}.") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # of JSON, of its encoding, or of its length
        raise ModelError(f"{path} is not valid JSON: {error}.") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ModelError(f"{path} has no usable schema_version: {version!r}.")
    if version > SCHEMA_VERSION:
        raise ModelError(
            f"{path} has schema_version {version}, this Innerear reads up to {SCHEMA_VERSION}: "
            "install a newer Innerear."
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise ModelError(f"{path}: {where + ': ' if where else ''}{what}.") from None


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(manifest: Manifest, folder: Path, file: str = MANIFEST_FILE) -> Path:
    """Write `manifest` into `folder`, as JSON that people can read; return the file's path."""
    path = folder / file
    text = json.dumps(manifest.model_dump(exclude_none=True), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path
