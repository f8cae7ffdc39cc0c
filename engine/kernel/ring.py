"""What goes into the ring buffers, and gains that move on straight lines."""

import math

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float

Positions = NDArray[np.int64]
"""(1,): the number of the next sample of a ring buffer."""


def ring_write(samples: Float, end: Positions, chunk: Float) -> float:
    """Append to a ring buffer.

    Args:
        samples: each twice, one capacity apart, (channels, 2 capacity); written.
        end: raised after the samples are in place.
        chunk: (channels or 1, at most capacity).
    """
    capacity, count = samples.shape[1] // 2, chunk.shape[-1]
    if count > capacity:
        raise ValueError(f"ring_write: {count} samples are more than {capacity}")
    copies = samples.reshape(len(samples), 2, capacity)
    at = int(end[0]) % capacity
    first = min(count, capacity - at)
    twice = chunk[..., np.newaxis, :]
    copies[:, :, at : at + first] = twice[..., :first]
    if first < count:
        copies[:, :, : count - first] = twice[..., first:]
    end[0] += count
    return 0.0


def is_finite(sound: Float) -> float:
    """Return 1 where nothing in an array is NaN or infinite, otherwise 0."""
    return float(math.isfinite(np.vdot(sound, sound)) or bool(np.isfinite(sound).all()))


def take_in(
    input: Float,
    input_end: Positions,
    dry: Float,
    dry_end: Positions,
    wet: Float,
    wet_end: Positions,
    sound: Float,
    returned: Float,
    gain_before: float,
    gain_after: float,
    feedback_before: float,
    feedback_after: float,
    start: int,
    hop: int,
) -> float:
    """Append a piece of sound as it came, turned up or down, and that with the feedback added.

    Args:
        input, dry, wet: three ring buffers; see `ring_write`.
        input_end, dry_end, wet_end: theirs.
        sound: (channels, samples).
        returned: what the feedback loop returns for it, the same shape.
        gain_before, gain_after: of the sound, at the hop's beginning and end.
        feedback_before, feedback_after: how much of `returned` is added, likewise.
        start: where in the hop the piece begins.
        hop: samples in a hop.
    """
    count = sound.shape[1]
    dried = sound * ramp(gain_before, gain_after, start, count, hop)
    wetted = dried
    if feedback_before != 0.0 or feedback_after != 0.0:
        wetted = dried + returned * ramp(feedback_before, feedback_after, start, count, hop)
    ring_write(input, input_end, sound)
    ring_write(dry, dry_end, dried)
    return ring_write(wet, wet_end, wetted)


def ramp(before: float, after: float, start: int, count: int, hop: int) -> Float:
    """Return a gain at some samples of a hop that moves on a straight line.

    (count,), or (1,) where it stays the same.
    """
    if before == after:
        return np.array([before], np.float32)
    positions = np.arange(start + 1, start + count + 1, dtype=np.float32) / np.float32(hop)
    return np.asarray(np.float32(before) + np.float32(after - before) * positions, np.float32)


def line(gain: float, step: float, count: int) -> Float:
    """Return a gain that moves by `step` with each sample, within 0 and 1.

    (count,), or (1,) where it stays the same.
    """
    if step == 0.0:
        return np.array([gain], np.float32)
    return np.asarray(np.clip(gain + step * np.arange(1, count + 1), 0.0, 1.0), np.float32)


def gliding(samples: Float, end: Positions, count: int, before: int, after: int) -> Float:
    """Return the newest samples of a ring buffer, cross-faded from one delay to another.

    Args:
        samples, end: see `ring_write`.
        count: how many.
        before, after: the delays, in samples.

    Returns:
        (channels, count): a view where both delays are the same.
    """
    left, arrived = (_delayed(samples, int(end[0]), count, delay) for delay in (before, after))
    if before == after:
        return arrived
    return left + (arrived - left) * (np.arange(1, count + 1, dtype=np.float32) / np.float32(count))


def _delayed(samples: Float, end: int, count: int, delay: int) -> Float:
    at = (end - delay - count) % (samples.shape[1] // 2)
    return samples[:, at : at + count]
