"""The step of gradient ascent in a filter: from a gradient to the next log-gains.

Each band takes a step of one size in the direction in which the smoothed gradient points, so a
filter uses all of its range within some updates and follows a sound that changes.
"""

import numpy as np

from ..arrays import Float

MOMENTUM = 0.7
"""How much of the direction is that of the updates before."""
STEP = 0.4
"""How far a band moves in one update, relative to the limit."""
DECAY = 0.999
"""What is left of a log-gain after an update that does not move it."""
FAINT = 0.1
"""Relative to the strongest of several filters: fainter gradients point more weakly."""
SMALLEST = 1e-30
"""A gradient below it counts as 0: its shares would be lost in single precision."""
NEIGHBOURS = 5
"""Frames on either side whose gradients a frame shares, so that its filter does not flutter."""


def next_log_gains(
    log_gains: Float, momentum: Float, gradient: Float, limit: float, step: float = STEP
) -> tuple[Float, Float]:
    """Return log-gains after one update.

    Args:
        log_gains: (filters, bands).
        momentum: the smoothed direction so far, (filters, bands); zeros at first.
        gradient: of the objective with respect to the log-gains, (filters, bands).
        limit: of a log-gain, either way.
        step: how far a band moves, relative to the limit.

    Returns:
        The log-gains, within the limit, and the smoothed direction. Where the gradient is 0
        everywhere, or anything in it is infinite or NaN, the log-gains only decay.
    """
    size = np.abs(gradient).mean(axis=1, keepdims=True)
    largest = float(size.max(initial=0.0))
    if not SMALLEST < largest < np.inf:  # also where it is not a number
        return np.clip(np.float32(DECAY) * log_gains, -limit, limit), momentum
    direction = gradient / (size + np.float32(FAINT * largest))
    kept = np.float32(MOMENTUM)
    momentum = kept * momentum + (1 - kept) * direction
    moved = np.float32(DECAY) * log_gains + np.float32(step * limit) * np.sign(momentum)
    return np.clip(moved, -limit, limit), momentum


def smoothed_over_frames(gradient: Float) -> Float:
    """Return gradients, (frames, bands), averaged over neighbouring frames by a triangle."""
    frames = len(gradient)
    near = 1.0 - np.abs(np.subtract.outer(np.arange(frames), np.arange(frames))) / (NEIGHBOURS + 1)
    triangle = np.asarray(np.maximum(near, 0.0), np.float32)
    return np.asarray(triangle @ gradient, np.float32)


def with_peak_1(gradient: Float) -> Float:
    """Return a gradient, (samples,), at a peak of 1; zeros where it is 0, infinite or NaN."""
    peak = float(np.abs(gradient).max(initial=0.0))
    if not 0.0 < peak < np.inf:  # also where it is not a number
        return np.zeros_like(gradient)
    return gradient / np.float32(peak)
