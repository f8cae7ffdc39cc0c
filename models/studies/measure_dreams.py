"""Measures waveform dreams: how far a target's score rises, and how much the sound changes.

`python -m innerear.models.studies.measure_dreams [SOUND ...]` prints the tables of
`docs/measurements.md`; without a sound file it measures on the demo's phrase.
"""

import itertools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...engine.analysis.classify import hear
from ...engine.analysis.judging.sound_measures import flatness
from ...engine.arrays import Float
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.errors import InnerearError
from ...engine.io.audio_files import read_sound
from ...engine.packs.network import PackLike
from ...engine.packs.pack import Pack, load_pack
from ...engine.parameter import Value
from ...engine.parameter_values import ParameterSet
from ...engine.plugin.render import render

MODEL = "samplecnn-instruments"
WAVEFORM = "waveform"
LOOKAHEADS_MS = (0.0, 100.0, 250.0, 500.0)
MODES = (
    ("aligned", "gradient"), ("live", "gradient"), ("zero-latency", "gradient"),
    ("live", "track"), ("zero-latency", "track"), ("live", "grains"), ("zero-latency", "grains"),
)  # fmt: skip
EACH_CLASS = 3
"""Every third class is enough to compare modes."""
LONGEST_SECONDS = 4.0
BAND_EDGES_HZ = (40, 125, 250, 500, 1000, 2000, 4000, 8000)
BLOCK_SIZE = 4096  # the result does not depend on it, the time does


@dataclass(frozen=True)
class Rise:
    """What one target did to one sound.

    Attributes:
        target: the class.
        before: its mean score over the windows of the sound.
        after: the same for the dreamed sound.
        correlation: of the dreamed sound with the sound.
        change_db: level of the difference, relative to the sound.
    """

    target: str
    before: float
    after: float
    correlation: float
    change_db: float


def mean_scores(pack: PackLike, sound: Float, sample_rate: int) -> Float:
    """Return each class's mean score over the windows of a sound, (channels, samples)."""
    return np.asarray(hear(sound, sample_rate, pack).scores.mean(axis=0), np.float32)


def measure_rise(
    pack: Pack, sound: Float, sample_rate: int, targets: Iterable[str], **values: Value
) -> list[Rise]:
    """Dream each target into a sound, with the alignment `aligned` by default, and listen again.

    Args:
        pack: the network that dreams, and whose scores are measured.
        sound: float32 (channels, samples).
        sample_rate: in hertz.
        targets: names of classes.
        **values: further parameters by id.
    """
    before = mean_scores(pack, sound, sample_rate)
    rises = []
    for target in targets:
        dreamed = render(
            sound, sample_rate, pack, block_size=BLOCK_SIZE,
            parameters=ParameterSet(**{"alignment": "aligned", **values, "target": target}),
        )  # fmt: skip
        after = mean_scores(pack, dreamed, sample_rate)
        unit = pack.classes.index(target)
        correlation = float(np.corrcoef(sound.ravel(), dreamed.ravel())[0, 1])
        change = _power_db(dreamed - sound) - _power_db(sound)
        rises.append(Rise(target, float(before[unit]), float(after[unit]), correlation, change))
    return rises


def change_by_band(sound: Float, dreamed: Float, sample_rate: int) -> list[float]:
    """Return the difference in each band of `BAND_EDGES_HZ`, in dB relative to the sound there."""
    frequency = np.fft.rfftfreq(sound.shape[1], 1.0 / sample_rate)
    before, change = (
        np.sum(np.abs(np.fft.rfft(signal)) ** 2, axis=0) for signal in (sound, dreamed - sound)
    )
    found = []
    for low, high in itertools.pairwise(BAND_EDGES_HZ):
        band = (frequency >= low) & (frequency < high)
        found.append(
            10 * float(np.log10((change[band].sum() + 1e-12) / (before[band].sum() + 1e-12)))
        )
    return found


def main(arguments: list[str]) -> None:
    """Print the tables for the sounds named, or for the demo's phrase."""
    pack = load_pack(MODEL)
    sounds: Mapping[str, tuple[Float, int]] = {
        Path(name).name: read_sound(name) for name in arguments
    } or {"the demo's phrase": (short_phrase(), SAMPLE_RATE)}
    for name, (sound, rate) in sounds.items():
        part = sound[:, : round(LONGEST_SECONDS * rate)]
        print(f"\n### {name}\n")
        _print_rises(pack, part, rate)
        _print_modes(pack, part, rate)
        _print_default_change(pack, part, rate)


def _print_modes(pack: Pack, sound: Float, rate: int) -> None:
    targets = pack.classes[::EACH_CLASS]
    print("\n| alignment | drive | classes raised | median score before | after |", end="")
    print(" median change (dB) |\n|---|---|---|---|---|---|")
    for alignment, drive in MODES:
        mode = {"alignment": alignment, "drive": drive, "parameterisation": WAVEFORM}
        rises = measure_rise(pack, sound, rate, targets, **mode)
        raised = sum(rise.after > rise.before for rise in rises)
        before, after, change = _medians(rises)
        print(
            f"| {alignment} | {drive} | {raised} of {len(rises)} | {before:.3f} | {after:.3f} |"
            f" {change:.1f} |",
            flush=True,
        )


def _medians(rises: list[Rise]) -> tuple[float, float, float]:
    """Return the medians of the scores before and after, and of the change in dB."""
    before, after, change = (
        float(np.median([getattr(rise, field) for rise in rises]))
        for field in ("before", "after", "change_db")
    )
    return before, after, change


def _print_rises(pack: Pack, sound: Float, rate: int) -> None:
    print("| lookahead (ms) | classes raised | median score before | after |", end="")
    print(" least correlation | median change (dB) |\n|---|---|---|---|---|---|")
    for lookahead in LOOKAHEADS_MS:
        rises = measure_rise(
            pack, sound, rate, pack.classes, lookahead_ms=lookahead, parameterisation=WAVEFORM
        )
        raised = sum(rise.after > rise.before for rise in rises)
        before, after, change = _medians(rises)
        least = min(rise.correlation for rise in rises)
        print(
            f"| {lookahead:.0f} | {raised} of {len(rises)} | {before:.3f} | {after:.3f} |"
            f" {least:.2f} | {change:.1f} |",
            flush=True,
        )


def _print_default_change(pack: Pack, sound: Float, rate: int) -> None:
    edges = [f"{edge // 1000}k" if edge >= 1000 else str(edge) for edge in BAND_EDGES_HZ]
    names = [f"{low}-{high}" for low, high in itertools.pairwise(edges)]
    print("\n| defaults, but | change (dB) | flatness | " + " | ".join(names) + " |")
    print("|---|---|---|" + "---|" * len(names))
    for values in ({}, {"alignment": "echo"}, {"alignment": "aligned"}, {"colour": 0.0}):
        given = ParameterSet(parameterisation=WAVEFORM, **values)
        dreamed = render(sound, rate, pack, parameters=given, block_size=BLOCK_SIZE)
        change = _power_db(dreamed - sound) - _power_db(sound)
        bands = " | ".join(f"{level:.0f}" for level in change_by_band(sound, dreamed, rate))
        words = ", ".join(f"{id} {value}" for id, value in values.items()) or "(as they are)"
        print(f"| {words} | {change:.1f} | {flatness(dreamed - sound):.3f} | {bands} |", flush=True)
    print(f"\nThe sound's own flatness is {flatness(sound):.3f}.")


def _power_db(sound: Float) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InnerearError as error:
        sys.exit(f"error: {error}")
