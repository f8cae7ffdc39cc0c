"""A linear classifier on embeddings: independent logistic scores, fitted to the optimum."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

DECAY = 1e-3
ITERATIONS = 200


@dataclass(frozen=True)
class Classifier:
    """Scores = weight @ features + bias, before the sigmoid.

    Attributes:
        weight: float32 [classes, features].
        bias: float32 [classes].
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Return the scores [n, classes] of features [n, features]."""
        return features @ self.weight.T + self.bias


def fit(features: Tensor, labels: Tensor, groups: Tensor, classes: int) -> Classifier:
    """Fit a classifier; the same data give the same weights.

    Args:
        features: float32 [n, features].
        labels: int64 [n], the class of each.
        groups: int64 [n], the sound that each comes from: long sounds count no more than short.
        classes: how many there are; all count alike, however many sounds they have.
    """
    mean, deviation = features.mean(0), features.std(0, unbiased=False).clamp(min=1e-6)
    standard = (features - mean) / deviation
    targets = torch.nn.functional.one_hot(labels, classes).float()
    importance = _importance(labels, groups, classes)
    weight = torch.zeros(classes, features.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=ITERATIONS, tolerance_grad=1e-7, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        scores = standard @ weight.T + bias
        each = binary_cross_entropy_with_logits(scores, targets, reduction="none").sum(1)
        total = (each * importance).sum() + DECAY * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    plain = weight.detach() / deviation
    return Classifier(plain, bias.detach() - plain @ mean)


def cross_validate(
    features: Tensor, labels: Tensor, groups: Tensor, classes: int, folds: int
) -> Tensor:
    """Return the class that each sound gets from a classifier that was not fitted to it.

    Args:
        features, labels, groups, classes: as for `fit`; groups are numbered from 0.
        folds: into which the sounds of each class are dealt.

    Returns:
        int64 [sounds].
    """
    sounds = int(groups.max()) + 1
    label_of = torch.zeros(sounds, dtype=torch.int64).scatter(0, groups, labels)
    fold_of = torch.zeros(sounds, dtype=torch.int64)
    for label in range(classes):
        own = torch.nonzero(label_of == label)[:, 0]
        fold_of[own] = torch.arange(len(own)) % folds
    found = torch.zeros(sounds, dtype=torch.int64)
    for fold in range(folds):
        tested = fold_of[groups] == fold
        classifier = fit(features[~tested], labels[~tested], groups[~tested], classes)
        scores = classifier(features)
        for sound in torch.nonzero(fold_of == fold)[:, 0].tolist():
            found[sound] = scores[groups == sound].mean(0).argmax()
    return found


def _importance(labels: Tensor, groups: Tensor, classes: int) -> Tensor:
    """Return a weight for each window: equal for all classes and all sounds of a class; sum 1."""
    windows = torch.bincount(groups)[groups].float()
    sounds = torch.tensor([len(set(groups[labels == n].tolist())) for n in range(classes)])
    return 1.0 / (windows * sounds[labels] * classes)
