"""A gated recurrent unit, step by step, in operations whose gradient can be exported."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...engine.errors import ModelError


def gru(
    x: Tensor,
    state: Tensor,
    weights: Sequence[Tensor],
    has_biases: bool,
    layers: int,
    _dropout: float,
    _train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, Tensor]:
    """Run a GRU; the arguments are those of torch's operator `aten.gru.input`.

    Returns:
        outputs [batch, time, units] (time first where it is first in x), and the last states.

    Raises:
        ModelError: for what is not supported: several directions, no biases.
    """
    if bidirectional or not has_biases:
        raise ModelError("Only a GRU with biases that runs forwards can be exported.")
    axis = 1 if batch_first else 0
    last = []
    for layer in range(layers):
        x = _one_layer(x, state[layer], weights[4 * layer : 4 * layer + 4], axis)
        last.append(x.select(axis, x.shape[axis] - 1))
    return x, torch.stack(last)


def _one_layer(x: Tensor, state: Tensor, weights: Sequence[Tensor], axis: int) -> Tensor:
    """Cho et al., 2014, as torch has it: the reset gate acts on the transformed state."""
    inwards, across, inward_bias, across_bias = weights
    rows = x.reshape(x.shape[0] * x.shape[1], x.shape[2])
    projected = torch.addmm(inward_bias, rows, inwards.t()).reshape(*x.shape[:2], -1)
    states = []
    for step in projected.unbind(axis):
        x_reset, x_update, x_new = step.chunk(3, 1)
        s_reset, s_update, s_new = torch.addmm(across_bias, state, across.t()).chunk(3, 1)
        reset = torch.sigmoid(x_reset + s_reset)
        update = torch.sigmoid(x_update + s_update)
        new = torch.tanh(x_new + reset * s_new)
        state = new + update * (state - new)
        states.append(state)
    return torch.stack(states, axis)
