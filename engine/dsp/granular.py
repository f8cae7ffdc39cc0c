"""The drive `grains`: grains of the sounds that excite the most active units.

Granular synthesis (Roads, "Microsound", 2001), with grains that `unit_grains.py` cuts or makes.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ..arrays import Float
from .gradient_shaping import rumble_curve

GRAIN_SECONDS = 0.1
STRONG = 0.1
"""How active a unit must be to sound, relative to the strongest one."""
MOST_VOICES = 8
"""Units that sound at once."""

MakeGrains = Callable[[str, int], Float]


class Grains:
    """Starts grains at each update and adds them up."""

    def __init__(self, make: MakeGrains, sample_rate: int, hop: int, seed: int) -> None:
        """Prepare; the grains of a layer are made when they are first needed.

        Args:
            make: (layer, samples) -> a grain for each unit, (units, samples), zeros where there is
                none.
            sample_rate: in hertz.
            hop: samples between two updates.
            seed: of the moments at which grains start.
        """
        self._make, self._sample_rate = make, sample_rate
        self._hop, self._seed = hop, seed
        self._length = round(GRAIN_SECONDS * sample_rate)
        self._pending = np.zeros(self._length + hop, np.float32)
        self._made: dict[str, Float] = {}

    def start(self, loudness: Mapping[str, Float], number: int) -> None:
        """Start one grain of each of the strongest units, at any moment of the next hop.

        Args:
            loudness: layer -> (units,): how loud each unit is, 1 as loud as the sound. Together
                they are made no louder than that.
            number: of the update; the same one starts its grains at the same moments.
        """
        voices = [
            (float(levels[unit]), name, int(unit))
            for name, levels in loudness.items()
            for unit in np.argsort(-levels, kind="stable")[:MOST_VOICES]
        ]
        voices = sorted(voices, key=lambda voice: -voice[0])[:MOST_VOICES]
        least = STRONG * max((level for level, _, _ in voices), default=0.0)
        voices = [voice for voice in voices if voice[0] > 0.0 and voice[0] >= least]
        together = np.sqrt(sum(level**2 for level, _, _ in voices))
        moments = np.random.default_rng([self._seed, number]).integers(0, self._hop, MOST_VOICES)
        for (level, name, unit), at in zip(voices, moments, strict=False):
            grain = self._grain(name, unit)
            self._pending[at : at + self._length] += np.float32(level / max(1.0, together)) * grain

    def finished(self) -> Float:
        """Return the hop that no later grain changes, (hop,), and advance by it."""
        left = self._pending[: self._hop].copy()
        self._pending[: -self._hop] = self._pending[self._hop :]
        self._pending[-self._hop :] = 0.0
        return left

    def reset(self) -> None:
        """End all grains."""
        self._pending.fill(0.0)

    def _grain(self, layer: str, unit: int) -> Float:
        if layer not in self._made:
            self._made[layer] = self._prepared(self._make(layer, self._length))
        return np.asarray(self._made[layer][unit], np.float32)

    def _prepared(self, grains: Float) -> Float:
        """Remove inaudible low frequencies, and scale: one grain in each hop has a power of 1."""
        spectra = np.fft.rfft(grains) * rumble_curve(self._length, self._sample_rate)
        heard = np.fft.irfft(spectra, self._length)
        energy = np.sum(np.square(heard), axis=1, keepdims=True)
        scale = np.sqrt(self._hop / np.where(energy > 0.0, energy, np.inf))
        return np.asarray(heard * scale, np.float32)
