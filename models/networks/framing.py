"""Overlapping frames of a waveform, and long filters applied block by block."""

import torch
from torch import Tensor, nn
from torch.nn import functional

LEARNED_LEVEL = 0.3
"""Root mean square of learned kernels as they are stored. An optimiser takes steps of one size for
all weights, so the kernels must be about as large as the other weights."""
MAGNITUDE_FLOOR = 1e-9
"""Its square is added to squared magnitudes: at silence their gradient is 0, not infinite."""


def magnitude(real: Tensor, imaginary: Tensor) -> Tensor:
    """Return the absolute value of complex numbers, with a finite gradient at 0."""
    return (real * real + imaginary * imaginary + MAGNITUDE_FLOOR**2).sqrt()


def blocks_of(waveform: Tensor, hop: int, count: int) -> Tensor:
    """Return the first `count` blocks of `hop` samples; zeros follow the waveform.

    Args:
        waveform: [batch, samples].
        hop: samples in a block.
        count: of blocks.

    Returns:
        [batch, count, hop].
    """
    missing = count * hop - waveform.shape[1]
    if missing > 0:
        waveform = functional.pad(waveform, (0, missing))
    elif missing < 0:
        waveform = waveform[:, : count * hop]
    return waveform.reshape(waveform.shape[0], count, hop)


def frames_of(waveform: Tensor, length: int, hop: int) -> Tensor:
    """Return every whole frame of a waveform, side by side.

    Args:
        waveform: [batch, samples].
        length: of a frame, in samples.
        hop: samples between the starts of two frames.

    Returns:
        [batch, length, frames]: cutting and reversing whole rows costs little.
    """
    frames = 1 + (waveform.shape[1] - length) // hop
    each = -(-length // hop)
    blocks = blocks_of(waveform, hop, frames + each - 1).transpose(1, 2)
    joined = torch.cat([blocks[:, :, first : first + frames] for first in range(each)], dim=1)
    return joined[:, :length]


class LongFilters(nn.Module):
    """Correlate a waveform with long kernels, once every hop.

    The same as a convolution with a stride of `hop`; written as a convolution of stride 1 over
    blocks of `hop` samples, whose gradient is such a convolution again.
    """

    scale: Tensor

    def __init__(self, kernels: Tensor, hop: int, learned: bool = False) -> None:
        """Hold the kernels.

        Args:
            kernels: float32 [filters, length]; frame `f` sees the samples around `(f + 0.5) hop`.
            hop: samples between two frames.
            learned: whether the kernels are weights; otherwise they are fixed and not in the state.
        """
        super().__init__()
        filters, length = kernels.shape
        self.hop = hop
        self.count = -(-length // hop)
        # An odd number of blocks has a middle, where a frame's centre lies.
        self.count += 1 - self.count % 2
        missing = self.count * hop - length
        whole = functional.pad(kernels, (missing // 2, missing - missing // 2))
        weight = whole.reshape(filters, self.count, hop).permute(0, 2, 1).contiguous()
        # Zeros fill shorter kernels up to one length: they do not count.
        power = kernels.square().sum(dim=1) / (kernels != 0).sum(dim=1).clamp(min=1)
        scale = (power.sqrt() / LEARNED_LEVEL).clamp(min=1e-12).reshape(-1, 1, 1)
        self.register_buffer("scale", scale if learned else torch.ones(()), persistent=False)
        if learned:
            self.weight = nn.Parameter(weight / scale)
        else:
            self.register_buffer("weight", weight, persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, filters, samples // hop] of a waveform [batch, samples]."""
        frames, more = divmod(waveform.shape[1], self.hop)
        blocks = blocks_of(waveform, self.hop, frames + bool(more)).transpose(1, 2)
        kernels = self.weight * self.scale
        return functional.conv1d(blocks, kernels, padding=self.count // 2)[:, :, :frames]
