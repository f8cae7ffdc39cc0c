"""The window of sound that a network hears, hop by hop, from a stream of another rate."""

import torch
from torch import Tensor, nn

from .resampler import ScriptResampler


class ScriptUpdates(nn.Module):
    """Cuts a stream into the hops between two updates, at the network's rate."""

    pending: Tensor

    def __init__(self, stream_rate: int, network_rate: int, hop: int) -> None:
        """Convert from the stream's rate to the network's, in hertz; `hop` is at the latter."""
        super().__init__()
        self.hop = hop
        self.resampler = ScriptResampler(stream_rate, network_rate)
        self.register_buffer("pending", torch.zeros(0))

    def forward(self, sound: Tensor) -> Tensor:
        """Return the hops that new sound, (samples,), completes: (hops, hop)."""
        self.pending = torch.cat((self.pending, self.resampler(sound)))
        count = self.pending.numel() // self.hop * self.hop
        complete = self.pending[:count].reshape(-1, self.hop)
        self.pending = self.pending[count:].clone()
        return complete

    def reset(self) -> None:
        """Start a new stream."""
        self.pending = torch.zeros(0)
        self.resampler.reset()
