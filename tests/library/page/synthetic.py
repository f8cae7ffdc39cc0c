"""Makes libraries of items that nobody dreamed: quickly, and of any size."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from innerear.library.library import Header, write_header
from innerear.library.place import Place, file_name
from innerear.library.table import SCHEMA_VERSION, arrow_schema
from innerear.library.thumbnail import thumbnail

SIZE = 8
MODELS = ("samplecnn-instruments", "crnn-instruments", "stftcnn-robust")
TARGETS = ("Brass", "Speech", "Organ", "Guitar", "Flute", "Piano")
RATE = 16_000
SOUND_HASH = "ab" * 16


def item_id(number: int) -> str:
    """Return the id of an item."""
    return f"{number:032x}"


def make_row(number: int, random: np.random.Generator) -> dict[str, Any]:
    """Return a row of the table, all columns of it."""
    model, target = number % len(MODELS), (number // len(MODELS)) % len(TARGETS)
    step = (0.5, 1.0, 2.0)[(number // 18) % 3]
    centre = np.eye(SIZE)[target] * 3 + np.eye(SIZE)[model - 3]
    score = float(random.beta(2, 2) * (0.4 + 0.3 * step / 2 + 0.3 * (model == 2)))
    return {
        "item": item_id(number),
        "sound": f"loop-{number % 22:02d}.wav",
        "sound_hash": SOUND_HASH,
        "sample_rate": RATE,
        "seconds": 0.5,
        "method": "render",
        "model": MODELS[model],
        "target": TARGETS[target],
        "settings": json.dumps({"step": step, "combine": "add" if number % 2 else "filter"}),
        "version": "0.2.0",
        "state": "done",
        "reason": "",
        "score_before": 0.05,
        "score_after": score,
        "judged_before": 0.02,
        "judged_after": score * 0.7,
        "judges": json.dumps({"yamnet": {"before": 0.02, "after": round(score * 0.7, 3)}}),
        "level_db": float(random.normal(-18, 3)),
        "change_db": float(random.normal(-9, 4)),
        "correlation": float(random.uniform(0, 1)),
        "flatness": float(random.uniform(0, 0.5)),
        "centroid_hz": float(random.lognormal(7, 0.5)),
        "embedding": (centre + random.normal(0, 0.4, SIZE)).astype(np.float32),
        "making_seconds": 0.4,
        "made_at": "2026-01-01T00:00:00Z",
    }


def write_library(
    folder: Path, rows: Sequence[dict[str, Any]], sounds: int = 0, seconds: float = 0.5
) -> Path:
    """Write a library.

    Args:
        folder: of the library.
        rows: of its table.
        sounds: so many of the items, the first, have files.
        seconds: that these sounds last.

    Returns:
        the folder.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = Place(folder)
    write_header(place, Header(SCHEMA_VERSION, folder.name, "samplecnn-digits", "conv5", SIZE))
    (folder / "items").mkdir(exist_ok=True)
    table = pa.Table.from_pylist(list(rows), schema=arrow_schema(SIZE))
    pq.write_table(table, folder / "items" / f"part-{'0' * 32}.parquet")
    time = np.arange(round(seconds * RATE)) / RATE
    for number in range(sounds):
        item = rows[number]["item"]
        tone = np.sin(2 * np.pi * (300 + 40 * number) * time)
        _write_sound(folder / file_name("sound", item), tone)
        _write_picture(folder / file_name("thumbnail", item), tone)
    if sounds:
        _write_sound(folder / file_name("original", SOUND_HASH), np.sin(2 * np.pi * 200 * time))
    return folder


def make_library(folder: Path, count: int = 60, sounds: int = 0) -> Path:
    """Write a library of `count` items; see `write_library`."""
    random = np.random.default_rng(1)
    return write_library(folder, [make_row(number, random) for number in range(count)], sounds)


def _write_sound(path: Path, sound: np.ndarray[Any, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * sound, RATE, "PCM_16")


def _write_picture(path: Path, sound: np.ndarray[Any, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(thumbnail(sound[np.newaxis].astype(np.float32), RATE))
