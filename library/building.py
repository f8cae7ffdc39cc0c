"""Builds a library: takes in the sounds, makes what is missing, and keeps the tables in order."""

import hashlib
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
from ..engine.cores import cores
from ..engine.defaults import PACK
from ..engine.errors import AudioFileError, ModelError
from ..engine.files import list_folder, names_folder, parse_json
from ..engine.io.audio_files import SUFFIXES, SoundReader, SoundWriter
from ..engine.io.encoders import FORMATS
from ..engine.optional import require
from ..engine.packs.onnx_device import compute_device
from ..engine.packs.resolve import members_of
from . import cluster
from .library import HEADER, Header, Library, read_header, write_header
from .making import DONE, FAILED, Workshop, make, make_batch
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
_KEPT_AS = FORMATS[".flac"]


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
    device: str = "cpu",
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
        device: where networks compute, each worker's own; see `load`.
        progress: called with the number of items done, and of all that are missing.

    Raises:
        InnerearError: a setting is wrong, no sound can be read, another program changes the
            library, or the disk is full. What was made is kept.
    """
    place = Place(address)
    count = cores() if workers is None else workers
    in_processes = scheduler is not None or count > 0
    if in_processes:
        require("a build in several processes needs", "distributed")
    _check(grid)
    if scheduler is None:
        compute_device(device)  # refuses one that does not work before anything is written
    with place.sole_writer():
        is_new = not place.exists(HEADER)
        _open(place)
        schema = Library(place.address).schema
        merge(place, schema)  # what an interrupted build left
        try:
            sources, unreadable = _take_in_all(place, sounds, grid, seconds)
        except AudioFileError:
            if is_new:  # a library of nothing is none
                place.remove(HEADER)
            raise
        planned = _planned(place, sources, unreadable, grid, retry)
        built = Built(there=len(planned.items) - len(planned.missing))
        built.unreadable = unreadable
        workshop = _workshop(place, grid, device)
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

        if planned.missing and in_processes:
            cluster.run(workshop, planned.missing, scheduler, count, done)
        else:
            for item in planned.missing:
                done(make_batch(workshop, [item]))
        merge(place, schema)
    return built


def preview(
    address: str | Path,
    sounds: Sequence[str | Path],
    grid: Grid,
    *,
    seconds: float | None = None,
    retry: bool = False,
    device: str = "cpu",
) -> tuple[Planned, Estimate]:
    """Return what a build would do and take, and write nothing; arguments as of `build`.

    One item of each network and method is made for that, and thrown away.

    Raises:
        InnerearError: a setting is wrong, or no sound can be read.
    """
    with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
        trial = Place(folder)
        _check(grid)
        _open(trial)
        sources, unreadable = _take_in_all(trial, sounds, grid, seconds)
        planned = _planned(Place(address), sources, unreadable, grid, retry)
        return planned, _estimate(trial, planned.missing, grid, device)


def _check(grid: Grid) -> None:
    """Raise where a plan is wrong, before anything is written."""
    plan([NO_SOURCE], grid)
    for name in grid.judges or ():
        judge(name)


def _take_in_all(
    place: Place, sounds: Sequence[str | Path], grid: Grid, seconds: float | None
) -> tuple[list[Source], list[str]]:
    """Return the sounds that a library now holds, and a line for each that cannot be read."""
    sources: list[Source] = []
    unreadable: list[str] = []
    needs_sound = any(method(name).needs_sound for name in grid.methods)
    for file in sound_files(sounds) if needs_sound else ():
        try:
            sources.append(take_in(place, file, seconds))
        except UnreadableSoundError as problem:
            unreadable.append(str(problem))
    if unreadable and not sources:
        raise UnreadableSoundError(unreadable[0])
    return sources, unreadable


def _planned(
    place: Place, sources: list[Source], unreadable: list[str], grid: Grid, retry: bool
) -> Planned:
    items, judges = plan(sources, grid), grid.judges or ()
    there: dict[str, dict[str, Any]] = {}
    if place.exists(HEADER):
        columns = ["item", "state", "judges"]
        rows = Library(place.address).find(limit=None, columns=columns).to_pylist()
        there = {row["item"]: row for row in rows}
    missing = [item for item in items if _is_missing(item, there, judges, retry)]
    return Planned(items, missing, unreadable)


def _estimate(place: Place, missing: Sequence[Item], grid: Grid, device: str) -> Estimate:
    """Make one item of each network and method, and reckon what all would take."""
    workshop = _workshop(place, grid, device)
    took, size = 0.0, 0
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in missing:
        groups.setdefault((item.model, item.method), []).append(item)
    for (model, name), items in groups.items():
        network(model, device)
        started = time.perf_counter()
        if make(place, workshop, items[0]) == FAILED:
            continue
        seconds = time.perf_counter() - started
        share = _share(items, method(name).needs_sound)
        took += seconds * share
        size += round(place.size(file_name("sound", items[0].id)) * share)
        size += _ROW_BYTES * len(items)
    return Estimate(took, size)


def _share(items: Sequence[Item], needs_sound: bool) -> float:
    """Return how many times the first item all are, by the duration of their sounds."""
    if not needs_sound:
        return len(items)
    return sum(item.source.seconds for item in items) / items[0].source.seconds


def sound_files(paths: Sequence[str | Path]) -> list[Path]:
    """Return sound files, those of folders included, each once.

    Raises:
        AudioFileError: there is none.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        is_folder = names_folder(path)
        for file in list_folder(path) if is_folder else [path]:
            if not is_folder or file.suffix.lower() in SUFFIXES:
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
        try:
            _KEPT_AS.check(file, rate, channels)
        except AudioFileError:
            raise UnreadableSoundError(
                f"{file}: a library keeps sounds as FLAC, which cannot hold {channels} channels at"
                f" {rate} Hz."
            ) from None
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


def _workshop(place: Place, grid: Grid, device: str) -> Workshop:
    header = read_header(place)
    return Workshop(
        address=place.address,
        judges=_judges(grid),
        embedding_model=header.embedding_model,
        embedding_layer=header.embedding_layer,
        embedding_size=header.embedding_size,
        device=device,
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
    try:
        heard = parse_json(row["judges"])
    except (TypeError, ValueError):  # the row is damaged
        return True
    return not isinstance(heard, dict) or any(
        name not in heard and judge(name).class_for(item.target) for name in judges
    )
