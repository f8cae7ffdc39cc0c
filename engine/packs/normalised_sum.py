"""The mean of several networks' gradients, each as large as its direction is long."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Float


def direction_lengths(directions: Mapping[str, Float], batch: int) -> Float:
    """Return the length of the directions of one network, all its layers together.

    Args:
        directions: layer -> [units] or [batch, units].
        batch: how many rows to return.

    Returns:
        float32 [batch].
    """
    total = np.zeros(batch, np.float32)
    for direction in directions.values():
        total += np.square(direction).sum(axis=-1)
    return np.sqrt(total)


def normalised(gradient: Float, lengths: Float) -> Float:
    """Return gradients with a standard deviation of `lengths`; those that are 0 stay 0.

    Args:
        gradient: [batch, window].
        lengths: [batch].
    """
    deviation = gradient.std(axis=1)
    scale = np.divide(lengths, deviation, out=np.zeros_like(deviation), where=deviation > 0.0)
    return np.asarray(gradient * scale[:, np.newaxis], np.float32)


def normalised_sum(
    parts: Sequence[tuple[Float, Float, Float, float]], shape: tuple[int, ...]
) -> tuple[Float, Float]:
    """Return the mean objective and the mean of the normalised gradients.

    Args:
        parts: of each network that takes part: objective [batch], gradient [batch, its window],
            the lengths of its directions [batch], its weight. The newest samples of all windows
            are the same.
        shape: batch and window of the result.

    Returns:
        objective [batch] and gradient [batch, window], averaged for each row over the networks
        whose direction has a length there.
    """
    objective, gradient = np.zeros(shape[0], np.float32), np.zeros(shape, np.float32)
    count = np.zeros(shape[0], np.float32)
    for value, slope, lengths, weight in parts:
        objective += np.float32(weight) * value
        gradient[:, shape[1] - slope.shape[1] :] += np.float32(weight) * normalised(slope, lengths)
        count += lengths > 0.0
    count = np.maximum(count, 1.0)
    return objective / count, gradient / count[:, np.newaxis]
