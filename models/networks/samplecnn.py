"""SampleCNN: 1-D convolutions on the waveform itself, three samples at a time."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from .level import UnitLevel
from .listener import Listener

POOL = 3
"""The `m` of the paper: every pooled layer divides the frame rate by it."""


class SampleCNN(Listener):
    """Layers `conv1`, `conv2`, ..., `output` on the raw waveform.

    The window is brought to a root mean square of 1 first, so that a quiet sound is heard like a
    loud one. `conv1` strides by 3. Every further width but the last stands for a block of
    [Conv1d(3), BatchNorm, MaxPool(3), ReLU]: the paper's block, with pooling before the ReLU,
    which gives the same numbers for a third of the work. The last width is a convolution of
    length 1. The classifier is linear on the mean over time.

    After Lee, Park, Kim and Nam, "Sample-level deep convolutional neural networks for music
    auto-tagging using raw waveforms", 2017; narrower, so that its gradient is fast.
    """

    def __init__(
        self,
        classes: Sequence[str],
        sample_rate: int = 16_000,
        widths: Sequence[int] = (16, 32, 64, 96, 96, 128, 128, 192),
        frames: int = 8,
        hop: int = 729,
        dropout: float = 0.3,
    ) -> None:
        """Build an untrained network.

        Args:
            classes: names of the units of `output`.
            sample_rate: in hertz.
            widths: units of each convolution.
            frames: of the last convolution; the window is as many of its hops.
            hop: samples between two windows of a stream.
            dropout: part of the features dropped before the classifier, in training.
        """
        super().__init__()
        self.sample_rate = sample_rate
        self.hop = hop
        self.front_end = "raw waveform, brought to one level per window"
        self.classes = tuple(classes)
        blocks: dict[str, nn.Module] = {
            "conv1": nn.Sequential(
                nn.Conv1d(1, widths[0], POOL, stride=POOL, bias=False),
                nn.BatchNorm1d(widths[0]),
                nn.ReLU(),
            )
        }
        for number, (inner, outer) in enumerate(pairwise(widths[:-1]), 2):
            blocks[f"conv{number}"] = nn.Sequential(
                nn.Conv1d(inner, outer, 3, padding=1, bias=False),
                nn.BatchNorm1d(outer),
                nn.MaxPool1d(POOL),
                nn.ReLU(),
            )
        blocks[f"conv{len(widths)}"] = nn.Sequential(
            nn.Conv1d(widths[-2], widths[-1], 1, bias=False),
            nn.BatchNorm1d(widths[-1]),
            nn.ReLU(),
        )
        self.level = UnitLevel()
        self.window = frames * POOL ** (len(widths) - 1)
        self.blocks = nn.ModuleDict(blocks)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(widths[-1], len(self.classes))

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.forward`."""
        return self.activate(self.represent(waveform))

    def represent(self, waveform: Tensor) -> Tensor:
        """Return the waveform, brought to one level."""
        level: Tensor = self.level(waveform)
        return level

    def activate(self, represented: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations for a waveform at one level."""
        activations: dict[str, Tensor] = {}
        signal = represented.unsqueeze(1)
        for name, block in self.blocks.items():
            signal = block(signal)
            activations[name] = signal
        features = self.dropout(signal.mean(dim=2))
        activations["output"] = self.classifier(features).unsqueeze(2)
        return activations
