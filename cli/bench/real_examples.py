"""Real examples of a class mixed into a sound: the yardstick of what a dream could reach."""

from collections.abc import Callable

import numpy as np

from ...engine.analysis.judging.sound_measures import power_db
from ...engine.arrays import Float

EXAMPLES = 16
"""Different sounds of each class."""

Example = Callable[[str, int, int], Float]
"""From a class, a seed and a number of samples to an example of it, (1, samples)."""


class HeldOutExamples:
    """Sequences of held-out sounds of a class, at one sample rate; each class is rendered once."""

    def __init__(self, sample_rate: int) -> None:
        """Render at `sample_rate`, in hertz."""
        self._rate = sample_rate
        self._sounds: dict[str, list[Float]] = {}

    def example(self, target: str, seed: int, samples: int) -> Float:
        """Return sounds of a class one after the other, float32 (1, samples).

        Args:
            target: the class.
            seed: of their order.
            samples: how long.

        Raises:
            ModelError: there are no sounds of this class.
            MissingLibraryError, MissingToolError: what renders them is not installed.
        """
        from ...engine.optional import require

        if target not in self._sounds:
            require("real examples need", "mido")
            from ...models.sounds.held_out_sounds import held_out_sounds

            self._sounds[target] = held_out_sounds(target, self._rate, EXAMPLES)
        sounds = self._sounds[target]
        generator = np.random.default_rng(seed)
        pieces: list[Float] = []
        while sum(map(len, pieces)) < samples:
            pieces += [sounds[index] for index in generator.permutation(len(sounds))]
        return np.concatenate(pieces)[None, :samples]


def mixed_in(sound: Float, example: Float, level_db: float) -> Float:
    """Return a sound with an example at a level relative to the sound's.

    Args:
        sound: float32 (channels, samples).
        example: float32 (1, samples), not silent.
        level_db: of the example, relative to the sound.
    """
    gain = 10 ** ((power_db(sound) + level_db - power_db(example)) / 20)
    return np.asarray(sound + gain * example, np.float32)
