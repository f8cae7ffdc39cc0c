"""Keeps the results of a long search batch by batch, so that it can go on where it stopped."""

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float, read_arrays
from ..errors import InnerearError
from ..files import disk_error, parse_json, write_beside
from .batch_ascent import MaximisedSound

SETTINGS_FILE = "settings.json"
_MORE_NUMBERS = 10_000
"""That a batch may keep of a unit, besides its sound."""


@dataclass(frozen=True)
class BatchResults:
    """The results of one batch, or of several joined, as arrays.

    Attributes:
        sound: float32 [units, window].
        template: float32 [units, 513].
        at_start: float32 [units].
        at_end: float32 [units].
        dead: bool [units].
        steps: int64 [units].
    """

    sound: Float
    template: Float
    at_start: Float
    at_end: Float
    dead: NDArray[np.bool_]
    steps: NDArray[np.int64]

    @classmethod
    def of(cls, found: Sequence[MaximisedSound]) -> "BatchResults":
        """Gather the results of a batch."""
        return cls(
            sound=np.stack([each.sound for each in found]),
            template=np.stack([each.template for each in found]),
            at_start=np.array([each.at_start for each in found], np.float32),
            at_end=np.array([each.at_end for each in found], np.float32),
            dead=np.array([each.dead for each in found], bool),
            steps=np.array([each.steps for each in found], np.int64),
        )

    @classmethod
    def joined(cls, parts: Sequence["BatchResults"]) -> "BatchResults":
        """Concatenate batches."""
        names = cls.__dataclass_fields__
        return cls(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        )


class Checkpoint:
    """A folder with one file for each finished batch."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Open the folder, or make it.

        Args:
            folder: of the batches, and of nothing else.
            settings: everything that the results depend on, as JSON can hold it.

        Raises:
            InnerearError: the search in this folder has other settings, or it cannot be written.
        """
        self.folder = folder
        current = json.loads(json.dumps(settings))
        path = self.folder / SETTINGS_FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            before = parse_json(path.read_bytes()) if path.is_file() else None
        except ValueError:
            before = None  # the file was not written completely
        except OSError as problem:
            raise disk_error(self.folder, problem) from problem
        if before is not None and before != current:
            former = before if isinstance(before, dict) else {}
            different = [key for key in current if current[key] != former.get(key)]
            raise InnerearError(
                f"{self.folder} was begun with other settings ({', '.join(different)}): finish it"
                f" with those, remove it, or name another folder"
            )
        if before is None:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            with write_beside(path) as temporary:
                temporary.write_text(json.dumps(current, indent=2), encoding="utf-8")

    def load(self, name: str, units: int, window: int) -> BatchResults | None:
        """Return a finished batch; None if there is none, or the file is damaged."""
        path = self.folder / f"{name}.npz"
        if not path.is_file() or path.is_symlink():
            return None
        try:
            arrays = read_arrays(path.read_bytes(), 16 * units * (window + _MORE_NUMBERS))
            kept = BatchResults(**{key: arrays[key] for key in BatchResults.__dataclass_fields__})
        except (ValueError, KeyError, OSError):
            return None
        fits = kept.sound.shape == (units, window) and kept.dead.shape == (units,)
        return kept if fits else None

    def save(self, name: str, results: BatchResults) -> None:
        """Write a finished batch.

        Raises:
            InnerearError: it cannot be written.
        """
        packed = io.BytesIO()
        np.savez(packed, **vars(results))
        with write_beside(self.folder / f"{name}.npz") as temporary:
            temporary.write_bytes(packed.getvalue())
