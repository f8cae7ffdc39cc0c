"""The accuracy of a network on held-out sounds."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..networks.listener import Listener
from ..sounds.bank import Bank
from .adversary import attack
from .augment import PLAIN, Augmentation, Examples

BATCH = 64
ATTACK_STEPS = 5


@dataclass(frozen=True)
class Accuracy:
    """Figures of one test.

    Attributes:
        classes: names, in the order of the axes.
        confusion: int64 [true class, loudest class]: how many examples.
    """

    classes: tuple[str, ...]
    confusion: NDArray[np.int64]

    @property
    def overall(self) -> float:
        """Part of the examples whose highest score is the right class, 0..1."""
        return float(np.trace(self.confusion) / max(1, self.confusion.sum()))

    @property
    def per_class(self) -> dict[str, float]:
        """The same for each class."""
        right = self.confusion.diagonal() / np.maximum(1, self.confusion.sum(axis=1))
        return {name: float(value) for name, value in zip(self.classes, right, strict=True)}

    def mistakes(self, count: int = 10) -> list[tuple[str, str, int]]:
        """Return the most frequent mistakes: true class, class heard, count."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        found = []
        for place in np.argsort(wrong, axis=None)[::-1][:count]:
            true, heard = np.unravel_index(place, wrong.shape)
            if wrong[true, heard]:
                found.append((self.classes[true], self.classes[heard], int(wrong[true, heard])))
        return found


def accuracy(
    network: Listener,
    bank: Bank,
    augmentation: Augmentation = PLAIN,
    each: int = 40,
    seed: int = 7,
    radius: float = 0.0,
) -> Accuracy:
    """Test a network on the held-out sounds of a bank, one class to each example.

    Args:
        network: in evaluation mode.
        bank: only its held-out sounds are used.
        augmentation: `PLAIN` or `UNMIXED`; mixtures would have two right answers.
        each: examples of each class.
        seed: of the choice of sounds and of the augmentation.
        radius: by how much of its norm each example is first moved against the network; see
            `attack`.
    """
    device = next(network.parameters()).device
    examples = Examples(bank.part(held_out=True), network.window, augmentation, device)
    generator = torch.Generator(device).manual_seed(seed)
    labels = torch.arange(len(bank.classes)).repeat_interleave(each)
    heard = []
    for part in torch.split(labels, BATCH):
        waveform, targets = examples.of_classes(part.to(device), generator)
        waveform = attack(network, waveform, targets, radius, ATTACK_STEPS, generator)
        with torch.no_grad():
            heard.append(network(waveform)["output"].mean(dim=2).argmax(dim=1).cpu())
    confusion = np.zeros((len(bank.classes), len(bank.classes)), dtype=np.int64)
    np.add.at(confusion, (labels.numpy(), torch.cat(heard).numpy()), 1)
    return Accuracy(bank.classes, confusion)
