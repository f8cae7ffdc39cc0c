"""Real examples of a class mixed into a sound: the yardstick of what a dream could reach."""

import numpy as np

from ...engine.analysis.judging.audioset_classes import corresponding_class
from ...engine.analysis.judging.sound_measures import power_db
from ...engine.arrays import Float
from ...engine.errors import InnerearError
from ...engine.optional import require

EXAMPLES = 16
"""Different sounds of each class."""


class RealExamples:
    """Held-out sounds of classes, each class rendered once at each rate.

    Attributes:
        left_out: class -> why there are no examples of it, in a line.
    """

    def __init__(self) -> None:
        """Render nothing yet."""
        self.left_out: dict[str, str] = {}
        self._sounds: dict[tuple[str, int], list[Float]] = {}

    def sequence(self, target: str, sample_rate: int, samples: int, seed: int) -> Float | None:
        """Return sounds of a class one after the other.

        Args:
            target: the class, of the instruments packs or the corresponding one of AudioSet.
            sample_rate: in hertz.
            samples: how long.
            seed: of their order.

        Returns:
            float32 (1, samples); None where there are none of this class, or what renders them is
            not installed, which `left_out` tells from then on.
        """
        if target in self.left_out:
            return None
        try:
            sounds = self._rendered(target, sample_rate)
        except InnerearError as problem:
            self.left_out[target] = f"no real example of {target}: {problem}"
            return None
        generator = np.random.default_rng(seed)
        pieces: list[Float] = []
        while sum(map(len, pieces)) < samples:
            pieces += [sounds[index] for index in generator.permutation(len(sounds))]
        return np.concatenate(pieces)[None, :samples]

    def _rendered(self, target: str, sample_rate: int) -> list[Float]:
        key = (target, sample_rate)
        if key not in self._sounds:
            require("rendering examples needs", "mido")
            from ...models.sounds.held_out_sounds import held_out_sounds
            from ...models.sounds.instruments import CLASSES

            name = corresponding_class(target, CLASSES) or target
            self._sounds[key] = held_out_sounds(name, sample_rate, EXAMPLES)
        return self._sounds[key]


def mixed_in(sound: Float, example: Float, level_db: float) -> Float:
    """Return a sound with an example at a level relative to the sound's.

    Args:
        sound: float32 (channels, samples).
        example: float32 (1, samples), not silent.
        level_db: of the example, relative to the sound.
    """
    gain = 10 ** ((power_db(sound) + level_db - power_db(example)) / 20)
    return np.asarray(sound + gain * example, np.float32)
