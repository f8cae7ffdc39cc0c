"""Measures what presets do with a sound that pauses and comes back: bursts and holes.

`python -m innerear.models.studies.measure_bursts` prints the table of `docs/presets.md` for every
preset whose model is installed.
"""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.arrays import Float
from ...engine.control.presets import Preset
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.resample import resample
from ...engine.errors import InnerearError
from ...engine.parameter_values import ParameterSet
from ...engine.plugin.processor import Processor
from ...engine.plugin.render import process_stream
from .measure_presets import BLOCK_SIZE, installed_presets

RATE = 16_000
LEVEL_DB = -20.0
NOISE_DB = -80.0
"""The noise of an input that is open: no pause is digital silence."""
MUSIC_AND_PAUSES = ((0.0, 0.8), (0.6, 0.0), (1.2, 1.7), (0.2, 0.0), (2.0, 2.5), (0.1, 0.0))
"""Pieces of the demo's phrase from and to these seconds; pauses of so many seconds."""
FRAME_SECONDS = 0.1
LEAD_SECONDS = 0.4
"""What is not judged: nothing has a running level before."""
ECHO_SECONDS = 1.0
"""How long the input may come back in an echo."""
RUNNING_SECONDS = 2.0
SOUNDING_DB = -45.0
MOST_BURST_DB = 3.0
MOST_HOLE_DB = 12.0


@dataclass(frozen=True)
class Bursts:
    """What a setting makes of music that pauses.

    Attributes:
        burst_db: how far the output rises at most above the louder of the input, over the last
            `ECHO_SECONDS`, and its own running level; in tenths of a second.
        hole_db: how far the output falls at most below where it usually is, relative to the input,
            while the input sounds.
    """

    burst_db: float
    hole_db: float

    def problems(self) -> list[str]:
        """Return what is wrong: a burst, a hole."""
        found = {"burst": self.burst_db > MOST_BURST_DB, "hole": self.hole_db > MOST_HOLE_DB}
        return [what for what, is_so in found.items() if is_so]


def gated_music() -> Float:
    """Return music with pauses, float32 (1, samples) at `RATE`, and a little noise throughout."""
    music = resample(short_phrase().mean(axis=0, keepdims=True), SAMPLE_RATE, RATE)
    music *= 10.0 ** (LEVEL_DB / 20.0) / np.sqrt(np.mean(np.square(music)))
    pieces = [
        music[:, round(start * RATE) : round(stop * RATE)]
        if stop
        else np.zeros((1, round(start * RATE)), np.float32)
        for start, stop in MUSIC_AND_PAUSES
    ]
    gated = np.concatenate(pieces, axis=1)
    noise = 10.0 ** (NOISE_DB / 20.0) * np.random.default_rng(0).standard_normal(gated.shape)
    return np.asarray(gated + noise, np.float32)


def measure_bursts(processor: Processor, sound: Float) -> Bursts:
    """Render a sound, and measure bursts and holes.

    Args:
        processor: not prepared yet.
        sound: float32 (1, samples) at `RATE`.
    """
    processor.prepare(RATE, BLOCK_SIZE, len(sound))
    return find_bursts(sound, np.concatenate(list(process_stream(processor, [sound])), axis=1))


def find_bursts(sound: Float, out: Float) -> Bursts:
    """Compare the levels of what went in and what came out, (1, samples) each, in time."""
    levels_in, levels_out = _levels_db(sound), _levels_db(out)
    frames_a_second = 2.0 / FRAME_SECONDS
    lead, echo, running = (
        round(seconds * frames_a_second)
        for seconds in (LEAD_SECONDS, ECHO_SECONDS, RUNNING_SECONDS)
    )
    bursts = []
    for at in range(lead, len(levels_out)):
        loudest_in = levels_in[max(0, at - echo) : at + 1].max()
        before = levels_out[max(0, at - running) : at]
        before = before[before > SOUNDING_DB]
        own = 10.0 * np.log10(np.mean(10.0 ** (before / 10.0))) if len(before) else -np.inf
        bursts.append(levels_out[at] - max(loudest_in, own))
    # Of a sound that has gone on for a while: a dream may take a moment to begin.
    settled = round(2 * FRAME_SECONDS * frames_a_second)
    sounding = levels_in > SOUNDING_DB
    steady = [
        at for at in range(lead, len(levels_in)) if sounding[max(0, at - settled) : at + 1].all()
    ]
    gains = levels_out[steady] - levels_in[steady]
    return Bursts(float(max(bursts)), float(np.median(gains) - gains.min()))


def _levels_db(sound: Float) -> NDArray[np.float64]:
    """Return the level of each frame, half overlapping, in dB full scale."""
    size = round(FRAME_SECONDS * RATE)
    frames = np.lib.stride_tricks.sliding_window_view(sound[0], size)[:: size // 2]
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    return np.asarray(10.0 * np.log10(power + 1e-12))


def bursts_of(preset: Preset) -> Bursts:
    """Return the measures of a preset whose model is installed."""
    parameters = ParameterSet()
    preset.apply(parameters)
    return measure_bursts(Processor(parameters=parameters), gated_music())


def main() -> None:
    """Print the table."""
    print("| preset | highest rise (dB) | deepest fall (dB) | problems |\n|---|---|---|---|")
    for name, preset in installed_presets().items():
        found = bursts_of(preset)
        problems = ", ".join(found.problems())
        print(f"| {name} | {found.burst_db:+.1f} | {found.hole_db:.1f} | {problems} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except InnerearError as error:
        sys.exit(f"error: {error}")
