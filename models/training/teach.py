"""Transfer learning: fits a new last layer of a pack's network to a user's sounds."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError

from ...engine.analysis.templates import find_templates
from ...engine.errors import AudioFileError, ModelError
from ...engine.packs.manifest import OUTPUT_LAYER, PackName
from ...engine.packs.pack import Pack, available_packs, user_folder
from ...engine.packs.pack_files import add_templates
from ...engine.packs.store import adding
from ..networks.listener import Listener
from ..networks.registry import ARCHITECTURES
from ..networks.restore import restore
from .embeddings import embed, last_layer, windows_of
from .linear import cross_validate, fit

FEWEST_SOUNDS = 3
MOST_FOLDS = 5
MOST_LISTED, MOST_TITLE = 12, 500
LICENCE = "as the sounds that taught it"


@dataclass(frozen=True)
class Lesson:
    """What was taught.

    Attributes:
        folder: of the new pack.
        sounds: class -> how many sounds it had.
        right: class -> how many of them were recognised in cross-validation.
        skipped: files that are no sound, or silent.
    """

    folder: Path
    sounds: dict[str, int]
    right: dict[str, int]
    skipped: list[Path]

    @property
    def accuracy(self) -> float:
        """The share of sounds recognised by a classifier that was not fitted to them, 0..1."""
        return sum(self.right.values()) / sum(self.sounds.values())


def teach(
    pack: Pack,
    name: str,
    source: Path,
    destination: Path | None = None,
    advance: Callable[[float], None] = lambda share: None,
) -> Lesson:
    """Teach a network new classes from a folder with one sub-folder of sounds for each.

    Everything but the last layer stays as it is (Tanner, "Theories of Deep Learning"; transfer
    learning). The classifier is cross-validated sound by sound, then fitted to all of them.

    Args:
        pack: whose network listens.
        name: of the new pack.
        source: the folder; its sub-folders' names become the classes.
        destination: of the new pack; by default among the user's own.
        advance: called with the share of the work that is done.

    Raises:
        ModelError: a name that is taken, fewer than two classes or three sounds a class, silence,
            or a pack without a torch network.
    """
    try:
        TypeAdapter(PackName).validate_python(name)
    except ValidationError:
        raise ModelError(
            f"A model cannot be called {name!r}: small letters, digits, dots and dashes."
        ) from None
    folder = destination or user_folder() / name
    if destination is None and name in available_packs():
        raise ModelError(f"There is a model {name!r} already: choose another name.")
    classes = _classes(source)
    network = restore(pack)
    last_layer(network)
    torch.manual_seed(0)
    windows, groups, labels, skipped = [], [], [], []
    sounds = dict.fromkeys(classes, 0)
    files = [(label, path) for label, paths in enumerate(classes.values()) for path in paths]
    for done, (label, path) in enumerate(files):
        advance(0.5 * done / len(files))
        try:
            found = windows_of(path, pack.sample_rate, pack.window)
        except AudioFileError:
            found = np.zeros((0, pack.window), np.float32)
        if not len(found):
            skipped.append(path)
            continue
        windows.append(embed(network, found))
        groups += [sum(sounds.values())] * len(found)
        labels += [label] * len(found)
        sounds[list(classes)[label]] += 1
    _check_counts(source, sounds, skipped)
    features = torch.cat(windows)
    group, label_of = torch.tensor(groups), torch.tensor(labels)
    folds = min(MOST_FOLDS, *sounds.values())
    guessed = cross_validate(features, label_of, group, len(classes), folds)
    truth = torch.zeros_like(guessed).scatter(0, group, label_of)
    right = {
        class_: int(((guessed == truth) & (truth == number)).sum())
        for number, class_ in enumerate(classes)
    }
    lesson = Lesson(folder, sounds, right, skipped)
    advance(0.6)
    architecture = pack.manifest.architecture
    assert architecture is not None  # or the network could not have been restored
    taught = ARCHITECTURES[architecture.name](
        classes=tuple(classes), sample_rate=pack.sample_rate, **architecture.settings
    )
    classifier = fit(features, label_of, group, len(classes))
    kept = {key: value for key, value in network.state_dict().items() if "classifier." not in key}
    taught.load_state_dict(
        {**kept, "classifier.weight": classifier.weight, "classifier.bias": classifier.bias}
    )
    taught.eval().requires_grad_(False)
    advance(0.8)
    # Until all is there, it is no model: whoever stops it has none, and can begin again.
    with nullcontext(folder) if destination else adding(name, Pack) as place:
        _write(place, taught, name, pack, lesson)
    advance(1.0)
    return lesson


def _listed(names: list[str]) -> str:
    """Return names in a line, the first of many."""
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _write(folder: Path, taught: Listener, name: str, pack: Pack, lesson: Lesson) -> None:
    """Write the pack of a network that was taught, with templates for its classes."""
    from ...exporters.pack_writer import write_pack

    classes, count = lesson.sounds, sum(lesson.sounds.values())
    write_pack(
        taught,
        folder,
        name=name,
        title=f"{_listed(list(classes))}: taught to {pack.title}"[:MOST_TITLE],
        licence=LICENCE,
        training_data=f"{pack.manifest.training_data}; the last layer: {count} sounds in"
        f" {len(classes)} classes of a user's",
        card=_card(name, pack, lesson),
        accuracy={"cross-validated on the sounds that taught it": round(lesson.accuracy, 4)},
        architecture=pack.manifest.architecture,
        origin=pack.manifest.origin or pack.name,
    )
    fresh = find_templates(Pack(folder), layers=(OUTPUT_LAYER,)).spectra
    before = pack.templates() if pack.has_templates else {}
    add_templates(folder, {**before, **fresh})


def _classes(source: Path) -> dict[str, list[Path]]:
    """Return class -> its files, sorted; raise where the folder does not fit."""
    if not source.is_dir():
        raise ModelError(f"{source}: there is no such folder; make one with a sub-folder a class.")
    classes = {
        folder.name: sorted(path for path in folder.iterdir() if path.is_file())
        for folder in sorted(source.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
    }
    if len(classes) < 2:
        raise ModelError(
            f"{source} has {len(classes)} sub-folder{'' if len(classes) == 1 else 's'}: teaching"
            " needs at least two, each with the sounds of one class."
        )
    return classes


def _check_counts(source: Path, sounds: dict[str, int], skipped: list[Path]) -> None:
    for name, count in sounds.items():
        if count < FEWEST_SOUNDS:
            silent = sum(path.parent.name == name for path in skipped)
            besides = f" ({silent} more are silent or no sound)" if silent else ""
            raise ModelError(
                f"{source / name} has {count} usable sounds{besides}: give at least"
                f" {FEWEST_SOUNDS}."
            )


def _card(name: str, pack: Pack, lesson: Lesson) -> str:
    rows = [
        f"| {class_} | {count} | {lesson.right[class_] / count:.0%} |"
        for class_, count in lesson.sounds.items()
    ]
    return "\n".join(
        [
            f"# {name}",
            "",
            f"The network of `{pack.name}`, its last layer taught new classes.",
            "",
            "| class | sounds | recognised in cross-validation |",
            "|---|---|---|",
            *rows,
            "",
            f"Overall {lesson.accuracy:.1%}; whoever judged a sound had not met it before.",
            "",
        ]
    )
