"""Libraries of random rows without sounds, to measure what questions cost at any size."""

import json
from pathlib import Path

import numpy as np

from .library import Header, Library, write_header
from .place import Place
from .records import PART_ROWS, write_part
from .table import SCHEMA_VERSION, arrow_schema

_EMBEDDING_SIZE = 192
_MODELS, _TARGETS, _SOUNDS = 3, 8, 22


def synthetic_library(folder: Path, rows: int, seed: int = 0) -> Library:
    """Write a library of random rows, and return it.

    Args:
        folder: of the library; must be empty or missing.
        rows: how many items.
        seed: of everything in them.
    """
    import pyarrow as pa

    place, draw = Place(folder), np.random.default_rng(seed)
    schema = arrow_schema(_EMBEDDING_SIZE)
    write_header(place, Header(SCHEMA_VERSION, "synthetic", "none", "none", _EMBEDDING_SIZE))
    for start in range(0, rows, PART_ROWS):
        count = min(PART_ROWS, rows - start)
        columns = {
            "item": [draw.bytes(16).hex() for _ in range(count)],
            "sound": [f"loop {number}.wav" for number in draw.integers(0, _SOUNDS, count)],
            "method": ["render"] * count,
            "model": [f"model {number}" for number in draw.integers(0, _MODELS, count)],
            "target": [f"target {number}" for number in draw.integers(0, _TARGETS, count)],
            "settings": [json.dumps({"step": step}) for step in draw.random(count)],
            "state": ["done"] * count,
            "judges": [json.dumps({"judge": [0.1, after]}) for after in draw.random(count)],
            "made_at": ["2026-01-01T00:00:00+00:00"] * count,
        }
        for name in ("score_after", "judged_after", "centroid_hz", "flatness", "seconds"):
            columns[name] = list(draw.random(count))
        numbers = draw.standard_normal(count * _EMBEDDING_SIZE).astype(np.float32)
        embedding = pa.FixedSizeListArray.from_arrays(pa.array(numbers), _EMBEDDING_SIZE)
        arrays = [
            embedding
            if field.name == "embedding"
            else pa.array(columns.get(field.name, [None] * count), field.type)
            for field in schema
        ]
        write_part(place, pa.Table.from_arrays(arrays, schema=schema))
    return Library(folder)
