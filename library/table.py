"""What a library remembers of each item: the one declaration that writing and asking follow."""

from collections.abc import Mapping
from typing import Any, Literal

SCHEMA_VERSION = 1
"""Of libraries that this Innerear makes; it reads those up to this one."""

MOST_NUMBERS = 65_536
"""In an embedding."""

Kind = Literal["text", "integer", "number", "embedding"]

COLUMNS: Mapping[str, tuple[Kind, str]] = {
    "item": ("text", "hash of everything that the sound depends on: 32 hexadecimal digits"),
    "sound": ("text", "name of the sound that was dreamed into; empty where there is none"),
    "sound_hash": ("text", "hash of its samples and rate; empty where there is none"),
    "sample_rate": ("integer", "of the dream, in hertz"),
    "seconds": ("number", "duration of the dream"),
    "method": ("text", "render, dream, maximise or auralise"),
    "model": ("text", "network, or networks, that dreamed"),
    "target": ("text", "what was excited"),
    "settings": ("text", "JSON: the parameters that were set, by id; all others are the defaults"),
    "version": ("text", "of Innerear"),
    "state": ("text", "done or failed"),
    "reason": ("text", "why it failed; empty where it did not"),
    "score_before": ("number", "mean score of the target to the dreaming networks in the sound"),
    "score_after": ("number", "the same in the dream, 0 to 1"),
    "judged_before": ("number", "mean score to the judges, which took no part, in the sound"),
    "judged_after": ("number", "the same in the dream, 0 to 1"),
    "judges": ("text", "JSON: each judge's scores before and after"),
    "level_db": ("number", "mean power of the dream, in dB relative to full scale"),
    "change_db": ("number", "power of the change, in dB relative to the sound"),
    "correlation": ("number", "of the dream with the sound"),
    "flatness": (
        "number",
        "spectral flatness of the dream: 0.56 for white noise, near 0 for tones",
    ),
    "centroid_hz": ("number", "spectral centroid of the dream, by power"),
    "embedding": ("embedding", "what the library's network hears: means of its last inner layer"),
    "making_seconds": ("number", "how long it took to make and to measure the item"),
    "made_at": ("text", "when it was made: ISO 8601, UTC"),
}
"""Column -> its kind and meaning. A number that does not apply, or of a failed item, is null."""


def arrow_schema(embedding_size: int) -> Any:
    """Return the `pyarrow.Schema` of a library's tables.

    Args:
        embedding_size: numbers in an embedding.
    """
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "embedding": pa.list_(pa.float32(), embedding_size),
    }
    return pa.schema([(name, types[kind]) for name, (kind, _) in COLUMNS.items()])
