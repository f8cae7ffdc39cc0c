"""Recipes: everything that determines a trained network, as data."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...engine.errors import ModelError, nearest
from ...engine.files import parse_json
from ..networks.listener import Listener
from ..networks.registry import ARCHITECTURES
from ..sounds.bank import Bank
from ..sounds.sources import SOURCES, SoundSource
from .adversary import Adversary
from .augment import Augmentation


@dataclass(frozen=True)
class Recipe:
    """One network to train.

    Attributes:
        name: of the recipe and of its pack.
        title: for people.
        architecture: a key of `models.networks.registry.ARCHITECTURES`.
        sounds: a key of `SOURCES`.
        sample_rate: in hertz.
        settings: further arguments of the architecture.
        seed: of weights, batches and augmentation.
        epochs, steps: `steps` batches in each epoch; after each, the network is tested and kept.
        batch: examples at once.
        learning_rate: the highest; it rises, stays, and falls.
        weight_decay: of AdamW.
        label_smoothing: 0 for targets of 0 and 1.
        averaging: share of the old weights in their moving average, at each step.
        augmentation: how far examples differ from the sounds.
        adversary: how far each batch is moved against the network; None trains plainly.
        start: name of a pack whose weights the training begins with; empty for fresh ones.
        gradient_limit: the norm that the gradient of all weights is cut to; None for no limit.
    """

    name: str
    title: str
    architecture: str
    sounds: str
    sample_rate: int = 16_000
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    epochs: int = 20
    steps: int = 300
    batch: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    label_smoothing: float = 0.02
    averaging: float = 0.998
    augmentation: Augmentation = field(default_factory=Augmentation)
    adversary: Adversary | None = None
    start: str = ""
    gradient_limit: float | None = None

    @property
    def total_steps(self) -> int:
        """All the steps of the training."""
        return self.epochs * self.steps

    def to_json(self) -> str:
        """Return the recipe as a JSON object."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Return the recipe that `to_json` wrote.

        Raises:
            ModelError: it is no recipe.
        """
        try:
            values = parse_json(text)
            values["augmentation"] = Augmentation(**values.get("augmentation", {}))
            if values.get("adversary") is not None:
                values["adversary"] = Adversary(**values["adversary"])
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as problem:
            raise ModelError(f"this is no recipe: {problem}") from problem

    @property
    def source(self) -> SoundSource:
        """Where the sounds come from."""
        return SOURCES[self.sounds]

    def bank(
        self,
        folder: Path,
        progress: Callable[[str], None] = lambda name: None,
        data: Path | None = None,
    ) -> Bank:
        """Return the sounds; what `folder` does not have yet is rendered, or read from `data`."""
        return self.source.bank(folder, self.sample_rate, progress, data)

    def untrained(self, classes: tuple[str, ...]) -> Listener:
        """Return the network with fresh weights from torch's own random numbers."""
        build = ARCHITECTURES[self.architecture]
        return build(classes=classes, sample_rate=self.sample_rate, **self.settings)


def _robust(**settings: Any) -> Recipe:
    """Return a recipe for a network whose gradients look like what they stand for.

    It hears mixtures and rooms more often than the others: on stage sounds are rarely alone.
    """
    common = {
        "sounds": "instruments",
        "epochs": 40,
        "averaging": 0.995,
        "gradient_limit": 0.17,
        "adversary": Adversary(),
        "augmentation": Augmentation(mixture=0.35, reverb=0.5, walls=0.5),
    }
    return Recipe(**{**common, **settings})


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="samplecnn-instruments",
            title="SampleCNN, instruments and voices",
            architecture="samplecnn",
            sounds="instruments",
            settings={"dropout": 0.15},
            epochs=12,
            steps=500,
        ),
        Recipe(
            name="stftcnn-instruments",
            title="Five 3x3 convolutions on a spectrogram, instruments and voices",
            architecture="spectralcnn",
            sounds="instruments",
            settings={"image": "stft", "widths": [12, 24, 32, 48, 64]},
            epochs=10,
            steps=360,
        ),
        Recipe(
            name="stftcnn12-instruments",
            title="12x12 filters first, on a spectrogram, instruments and voices",
            architecture="spectralcnn",
            sounds="instruments",
            settings={"image": "stft", "widths": [12, 24, 32, 64], "first_kernel": 12},
            epochs=10,
            steps=300,
        ),
        Recipe(
            name="cqtcnn-instruments",
            title="Convolutions on a constant-Q axis, instruments and voices",
            architecture="spectralcnn",
            sounds="instruments",
            settings={"image": "cqt", "widths": [24, 32, 48, 64]},
            epochs=10,
            steps=300,
        ),
        Recipe(
            name="wavelet-instruments",
            title="Fixed wavelets and a threshold, instruments and voices",
            architecture="wavelets",
            sounds="instruments",
            settings={"learned": False},
            epochs=10,
            steps=300,
        ),
        Recipe(
            name="wavelet-learned-instruments",
            title="Wavelets that went on learning, instruments and voices",
            architecture="wavelets",
            sounds="instruments",
            settings={"learned": True},
            epochs=10,
            steps=300,
        ),
        Recipe(
            name="crnn-instruments",
            title="Convolutions and a recurrent layer, instruments and voices",
            architecture="crnn",
            sounds="instruments",
            settings={"widths": [16, 32, 48, 64]},
            epochs=10,
            steps=450,
        ),
        _robust(
            name="crnn-robust",
            title="Convolutions and a recurrent layer, trained against an adversary",
            architecture="crnn",
            settings={"image": "soft-mel", "widths": [16, 32, 48, 64], "dropout": 0.0},
            start="crnn-instruments",
            learning_rate=3e-3,
        ),
        _robust(
            name="stftcnn-robust",
            title="Convolutions on a long spectrum, trained against an adversary",
            architecture="spectralcnn",
            settings={
                "image": "long-stft",
                "widths": [16, 32, 48, 64, 96],
                "frames": 32,
                "dropout": 0.0,
                "activation": "silu",
                "pooling": "average",
            },
        ),
        _robust(
            name="cqtcnn-robust",
            title="Convolutions on a constant-Q axis, trained against an adversary",
            architecture="spectralcnn",
            settings={"image": "cqt", "widths": [24, 32, 48, 64], "dropout": 0.0},
            start="cqtcnn-instruments",
            learning_rate=3e-3,
        ),
        _robust(
            name="samplecnn-robust",
            title="SampleCNN, trained against an adversary",
            architecture="samplecnn",
            settings={"dropout": 0.0},
            start="samplecnn-instruments",
            learning_rate=3e-3,
        ),
        Recipe(
            name="samplecnn-digits",
            title="SampleCNN, spoken digits",
            architecture="samplecnn",
            sounds="digits",
            settings={"widths": [16, 24, 32, 48, 64, 64, 96, 128], "dropout": 0.3},
            epochs=12,
            steps=300,
            weight_decay=0.03,
            augmentation=Augmentation(
                semitones=4.0,
                chord=0.0,
                mixture=0.0,
                eq_db=5.0,
                tilt_db=3.0,
                reverb=0.5,
                drive=0.2,
                noise_db=-14.0,
                seen_seconds=1.0,
                seen_share=0.95,
            ),
        ),
    )
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name.

    Raises:
        ModelError: there is none; the message lists names that are alike.
    """
    if name not in RECIPES:
        raise ModelError(f"there is no recipe {name!r}. {nearest(name, RECIPES)}")
    return RECIPES[name]
