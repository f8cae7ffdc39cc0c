"""The limiter of the output as TorchScript; see `engine/dsp/limiter.py`."""

import torch
from torch import Tensor, nn

from ...engine.dsp.limiter import LIMITER_CEILING, LIMITER_RELEASE_SECONDS
from ...engine.kernel.output import MOST_PEAK
from ...engine.plugin.output_stage import CEILING_FADE


class ScriptLimiter(nn.Module):
    """Keeps every sample of one channel within full scale, at once and without delay."""

    decay: Tensor
    envelope: Tensor

    def __init__(self, sample_rate: int, hop: int) -> None:
        """Prepare for blocks of `hop` samples at `sample_rate`."""
        super().__init__()
        samples = torch.arange(1, hop + 1, dtype=torch.float64)
        decay = torch.exp(-samples / (LIMITER_RELEASE_SECONDS * sample_rate))
        self.register_buffer("decay", decay)
        self.register_buffer("envelope", torch.zeros((), dtype=torch.float64))
        self.below, self.fade = 1.0 - LIMITER_CEILING, CEILING_FADE
        self.most = MOST_PEAK

    def forward(self, block: Tensor, mix: float) -> Tensor:
        """Return a block, (hop,), limited as its mix of dry and wet sound asks for."""
        ceiling = 1.0 - self.below * min(1.0, mix / self.fade)
        peak = block.abs()
        if bool(self.envelope <= ceiling) and bool(peak.max() <= ceiling):  # which NaN is not
            self.envelope = self.envelope * self.decay[-1]
            return block
        peak = peak.nan_to_num(0.0).double()
        scaled = torch.cummax(peak.clamp(max=self.most) / self.decay, 0)[0]
        envelope = torch.maximum(scaled, self.envelope) * self.decay
        self.envelope = envelope[-1]
        gain = (ceiling / envelope.clamp(min=ceiling)).float()
        return (block * gain).nan_to_num(0.0, ceiling, -ceiling).clamp(-ceiling, ceiling)

    def reset(self) -> None:
        """Clear the past."""
        self.envelope = torch.zeros_like(self.envelope)
