"""Adversarial training: each batch is first moved, within a ball, to where the network errs most.

After Madry, Makelov, Schmidt, Tsipras and Vladu, "Towards Deep Learning Models Resistant to
Adversarial Attacks", ICLR 2018. Gradients of networks trained like this look like what they stand
for: Engstrom, Ilyas, Santurkar, Tsipras, Tran and Madry, "Adversarial Robustness as a Prior for
Learned Representations", 2019.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ..networks.listener import Listener

SMALLEST = 1e-12


@dataclass(frozen=True)
class Adversary:
    """How far and how hard a batch is moved.

    Attributes:
        radius: of the ball, relative to the norm of each window; 0 moves nothing.
        first_radius: at the first step of the training.
        growing: share of the training in which the radius grows, evenly, from first to last.
        steps: of normalised gradient ascent on the loss, each as long as the radius.
    """

    radius: float = 0.12
    first_radius: float = 0.03
    growing: float = 0.4
    steps: int = 2

    def radius_at(self, progress: float) -> float:
        """Return the radius when the share `progress` of the training, 0 to 1, is done."""
        share = min(1.0, progress / self.growing) if self.growing > 0 else 1.0
        return self.first_radius + (self.radius - self.first_radius) * share


def attack(
    network: Listener,
    waveform: Tensor,
    targets: Tensor,
    radius: float,
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """Return the batch, moved to where the loss is higher.

    The network's weights get no gradient, and its batch normalisation keeps its running averages.

    Args:
        network: as it trains, or in evaluation mode.
        waveform: float32 [batch, window].
        targets: float32 [batch, classes], 0 to 1.
        radius: of the ball, relative to the norm of each window.
        steps: of gradient ascent.
        generator: of the random start, on the waveform's device.

    Returns:
        float32 [batch, window], no farther than `radius` from `waveform`.
    """
    if radius <= 0.0 or steps < 1:
        return waveform
    length = radius * waveform.norm(dim=1, keepdim=True)
    start = torch.randn(waveform.shape, generator=generator, device=generator.device)
    share = torch.rand(len(waveform), 1, generator=generator, device=generator.device)
    change = _unit(start) * length * share
    with _frozen(network):
        for _ in range(steps):
            change.requires_grad_(True)
            scores = network(waveform + change)["output"].mean(dim=2)
            loss = binary_cross_entropy_with_logits(scores, targets, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, change)
            change = change.detach() + 2.0 * length / steps * _unit(gradient)
            beyond = change.norm(dim=1, keepdim=True) / (length + SMALLEST)
            change = change / beyond.clamp(min=1.0)
    moved: Tensor = (waveform + change).detach()
    return moved


def _unit(rows: Tensor) -> Tensor:
    ones: Tensor = rows / (rows.norm(dim=1, keepdim=True) + SMALLEST)
    return ones


@contextmanager
def _frozen(network: Listener) -> Iterator[None]:
    """Keep weights from gathering gradients, and running averages from moving."""
    learning = [weight for weight in network.parameters() if weight.requires_grad]
    norms = [
        (module, module.momentum)
        for module in network.modules()
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)
    ]
    for weight in learning:
        weight.requires_grad_(False)
    for norm, _ in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for weight in learning:
            weight.requires_grad_(True)
        for norm, momentum in norms:
            norm.momentum = momentum
