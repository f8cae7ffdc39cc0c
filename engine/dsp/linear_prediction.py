"""Linear prediction: how a sound goes on if it goes on as it did."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..kernel.binding import bind
from ..kernel.response import zero_input_response

Double = NDArray[np.float64]

ORDER = 64
"""Coefficients: enough for some thirty partials."""
PAST = 2048
"""Samples from which they are found, at most."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""A power that nothing is divided by."""


def forecast(sound: Float, samples: int) -> Float:
    """Return the next samples of a sound.

    Its partials go on and decay as they did. By Burg's method the prediction is stable; it is held
    to the peak of the past all the same.

    Args:
        sound: (any number of samples,); its newest `PAST` count.
        samples: how many to return.

    Returns:
        float32 (samples,); silence after silence.

    References:
        S. M. Kay, "Modern Spectral Estimation", 1988, section 7.5.
    """
    past = np.asarray(sound[-PAST:], np.float64)
    peak = float(np.abs(past).max(initial=0.0))
    if peak == 0.0 or not np.isfinite(peak):
        return np.zeros(samples, np.float32)
    coefficients = burg(past / peak, min(ORDER, len(past) // 2))
    following = np.empty(samples)
    bind(zero_input_response, coefficients, _state(coefficients, past))(following)
    return np.asarray(np.clip(following, -peak, peak), np.float32)


def burg(sound: Double, order: int) -> Double:
    """Return the prediction error filter of a sound, (order + 1,), the first of them 1.

    Args:
        sound: (samples,), more than the order.
        order: how many samples before each one predict it.
    """
    forward, backward = sound[1:].copy(), sound[:-1].copy()
    spare = np.empty_like(forward)
    coefficients = np.zeros(order + 1)
    coefficients[0] = 1.0
    for known in range(order):
        power = forward @ forward + backward @ backward
        if power < SMALLEST:
            break
        reflection = -2.0 * (forward @ backward) / power
        coefficients[: known + 2] += reflection * coefficients[: known + 2][::-1]
        ahead = np.multiply(backward, reflection, out=spare)
        ahead += forward
        forward *= reflection
        backward += forward
        forward, backward, spare = ahead[1:], backward[:-1], forward[1:]
    return coefficients


def _state(coefficients: Double, past: Double) -> Double:
    """Return the state of `lfilter([1], coefficients)` after its output was `past`, (order,).

    It is what `scipy.signal.lfiltic` returns, in half the time, and to the last bit: the filters of
    a dream take steps of one size either way, so the least difference would grow.
    """
    order = len(coefficients) - 1
    newest = past[: -order - 1 : -1]
    products = (coefficients[n + 1 :] * newest[: order - n] for n in range(order))
    return -np.array([np.add.reduce(product) for product in products])
