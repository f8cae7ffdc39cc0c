"""How a filter goes on without an input."""

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]


def zero_input_response(coefficients: Double, state: Double, response: Double) -> float:
    """Compute what an all-pole filter gives while nothing comes in.

    Args:
        coefficients: of the filter's denominator, (order + 1,), the first of them 1.
        state: of the transposed direct form II, (order,): `zi` of `scipy.signal.lfilter`.
        response: (samples,), written.
    """
    from scipy.signal import lfilter  # half a second to import: only where nothing is compiled

    response[:], _ = lfilter([1.0], coefficients, np.zeros_like(response), zi=state)
    return 0.0
