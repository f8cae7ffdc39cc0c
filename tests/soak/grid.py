"""The grid of an offline soak: every choice with every other and every preset, at extremes."""

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from innerear.engine.control.presets import available_presets, load_preset
from innerear.engine.parameter import Value
from innerear.engine.parameters import PARAMETERS

AXES = ("combine", "drive", "alignment", "parameterisation")
"""The parameters of which each choice meets each of the others."""
LOUD = {"step": (2.0,), "mix": (1.0,), "input_db": (0.0, 24.0), "output_db": (0.0, 24.0)}
"""Those that would make it quiet, and what they are instead."""
BLOCKS = (128, 512, 2048)
RATES = (22_050, 44_100, 48_000)
PART_SECONDS = 0.5
CELL_SECONDS = 10 * PART_SECONDS
"""All parts of `hostile_sound`."""


@dataclass(frozen=True)
class Cell:
    """One setting in which all hostile sounds are played.

    Attributes:
        preset: its name.
        chosen: parameter of `AXES` -> its value, in place of the preset's.
        extremes: number by id, in place of the preset's.
        rate: in hertz.
        block_size: samples.
    """

    preset: str
    chosen: Mapping[str, Value]
    extremes: Mapping[str, Value]
    rate: int
    block_size: int

    def __str__(self) -> str:
        """Return what repeats it."""
        values = {**self.chosen, **self.extremes}
        words = " ".join(f"{id}={value}" for id, value in values.items())
        return f"{self.preset} at {self.rate} Hz in blocks of {self.block_size}: {words}"


def grid(seed: int) -> list[Cell]:
    """Return the whole grid in an order that a seed repeats; its beginning is a fair share."""
    presets = [name for name in available_presets() if not load_preset(name).missing_models]
    choices = [PARAMETERS[id].choices for id in AXES]
    order = list(itertools.product(presets, *choices))
    random.Random(seed).shuffle(order)
    return [
        _cell(preset, dict(zip(AXES, chosen, strict=True)), random.Random(f"{seed} {number}"))
        for number, (preset, *chosen) in enumerate(order)
    ]


def _cell(preset: str, chosen: dict[str, Value], chance: random.Random) -> Cell:
    extremes: dict[str, Value] = {}
    for id, each in PARAMETERS.items():
        if each.kind in ("number", "duration"):
            usual = (each.minimum, float(each.default), each.maximum)
            extremes[id] = chance.choice(LOUD.get(id, usual))
    return Cell(preset, chosen, extremes, chance.choice(RATES), chance.choice(BLOCKS))


def hostile_sound(rate: int, part_seconds: float = PART_SECONDS) -> np.ndarray:
    """Return one hostile sound after the other, from quiet to four times full scale.

    A faint chord, a pause, and the chord again; clicks; numbers that are none; direct current;
    a square of full scale; noise of four times that; and silence after it all.

    Args:
        rate: in hertz.
        part_seconds: of each.

    Returns:
        float32 (1, samples).
    """
    count = round(rate * part_seconds)
    time_s = np.arange(count) / rate
    rng = np.random.default_rng(0)
    chord = 0.02 * np.sum([np.sin(2 * np.pi * hertz * time_s) for hertz in (220, 277, 330)], axis=0)
    clicks = np.zeros(count)
    clicks[:: max(1, count // 5)] = 1.0
    none = 0.3 * rng.uniform(-1, 1, count)
    none[:: max(1, count // 7)] = np.nan
    none[1 :: max(1, count // 5)] = np.inf
    square = np.sign(np.sin(2 * np.pi * 100 * time_s) + 1e-9)
    loud = 4.0 * rng.uniform(-1, 1, count)
    nothing = np.zeros(count)
    parts = [chord, nothing, chord, clicks, none, np.ones(count), square, loud, nothing, nothing]
    return np.concatenate(parts).astype(np.float32)[np.newaxis]
