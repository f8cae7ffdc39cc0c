"""What a library is to hold: every sound with every setting, named by all that it depends on."""

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from .._version import VERSION
from ..engine.analysis.judging.audioset_classes import corresponding_class
from ..engine.defaults import LIVE_PACK
from ..engine.errors import InnerearError, LibraryError, ParameterError, nearest
from ..engine.files import read_whole
from ..engine.packs.network import PackLike
from ..engine.parameter import Value
from ..engine.targets.target import Target
from .measuring import network
from .methods import Method, method

MOST_ITEMS = 10_000_000
"""In a plan."""
_ID_DIGITS = 32
_MOST_BYTES = 1_000_000
_GRID_KEYS = ("method", "model", "target", "settings", "judge")


@dataclass(frozen=True)
class Grid:
    """What is varied: every combination is made.

    Attributes:
        methods: names of `METHODS`.
        models: networks, or sets of them; by default the one that plays live.
        targets: what is excited; by default what each method excites by itself.
        settings: values by id of a parameter. Each method takes those that it has.
        judges: packs that listen and take no part; None for all that are unseen.
    """

    methods: Sequence[str] = ("render",)
    models: Sequence[str] = (LIVE_PACK,)
    targets: Sequence[str] = ()
    settings: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    judges: Sequence[str] | None = None


@dataclass(frozen=True)
class Source:
    """A sound to dream into, as the library holds it.

    Attributes:
        name: of its file.
        hash: of its samples and rate.
        seconds: its duration.
    """

    name: str
    hash: str
    seconds: float


NO_SOURCE = Source("", "", 0.0)


@dataclass(frozen=True)
class Item:
    """One item to be made.

    Attributes:
        source: what is dreamed into; `NO_SOURCE` for none.
        method, model, target: see `Grid`.
        settings: pairs of a parameter's id and its value.
        checksum: of the networks.
        version: of Innerear.
    """

    source: Source
    method: str
    model: str
    target: str
    settings: tuple[tuple[str, Value], ...]
    checksum: str
    version: str = VERSION

    @property
    def id(self) -> str:
        """The hash of all that the sound depends on, but not of the names of sound and model."""
        parts = [self.source.hash, self.method, self.checksum, self.target, self.settings]
        text = json.dumps([*parts, self.version], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]

    @property
    def settings_text(self) -> str:
        """The settings as JSON."""
        return json.dumps(dict(self.settings), ensure_ascii=False)


def plan(sources: Sequence[Source], grid: Grid) -> list[Item]:
    """Return every item, in the order in which they are made: network by network, sound by sound.

    Args:
        sources: the sounds; methods that need none ignore them.
        grid: what is varied.

    Raises:
        InnerearError: there is no such method, model or setting, or no model knows a target.
    """
    methods = [method(name) for name in dict.fromkeys(grid.methods)]
    for id in grid.settings:
        if not any(id in each.settings for each in methods):
            known = dict.fromkeys(id for each in methods for id in each.settings)
            raise ParameterError(f"There is no setting {id!r}. {nearest(id, known)}")
    packs = {model: network(model) for model in dict.fromkeys(grid.models)}
    _check_targets(packs, grid.targets)
    _check_size(grid, max(1, len(sources)))
    found: dict[str, Item] = {}
    for (model, pack), each in product(packs.items(), methods):
        if each.needs_sound and not sources:
            raise LibraryError(f"{each.name} needs sounds to dream into: name some.")
        for source in sources if each.needs_sound else [NO_SOURCE]:
            for target, settings in product(_targets(each, grid), _settings(each, grid)):
                item = Item(source, each.name, model, target, settings, pack.fingerprint)
                found.setdefault(item.id, item)
    return list(found.values())


def _check_size(grid: Grid, sources: int) -> None:
    """Raise where there are so many combinations that even a list of them has no room."""
    varied = (grid.methods, grid.models, grid.targets, *grid.settings.values())
    count = sources * math.prod(max(1, len(values)) for values in varied)
    if count > MOST_ITEMS:
        raise LibraryError(
            f"that is {count:.3g} combinations, more than {MOST_ITEMS}: build a part of them."
        )


def _targets(each: Method, grid: Grid) -> Sequence[str]:
    targets = tuple(grid.targets) or ((each.default_target,) if each.default_target else ())
    if not targets:
        raise ParameterError(f"{each.name} needs a target: name a class or a unit.")
    return targets


def _settings(each: Method, grid: Grid) -> list[tuple[tuple[str, Value], ...]]:
    """Return every combination of the settings that a method has."""
    chosen = {id: list(values) for id, values in grid.settings.items() if id in each.settings}
    combinations = (dict(zip(chosen, values, strict=True)) for values in product(*chosen.values()))
    return [tuple(each.check(values).items()) for values in combinations]


def _check_targets(packs: Mapping[str, PackLike], targets: Sequence[str]) -> None:
    """Raise where no model knows a target. Where only some do, the others' items fail."""
    for target in targets:
        problem: InnerearError | None = None
        for pack in packs.values():
            try:
                Target(pack.layers, pack.classes, target=target)
            except InnerearError as unknown:
                problem = unknown
            else:
                break
        else:
            if problem is not None:
                raise problem


def read_grid(file: Path) -> Grid:
    """Read a grid from a TOML file: `method`, `model`, `target`, `judge` and a table `settings`.

    Each is a list, or one value.

    Raises:
        LibraryError: the file cannot be read, is no TOML, or has another key.
    """
    try:
        data = tomllib.loads(read_whole(file, _MOST_BYTES).decode())
    except OSError as problem:
        raise LibraryError(f"{file}: cannot be read ({problem.strerror}).") from None
    except (ValueError, RecursionError) as problem:
        raise LibraryError(f"{file} is no TOML: {str(problem).splitlines()[0]}.") from None
    for key in data:
        if key not in _GRID_KEYS:
            raise LibraryError(f"{file}: there is no key {key!r}. {nearest(key, _GRID_KEYS)}")
    settings = data.get("settings", {})
    if not isinstance(settings, dict):
        raise LibraryError(f"{file}: settings is a table: [settings], then step = [0.5, 1].")
    grid = Grid(settings={id: _values(file, id, value) for id, value in settings.items()})
    names = {"method": "methods", "model": "models", "target": "targets", "judge": "judges"}
    for key, name in names.items():
        if key in data:
            texts: Any = tuple(str(value) for value in _values(file, key, data[key]))
            grid = replace(grid, **{name: texts})
    return grid


def _values(file: Path, key: str, value: Any) -> tuple[Value, ...]:
    values = value if isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, str | int | float) or not values:
            raise LibraryError(f"{file}: {key} takes a value or a list of them, not {each!r}.")
    if not values:
        raise LibraryError(f"{file}: {key} is an empty list.")
    return tuple(values)


def read_settings(texts: Sequence[str]) -> dict[str, tuple[Value, ...]]:
    """Return settings that are written `step=0.5,1`.

    Raises:
        ParameterError: one is written otherwise.
    """
    found: dict[str, tuple[Value, ...]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        parts = [part.strip() for part in values.split(",")]
        if not equals or not name.strip() or not all(parts):
            raise ParameterError(f"--set {text!r}: write it as step=0.5,1.")
        found[name.strip().replace("-", "_")] = tuple(parts)
    return found


def class_lists(texts: Sequence[str], models: Sequence[str]) -> tuple[str, ...]:
    """Return targets that are written with commas between them; a class's own name may have some.

    Args:
        texts: as they were written.
        models: the networks whose classes are known.
    """
    classes = tuple({name: None for model in models for name in network(model).classes})
    found: list[str] = []
    for text in texts:
        whole = text in classes or corresponding_class(text, classes) is not None
        found += [text] if whole else [part.strip() for part in text.split(",")]
    return tuple(found)


def batches(items: Sequence[Item], workers: int, most: int) -> list[tuple[Item, ...]]:
    """Return items in batches of one network each, enough for all workers.

    Args:
        items: in order.
        workers: how many work at once.
        most: items in a batch.
    """
    size = max(1, min(most, math.ceil(len(items) / (4 * max(1, workers)))))
    found: list[tuple[Item, ...]] = []
    start = 0
    for end in range(1, len(items) + 1):
        full = end - start == size
        if end == len(items) or full or items[end].model != items[start].model:
            found.append(tuple(items[start:end]))
            start = end
    return found
