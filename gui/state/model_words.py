"""The networks that the parameter `model` names, as menus show and change them. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...engine.errors import ModelError
from ...engine.packs.manifest import read_manifest
from ...engine.packs.weighted_names import split_weighted


@dataclass(frozen=True)
class ModelWords:
    """What a list says about a model.

    Attributes:
        title: of the model, for people.
        line: its name, how much it knows and how often it is right, in one line.
    """

    title: str
    line: str


def describe_model(model: str, packs: Mapping[str, Path]) -> ModelWords:
    """Return what a list says about a value of the parameter `model`.

    Args:
        model: a pack's name or folder, or several with weights.
        packs: the packs that are installed, by name.
    """
    names = named_models(model)
    if len(names) > 1:
        titles = (describe_model(name, packs).title for name in names)
        return ModelWords(" + ".join(titles), f"{model}: {len(names)} models dream together")
    name = names[0]
    try:
        manifest = read_manifest(packs.get(name, Path(name)))
    except ModelError:  # the dialog for models says why
        return ModelWords(name, "missing or damaged")
    facts = (
        manifest.name,
        f"{len(manifest.classes)} classes",
        f"{manifest.sample_rate / 1000:g} kHz",
        manifest.accuracy_in_words(most=1),
    )
    return ModelWords(manifest.title, ", ".join(fact for fact in facts if fact))


def named_models(model: str) -> tuple[str, ...]:
    """Return the names of the networks in a value of the parameter `model`."""
    return tuple(name for name, _ in split_weighted(model))


def toggle_model(model: str, name: str) -> str:
    """Return the value with one network more, or without it; the last one stays.

    Args:
        model: a value of the parameter `model`.
        name: of a pack.
    """
    parts = [part.strip() for part in model.split(",")]
    names = named_models(model)
    if name not in names:
        return ",".join([*parts, name])
    left = [part for part, each in zip(parts, names, strict=True) if each != name]
    if len(left) == 1:  # a network by itself has no weight
        left = [next(each for each in names if each != name)]
    return ",".join(left) or model
