"""Makes items: dreams, measures, and writes what came of it. This is what workers run."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine.arrays import Float
from ..engine.errors import InnerearError, LibraryError
from ..engine.io.audio_files import SoundWriter, read_sound
from .judged import judged, mean
from .measuring import dreaming, embedding_of, judge, measures, network
from .methods import method
from .place import Place, file_name
from .plan import Item
from .records import row_name, write_row
from .table import arrow_schema
from .thumbnail import thumbnail

DONE, FAILED = "done", "failed"
_SOUNDS_KEPT = 4
_HEARD_KEPT = 512


@dataclass(frozen=True)
class Workshop:
    """Where items are made, and how they are measured.

    Attributes:
        address: of the library.
        judges: names of the packs that listen.
        embedding_model, embedding_layer, embedding_size: see `Header`.
        device: where networks compute; see `load`.
    """

    address: str
    judges: tuple[str, ...]
    embedding_model: str
    embedding_layer: str
    embedding_size: int
    device: str = "cpu"


def make_batch(workshop: Workshop, items: Iterable[Item]) -> list[tuple[str, str]]:
    """Make and write items, one after the other; those that are there already are left.

    Args:
        workshop: where, and how.
        items: to make.

    Returns:
        id and state of each.

    Raises:
        LibraryError: the library cannot be written, such as on a full disk.
    """
    place = Place(workshop.address)
    return [(item.id, make(place, workshop, item)) for item in items]


def make(place: Place, workshop: Workshop, item: Item) -> str:
    """Make and write one item, its row last, so that an item with a row is whole.

    Returns:
        `DONE`, or `FAILED` where the dream failed; the row then says why.

    Raises:
        LibraryError: the library cannot be written.
    """
    # A worker that was lost may have got so far: nothing is made twice. (Rows of former builds are
    # merged, so what is to be made again has none of its own.)
    if place.exists(row_name(item.id)):
        return DONE
    started = time.perf_counter()
    try:
        sound, row = _dream(place, workshop, item)
    except Exception as problem:  # whatever a method cannot do must not stop the others
        write_failure(place, workshop, item, reason_of(problem), time.perf_counter() - started)
        return FAILED
    with (
        place.writing(file_name("sound", item.id)) as path,
        SoundWriter(path, row["sample_rate"], len(sound)) as writer,
    ):
        writer.write(sound)
    place.write(file_name("thumbnail", item.id), thumbnail(sound, row["sample_rate"]))
    row |= _stamp(time.perf_counter() - started)
    write_row(place, row, arrow_schema(workshop.embedding_size))
    return DONE


def _dream(place: Place, workshop: Workshop, item: Item) -> tuple[Float, dict[str, Any]]:
    """Make and measure one item; return its sound, (channels, samples), and its columns."""
    way, pack = method(item.method), network(item.model, workshop.device)
    if pack.fingerprint != item.checksum:
        raise LibraryError(
            f"The model {item.model!r} is another one here than where the build was started."
        )
    original, rate = np.zeros((1, 0), np.float32), 0
    if way.needs_sound:
        original, rate = _original(place.address, item.source.hash)
    dreamed, rate = way.make(original, rate, pack, item.target, dict(item.settings))
    # What FLAC keeps is what is measured: nothing is above full scale.
    dreamed = np.clip(np.asarray(dreamed, np.float32), -1.0, 1.0)
    row = {
        **identity(item),
        "state": DONE,
        **measures(dreamed, rate, original if way.needs_sound else None),
        **_scores(place, workshop, item, dreamed, rate),
        "embedding": embedding_of(
            dreamed, rate, workshop.embedding_model, workshop.embedding_layer, workshop.device
        ),
    }
    return dreamed, row


def write_failure(
    place: Place, workshop: Workshop, item: Item, reason: str, seconds: float = 0.0
) -> None:
    """Write that an item failed, and why.

    Raises:
        LibraryError: the library cannot be written.
    """
    row = {**identity(item), "state": FAILED, "reason": reason, **_stamp(seconds)}
    write_row(place, row, arrow_schema(workshop.embedding_size))


def identity(item: Item) -> dict[str, Any]:
    """Return the columns that say what an item is."""
    return {
        "item": item.id,
        "sound": item.source.name,
        "sound_hash": item.source.hash,
        "method": item.method,
        "model": item.model,
        "target": item.target,
        "settings": item.settings_text,
        "version": item.version,
        "reason": "",
        "judges": "{}",
    }


def reason_of(problem: BaseException) -> str:
    """Return an error as one line; of those that are no user's, the kind too."""
    text = " ".join(str(problem).split())
    return text if isinstance(problem, InnerearError) else f"{type(problem).__name__}: {text}"


def _scores(
    place: Place, workshop: Workshop, item: Item, dreamed: Float, rate: int
) -> dict[str, Any]:
    """Return what the dreaming networks and the judges hear before and after."""
    took_part = dreaming(item.model)
    pairs: dict[str, list[float | None]] = {}
    for name in dict.fromkeys((*took_part, *workshop.judges)):
        who = judge(name, workshop.device)
        if who.class_for(item.target) is None:
            continue
        before = None
        if item.source.hash:
            heard = _heard_before(place.address, item.source.hash, name, workshop.device)
            before = who.score(heard, item.target).mean
        pairs[name] = [before, who.score(who.listen(dreamed, rate), item.target).mean]
    own = [pairs[name] for name in took_part if name in pairs]
    return {
        "score_before": mean([before for before, _ in own]),
        "score_after": mean([after for _, after in own]),
        **judged({name: pair for name, pair in pairs.items() if name not in took_part}),
    }


@lru_cache(_SOUNDS_KEPT)
def _original(address: str, sound_hash: str) -> tuple[Float, int]:
    """Return a sound of the library, kept while the items made of it follow one another."""
    place = Place(address)
    with place.reading(file_name("original", sound_hash)) as path:
        sound, rate = read_sound(path)
    sound.flags.writeable = False
    return sound, rate


@lru_cache(_HEARD_KEPT)
def _heard_before(address: str, sound_hash: str, name: str, device: str) -> Float:
    return judge(name, device).listen(*_original(address, sound_hash))


def _stamp(seconds: float) -> dict[str, Any]:
    return {
        "making_seconds": seconds,
        "made_at": datetime.now(UTC).isoformat(timespec="microseconds"),
    }
