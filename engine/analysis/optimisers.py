"""Optimisers that follow a gradient upwards: plain ascent, and Adam."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float


class Climb(Protocol):
    """The ascent of one batch, with its state."""

    def step(self, parameters: Float, gradient: Float) -> Float:
        """Return the parameters after one step up the gradient; both [batch, ...]."""
        ...

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the state of the rows of the batch that are False: they have converged."""
        ...


class Optimiser(Protocol):
    """Creates the ascent of a batch."""

    def begin(self) -> Climb:
        """Return the ascent of a new batch."""
        ...


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba, 2015), maximising.

    Attributes:
        learning_rate: the length of a step, in the parameters' own unit.
        beta1: decay of the mean of the gradients.
        beta2: decay of the mean of their squares.
        epsilon: added to the root of the latter.
    """

    learning_rate: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def begin(self) -> Climb:
        """Return the ascent of a new batch."""
        return _AdamClimb(self)


class _AdamClimb:
    def __init__(self, settings: Adam) -> None:
        self._settings = settings
        self._steps = 0
        self._mean = np.zeros((), np.float32)
        self._square = np.zeros((), np.float32)

    def step(self, parameters: Float, gradient: Float) -> Float:
        """Return the parameters after one step."""
        each = self._settings
        if self._steps == 0:
            self._mean, self._square = np.zeros_like(gradient), np.zeros_like(gradient)
        self._steps += 1
        self._mean += np.float32(1 - each.beta1) * (gradient - self._mean)
        self._square += np.float32(1 - each.beta2) * (gradient * gradient - self._square)
        scale = np.float32(each.learning_rate / (1 - each.beta1**self._steps))
        root = np.sqrt(self._square * np.float32(1 / (1 - each.beta2**self._steps)))
        step = scale * self._mean / (root + np.float32(each.epsilon))
        return np.asarray(parameters + step, np.float32)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the state of the other rows."""
        self._mean, self._square = self._mean[rows], self._square[rows]


@dataclass(frozen=True)
class Ascent:
    """Steps along the gradient, divided by its root mean square, as in DreamSound.

    Attributes:
        length: root mean square of a step, in the parameters' own unit.
    """

    length: float = 0.1

    def begin(self) -> Climb:
        """Return the ascent of a new batch."""
        return _AscentClimb(self.length)


class _AscentClimb:
    def __init__(self, length: float) -> None:
        self._length = np.float32(length)

    def step(self, parameters: Float, gradient: Float) -> Float:
        """Return the parameters after one step."""
        axes = tuple(range(1, gradient.ndim))
        size = np.sqrt(np.mean(np.square(gradient), axis=axes, keepdims=True))
        step = self._length * gradient / np.maximum(size, np.float32(1e-30))
        return np.asarray(parameters + step, np.float32)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Do nothing: there is no state."""
