"""Mixes sound and change, and turns the mix into the output."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from .level import falls
from .ring import Positions, gliding, line, ramp

Double = NDArray[np.float64]


MOST_PEAK = 1e4
"""As loud as this counts what is louder: no number is so large that it silences what follows."""


def limit(state: Double, block: Float, ceiling: float, fall: float) -> float:
    """Keep every sample at or under a ceiling; leave a block that is below it bit for bit.

    NaN becomes silence.

    The gain follows an envelope that rises with the signal and falls slowly.

    Args:
        state: the envelope, and how many blocks have been limited, (1, 2); written.
        block: (channels, samples), all channels alike; written.
        ceiling: the largest magnitude that may pass, up to 1.
        fall: of the envelope from one sample to the next.

    Returns:
        1 where a sample or the envelope was above the ceiling, otherwise 0.
    """
    count = block.shape[1]
    size = np.abs(block)
    if state[0, 0] <= ceiling and float(size.max()) <= ceiling:  # which NaN is not
        state[0, 0] *= fall**count
        return 0.0
    # env[n] = max(peak[n], fall * env[n-1]) without a loop: divide the fall out, take the
    # running maximum, multiply it back.
    peak = np.minimum(np.fmax.reduce(size, axis=0, initial=0.0), np.float32(MOST_PEAK))
    left = falls(fall, count)
    envelope = np.maximum(np.maximum.accumulate(peak / left), state[0, 0]) * left
    state[0, 0] = envelope[-1]
    block *= (ceiling / np.maximum(envelope, ceiling)).astype(np.float32)
    most = np.float32(ceiling)
    np.clip(block, -most, most, out=block)  # float32 rounding of the product
    np.nan_to_num(block, copy=False)
    state[0, 1] += 1.0
    return 1.0


def mix_down(
    input: Float,
    input_end: Positions,
    dry: Float,
    dry_end: Positions,
    wet: Float,
    wet_end: Positions,
    limiter: Double,
    change: Float,
    out: Float,
    added: Float,
    start: int,
    hop: int,
    delay_before: int,
    delay: int,
    clear: float,
    clear_step: float,
    gate: float,
    gate_step: float,
    mix_before: float,
    mix_after: float,
    level_before: float,
    level_after: float,
    bypass_before: float,
    bypass_after: float,
    heard_before: float,
    heard_after: float,
    fall: float,
    ceiling: float,
    ceiling_fade: float,
) -> float:
    """Mix a piece of sound with what is added to it, and turn the mix into the output.

    Args:
        input: ring buffer of the sound as it came; see `ring_write`.
        dry, wet: likewise, of the sound without and with the feedback.
        input_end, dry_end, wet_end: theirs.
        limiter: see `limit`.
        change: what the dream adds, (channels, samples).
        out: the output, the same shape; written.
        added: what is added to the sound, before the limiter; written.
        start: where in the hop the piece begins.
        hop: samples in a hop.
        delay_before, delay: of the ring buffers, in samples: the reading glides to the second.
        clear, clear_step: a gain of dream and feedback, and how it moves; see `line`.
        gate, gate_step: a gain of all that is heard, likewise.
        mix_before, mix_after: how much of dream and feedback there is, at the hop's beginning and
            end.
        level_before, level_after: the output's level.
        bypass_before, bypass_after: how much of the output is the input.
        heard_before, heard_after: a gain of all that is heard.
        fall, ceiling: of the limiter.
        ceiling_fade: the mix from which on the ceiling holds; below, up to full scale.
    """
    count = out.shape[1]
    came, dried, wetted = (
        gliding(samples, end, count, delay_before, delay)
        for samples, end in ((input, input_end), (dry, dry_end), (wet, wet_end))
    )
    mix = ramp(mix_before, mix_after, start, count, hop) * line(clear, clear_step, count)
    out[...] = dried
    if mix.any():
        out += mix * (wetted - dried)
        out += mix * change
    np.subtract(out, dried, out=added)
    _multiply(ramp(level_before, level_after, start, count, hop), out, added)
    if bypass_before == bypass_after == 1.0:
        out[...] = came
    elif not bypass_before == bypass_after == 0.0:
        out += ramp(bypass_before, bypass_after, start, count, hop) * (came - out)
    limit(limiter, out, 1.0 - (1.0 - ceiling) * min(1.0, float(mix.max()) / ceiling_fade), fall)
    _multiply(ramp(heard_before, heard_after, start, count, hop), out, added)
    _multiply(line(gate, gate_step, count), out, added)
    return 0.0


def deal_out(sound: Float, route: NDArray[np.int64], outputs: Float) -> float:
    """Play each channel at the outputs that it goes to.

    Args:
        sound: (channels, samples).
        route: the channel of each output, (outputs,).
        outputs: (samples, outputs), in any order in memory; written.
    """
    if outputs.shape != (sound.shape[1], len(route)):
        raise ValueError(f"deal_out: {sound.shape} does not fit {outputs.shape}")
    np.take(sound.T, route, axis=1, out=outputs)
    return 0.0


def _multiply(gain: Float, *sounds: Float) -> None:
    if len(gain) > 1 or gain[0] != 1.0:
        for sound in sounds:
            np.multiply(sound, gain, out=sound)
