"""What lists say about models: their titles, and a line. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...engine.errors import ModelError
from ...engine.packs.manifest import read_manifest
from .model_words import named_models


@dataclass(frozen=True)
class ModelDescription:
    """What a list says about a model.

    Attributes:
        title: of the model, for people.
        line: its name, how much it knows and how often it is right, in one line.
    """

    title: str
    line: str


def describe_model(model: str, packs: Mapping[str, Path]) -> ModelDescription:
    """Return what a list says about a value of the parameter `model`.

    Args:
        model: a pack's name or folder, or several with weights.
        packs: the packs that are installed, by name.
    """
    names = named_models(model)
    if len(names) > 1:
        titles = (describe_model(name, packs).title for name in names)
        return ModelDescription(" + ".join(titles), f"{model}: {len(names)} models dream together")
    name = names[0]
    try:
        manifest = read_manifest(packs.get(name, Path(name)))
    except ModelError:  # the dialog for models says why
        return ModelDescription(name, "missing or damaged")
    facts = (
        manifest.name,
        f"{len(manifest.classes)} classes",
        f"{manifest.sample_rate / 1000:g} kHz",
        manifest.accuracy_in_words(most=1),
    )
    return ModelDescription(manifest.title, ", ".join(fact for fact in facts if fact))
