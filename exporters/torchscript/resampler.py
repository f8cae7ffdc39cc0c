"""The streaming resampler as TorchScript; see `engine/dsp/resample.py`."""

import torch
from torch import Tensor, nn

from ...engine.dsp.resample import Resampler


class ScriptResampler(nn.Module):
    """Converts a stream of mono chunks of any lengths."""

    bank: Tensor
    kept: Tensor
    received: int
    given: int

    def __init__(self, input_rate: int, output_rate: int) -> None:
        """Convert from `input_rate` to `output_rate`, in hertz."""
        super().__init__()
        twin = Resampler(input_rate, output_rate)
        self.up, self.down, self.lag = twin.up, twin.down, twin.lag
        self.register_buffer("bank", torch.from_numpy(twin.bank))
        self.register_buffer("kept", torch.zeros(max(0, self.lag - 1)))
        self.received = self.given = 0

    def forward(self, chunk: Tensor) -> Tensor:
        """Return all output that the input so far allows, (samples,), for its next chunk."""
        if self.lag == 0:
            return chunk
        signal = torch.cat((self.kept, chunk))
        first_kept = self.received - self.kept.numel()
        self.received += chunk.numel()
        last = (self.received - self.lag) * self.up
        end = max(self.given, -(-last // self.down))
        if end == self.given:
            self.kept = signal
            return torch.zeros(0)
        numbers = torch.arange(self.given, end) * self.down
        starts = numbers // self.up - (self.lag - 1) - first_kept
        windows = signal.unfold(0, 2 * self.lag, 1).index_select(0, starts)
        output = (windows * self.bank.index_select(0, numbers % self.up)).sum(1)
        self.given = end
        oldest_needed = end * self.down // self.up - (self.lag - 1)
        self.kept = signal[max(0, oldest_needed - first_kept) :].clone()
        return output

    @torch.jit.export
    def reset(self) -> None:
        """Start a new stream; silence precedes it."""
        self.kept = torch.zeros(max(0, self.lag - 1))
        self.received = 0
        self.given = 0
