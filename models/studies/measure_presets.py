"""Measures presets: the distance of each from the dry sound, and from the nearest other preset.

`python -m innerear.models.studies.measure_presets [SOUND ...]` prints the tables of
`docs/presets.md` for every preset whose model is installed; without a sound file it measures on
the demo's phrase.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...engine.analysis.judging.judges import unseen_judges
from ...engine.analysis.judging.sound_measures import flatness
from ...engine.arrays import Float
from ...engine.control.presets import Preset, available_presets, load_preset
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.errors import InnerearError, PresetError
from ...engine.io.audio_files import read_sound
from ...engine.packs.network import PackLike
from ...engine.packs.resolve import load, members_of
from ...engine.parameter_values import ParameterSet
from ...engine.plugin.processor import Processor
from ...engine.plugin.render import process_stream
from .measure_dreams import mean_scores

LONGEST_SECONDS = 4.0
FRAME_SECONDS = 0.1
BAND_EDGES_HZ = (40, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000)
BLOCK_SIZE = 4096  # the result does not depend on it, the time does
FLOOR_DB = -60.0

SILENT_DB = -20.0
NOISE_FLATNESS = 0.4
LIMITED_SHARE = 0.25
UNCHANGED_DB = -20.0
ALIKE_DB = 1.5


@dataclass(frozen=True)
class Measured:
    """The measures of one preset on one sound.

    Attributes:
        level_db: of the output, relative to the sound.
        change_db: of the difference, relative to the sound.
        correlation: of the output with the sound.
        flatness: spectral, of the output: near 0.56 for white noise, near 0 for tones.
        limited: share of hops in which the limiter worked.
        spectrum: the output's energy in dB by frame and band, (frames, bands), relative to its
            own level.
        bands_db: energy in each band, relative to the sound's there.
        scores: where the target is one class, the model's mean score of it before and after.
        judged: the same, the mean over the packs that have the class and took no part; None where
            they were not asked.
    """

    level_db: float
    change_db: float
    correlation: float
    flatness: float
    limited: float
    spectrum: Float
    bands_db: tuple[float, ...]
    scores: tuple[float, float] | None
    judged: tuple[float, float] | None = None

    def problems(self) -> list[str]:
        """Return the problems of the preset: near silence, noise, limited, or unchanged."""
        found = {
            "near silence": self.level_db < SILENT_DB,
            "noise": self.flatness > NOISE_FLATNESS,
            "limited": self.limited > LIMITED_SHARE,
            "unchanged": self.change_db < UNCHANGED_DB,
        }
        return [what for what, is_so in found.items() if is_so]


def measure(preset: Preset, sound: Float, sample_rate: int, judge: bool = False) -> Measured:
    """Render a sound with a preset, and measure what came out.

    Args:
        preset: whose model is installed.
        sound: float32 (channels, samples).
        sample_rate: in hertz.
        judge: whether other networks listen too.
    """
    parameters = ParameterSet()
    preset.apply(parameters)
    pack = load(parameters.text("model"))
    processor = Processor(pack, parameters)
    processor.prepare(sample_rate, BLOCK_SIZE, sound.shape[0])
    dreamed = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    target = parameters.text("target")
    hops = sound.shape[1] / (int(parameters["n_fft"]) / 4)
    before, after = (_energy(signal, sample_rate) for signal in (sound, dreamed))
    gains = 10 * np.log10((after.sum(axis=0) + 1e-9) / (before.sum(axis=0) + 1e-9))
    return Measured(
        _db(dreamed) - _db(sound),
        _db(dreamed - sound) - _db(sound),
        float(np.corrcoef(sound.ravel(), dreamed.ravel())[0, 1]),
        flatness(dreamed),
        processor.limited / hops,
        _relative_db(after),
        tuple(float(gain) for gain in gains),
        _scores([pack], target, sound, dreamed, sample_rate),
        _scores(_judges(pack, target), target, sound, dreamed, sample_rate) if judge else None,
    )


def distance_db(one: Measured, other: Measured) -> float:
    """Return how far two outputs are apart: mean difference in dB over frames and bands."""
    return float(np.mean(np.abs(one.spectrum - other.spectrum)))


def installed_presets() -> dict[str, Preset]:
    """Return the presets whose model is installed, by name."""
    found = {}
    for name in available_presets():
        preset = load_preset(name)
        try:
            preset.check_words()
        except PresetError as problem:
            print(problem, file=sys.stderr)
            continue
        found[name] = preset
    return found


def main(arguments: list[str]) -> None:
    """Print the tables for the sounds named, or for the demo's phrase."""
    sounds: Mapping[str, tuple[Float, int]] = {
        Path(name).name: read_sound(name) for name in arguments
    } or {"the demo's phrase": (short_phrase(), SAMPLE_RATE)}
    presets = installed_presets()
    for name, (sound, rate) in sounds.items():
        print(f"\n### {name}\n")
        part = sound[:, : round(LONGEST_SECONDS * rate)]
        _print_table(
            {id: measure(preset, part, rate, judge=True) for id, preset in presets.items()}
        )


def _print_table(measured: Mapping[str, Measured]) -> None:
    edges = [f"{edge // 1000}k" if edge >= 1000 else str(edge) for edge in BAND_EDGES_HZ]
    bands = [f"{low}-{high}" for low, high in pairwise(edges)]
    print("| preset | level | change | correlation | flatness | limited |", end=" ")
    print(" | ".join(bands), "| target's score | to others | nearest other | problems |")
    print("|---" * (10 + len(bands)) + "|")
    for name, found in measured.items():
        others = {
            other: distance_db(found, each) for other, each in measured.items() if other != name
        }
        nearest = min(others, key=lambda other: others[other], default="")
        problems = found.problems()
        if nearest and others[nearest] < ALIKE_DB:
            problems.append(f"as {nearest}")
        cells = [
            name,
            f"{found.level_db:.1f}",
            f"{found.change_db:.1f}",
            f"{found.correlation:.2f}",
            f"{found.flatness:.3f}",
            f"{100 * found.limited:.0f} %",
            *(f"{gain:+.0f}" for gain in found.bands_db),
            *(
                "{:.2f} to {:.2f}".format(*scores) if scores else ""
                for scores in (found.scores, found.judged)
            ),
            f"{nearest} {others[nearest]:.1f}" if nearest else "",
            ", ".join(problems),
        ]
        print("| " + " | ".join(cells) + " |", flush=True)


def _judges(pack: PackLike, target: str) -> list[PackLike]:
    """Return the packs that took no part and have the target's class by that name."""
    unseen = [each.pack for each in unseen_judges(members_of(pack))]
    return [each for each in unseen if target in each.classes]


def _scores(
    packs: Sequence[PackLike], target: str, sound: Float, dreamed: Float, sample_rate: int
) -> tuple[float, float] | None:
    """Return the target's score before and after, the mean over packs; None where none has it."""
    heard = [
        [
            float(mean_scores(pack, signal, sample_rate)[pack.classes.index(target)])
            for signal in (sound, dreamed)
        ]
        for pack in packs
        if target in pack.classes
    ]
    if not heard:
        return None
    before, after = np.mean(heard, axis=0)
    return float(before), float(after)


def _energy(sound: Float, sample_rate: int) -> NDArray[np.float64]:
    """Return energy by frame and band, (frames, bands)."""
    size = round(FRAME_SECONDS * sample_rate)
    frames = sound.shape[1] // size
    windows = sound[:, : frames * size].reshape(len(sound), frames, size) * np.hanning(size)
    power = np.sum(np.abs(np.fft.rfft(windows)) ** 2, axis=0)
    frequency = np.fft.rfftfreq(size, 1.0 / sample_rate)
    bands = [(frequency >= low) & (frequency < high) for low, high in pairwise(BAND_EDGES_HZ)]
    return np.stack([power[:, band].sum(axis=1) for band in bands], axis=1)


def _relative_db(energy: NDArray[np.float64]) -> Float:
    """Return energies in dB relative to the loudest frame, at least `FLOOR_DB`."""
    loudest = max(float(energy.sum(axis=1).max()), 1e-20)
    level = 10 * np.log10(np.maximum(energy / loudest, 10 ** (FLOOR_DB / 10)))
    return np.asarray(level, np.float32)


def _db(sound: Float) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InnerearError as error:
        sys.exit(f"error: {error}")
