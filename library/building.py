"""Builds a library: takes in the sounds, makes what is missing, and keeps the tables in order."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.analysis.judging.judges import unseen_judges
from ..engine.arrays import Float
from ..engine.defaults import PACK
from ..engine.errors import AudioFileError, ModelError
from ..engine.files import list_folder
from ..engine.io.audio_files import SUFFIXES, SoundReader, SoundWriter
from ..engine.packs.resolve import members_of
from . import cluster
from .library import HEADER, Header, Library, read_header, write_header
from .making import DONE, FAILED, Workshop, make_batch, make_dream
from .measuring import judge, network
from .methods import method
from .place import Place, file_name
from .plan import NO_SOURCE, Grid, Item, Source, plan
from .records import PART_ROWS, merge
from .table import SCHEMA_VERSION

_BLOCK = 65_536
_HASH_DIGITS = 32
_ROW_BYTES = 8_000
"""Of a thumbnail and a row."""
_HIGHEST_CHANNELS = 8
"""That FLAC holds."""


class UnreadableSoundError(AudioFileError):
    """A sound cannot be dreamed into; the others can."""


@dataclass(frozen=True)
class Planned:
    """What a build would do.

    Attributes:
        items: all of the plan.
        missing: those that are to be made, in order.
        unreadable: a line for each sound that cannot be read.
    """

    items: list[Item]
    missing: list[Item]
    unreadable: list[str]


@dataclass(frozen=True)
class Estimate:
    """What a build would take, from one item of each network and method, made and thrown away.

    Attributes:
        seconds: of work, in one process.
        bytes: of sounds and tables.
    """

    seconds: float
    bytes: int


@dataclass
class Built:
    """What a build did.

    Attributes:
        made: how many items.
        failed: how many of them failed.
        there: how many were there before.
        unreadable: a line for each sound that could not be read.
    """

    made: int = 0
    failed: int = 0
    there: int = 0
    unreadable: list[str] = field(default_factory=list)


def build(
    address: str | Path,
    sounds: Sequence[str | Path],
    grid: Grid,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    seconds: float | None = None,
    retry: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Built:
    """Make every item of a grid that a library does not have yet.

    It can be interrupted at any time: the next call goes on where it was.

    Args:
        address: the library: a folder, or a URL; made where it is missing.
        sounds: sound files, and folders of such.
        grid: what is varied.
        scheduler: address of a Dask scheduler.
        workers: processes on this machine; by default as many as there are cores. 0: in this one.
        seconds: take only the beginning of each sound.
        retry: whether items that failed are made again.
        progress: called with the number of items done, and of all that are missing.

    Raises:
        InnerearError: a setting is wrong, no sound can be read, another program changes the
            library, or the disk is full. What was made is kept.
    """
    place = Place(address)
    with place.sole_writer():
        planned = prepare(place, sounds, grid, seconds=seconds, retry=retry)
        built = Built(there=len(planned.items) - len(planned.missing))
        built.unreadable = planned.unreadable
        workshop = _workshop(place, grid)
        schema = Library(place.address).schema
        unmerged: set[str] = set()

        def done(states: Iterable[tuple[str, str]]) -> None:
            for id, state in states:
                built.made += 1
                built.failed += state == FAILED
                unmerged.add(id)
            progress(built.made, len(planned.missing))
            if len(unmerged) >= PART_ROWS:
                merge(place, schema, unmerged)
                unmerged.clear()

        count = os.cpu_count() or 1 if workers is None else workers
        if planned.missing and (scheduler is not None or count > 0):
            cluster.run(workshop, planned.missing, scheduler, count, done)
        else:
            for item in planned.missing:
                done(make_batch(workshop, [item]))
        merge(place, schema)
    return built


def prepare(
    place: Place,
    sounds: Sequence[str | Path],
    grid: Grid,
    *,
    seconds: float | None = None,
    retry: bool = False,
) -> Planned:
    """Take the sounds into a library, and find out what is missing; arguments as of `build`.

    Raises:
        InnerearError: a setting is wrong, or no sound can be read.
    """
    needs_sound = any(method(name).needs_sound for name in grid.methods)
    files = sound_files(sounds) if needs_sound else []
    plan([NO_SOURCE], grid)  # what is wrong with it is said before anything is written
    for name in grid.judges or ():
        judge(name)
    _open(place)
    sources, unreadable = [], []
    for file in files:
        try:
            sources.append(take_in(place, file, seconds))
        except UnreadableSoundError as problem:
            unreadable.append(str(problem))
    if files and not sources:
        raise AudioFileError(unreadable[0])
    items = plan(sources, grid)
    merge(place, Library(place.address).schema)
    there = _there(Library(place.address))
    missing = [item for item in items if _is_missing(item, there, grid.judges or (), retry)]
    return Planned(items, missing, unreadable)


def estimate(place: Place, planned: Planned, grid: Grid) -> Estimate:
    """Make one item of each network and method, write none, and reckon what all would take."""
    workshop = _workshop(place, grid)
    took, size = 0.0, 0
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in planned.missing:
        groups.setdefault((item.model, item.method), []).append(item)
    with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
        for (model, name), items in groups.items():
            network(model)
            started = time.perf_counter()
            try:
                made = make_dream(place, workshop, items[0])
            except Exception:  # it will be recorded when it is made
                continue
            trial = Path(folder) / "trial.flac"
            with SoundWriter(trial, made.sample_rate, len(made.sound)) as writer:
                writer.write(made.sound)
            share = _share(items, made.row["seconds"], method(name).needs_sound)
            took += (time.perf_counter() - started) * share
            size += round(trial.stat().st_size * share) + _ROW_BYTES * len(items)
    return Estimate(took, size)


def _share(items: Sequence[Item], trial_seconds: float, needs_sound: bool) -> float:
    """Return how many times the trial all items are, by the duration of their sounds."""
    if not needs_sound:
        return len(items)
    return sum(item.source.seconds for item in items) / trial_seconds


def sound_files(paths: Sequence[str | Path]) -> list[Path]:
    """Return sound files, those of folders included, each once.

    Raises:
        AudioFileError: there is none.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        inside = list_folder(path) if path.is_dir() else [path]
        for file in inside:
            if not path.is_dir() or file.suffix.lower() in SUFFIXES:
                found[file] = None
    if not found:
        raise AudioFileError("There is no sound to dream into: name files, or folders of them.")
    return list(found)


def take_in(place: Place, file: Path, seconds: float | None = None) -> Source:
    """Store a sound in a library under the hash of its samples, unless it is there already.

    The file is read block by block, however long it is.

    Raises:
        UnreadableSoundError: the sound cannot be read, or has more channels than FLAC holds.
        InnerearError: the library cannot be written, or the disk is full.
    """
    with ExitStack() as stack:
        try:
            reader = stack.enter_context(SoundReader(file))
        except AudioFileError as problem:
            raise UnreadableSoundError(str(problem)) from None
        rate, channels = reader.sample_rate, reader.channels
        if channels > _HIGHEST_CHANNELS:
            raise UnreadableSoundError(
                f"{file}: {channels} channels; a library holds at most {_HIGHEST_CHANNELS}."
            )
        most = reader.samples
        if seconds is not None:
            most = max(1, min(most, round(seconds * rate)))
        digest = hashlib.sha256(f"{rate} {channels}".encode())
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="innerear-"))) / "c.flac"
        with SoundWriter(copy, rate, channels) as writer:
            for block in _beginning(reader, most):
                digest.update(block.T.tobytes())
                writer.write(block)
        source = Source(file.name, digest.hexdigest()[:_HASH_DIGITS], most / rate)
        name = file_name("original", source.hash)
        if not place.exists(name):
            with place.writing(name) as path:
                shutil.copyfile(copy, path)
    return source


def _beginning(reader: SoundReader, samples: int) -> Iterator[Float]:
    """Yield the first so many samples of a sound, in blocks."""
    left = samples
    blocks = reader.blocks(_BLOCK)
    while left > 0:
        try:
            block = next(blocks)[:, :left]
        except AudioFileError as problem:
            raise UnreadableSoundError(str(problem)) from None
        left -= block.shape[1]
        yield block


def _open(place: Place) -> None:
    """Make the library where it is missing.

    Raises:
        LibraryError: a newer Innerear made it, or it is damaged.
    """
    if place.exists(HEADER):
        read_header(place)
        return
    pack = network(PACK)
    layer = list(pack.layers)[-2]
    name = place.address.rstrip("/").rpartition("/")[2]
    units = pack.layers[layer].units
    write_header(place, Header(SCHEMA_VERSION, name, PACK, layer, units))


def _workshop(place: Place, grid: Grid) -> Workshop:
    header = read_header(place)
    return Workshop(
        address=place.address,
        judges=_judges(grid),
        embedding_model=header.embedding_model,
        embedding_layer=header.embedding_layer,
        embedding_size=header.embedding_size,
    )


def _judges(grid: Grid) -> tuple[str, ...]:
    """Return the judges' names: those that are named, or all that take no part in any dream."""
    dreaming = [pack for model in grid.models for pack in members_of(network(model))]
    if grid.judges is None:
        return tuple(each.name for each in unseen_judges(dreaming))
    took_part = {pack.name for pack in dreaming}
    for name in grid.judges:
        if judge(name).name in took_part:
            raise ModelError(f"{name} dreams itself and cannot judge: name another judge.")
    return tuple(grid.judges)


def _there(library: Library) -> dict[str, dict[str, Any]]:
    rows = library.find(limit=None, columns=["item", "state", "judges"]).to_pylist()
    return {row["item"]: row for row in rows}


def _is_missing(
    item: Item, there: dict[str, dict[str, Any]], judges: Sequence[str], retry: bool
) -> bool:
    row = there.get(item.id)
    if row is None:
        return True
    if row["state"] != DONE:
        return retry
    if not judges:
        return False
    heard = json.loads(row["judges"])
    return any(name not in heard and judge(name).class_for(item.target) for name in judges)
