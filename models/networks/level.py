"""Scales a window to one level, so that a network hears a quiet sound like a loud one."""

from torch import Tensor, nn

QUIET = 1e-7
"""Mean square, -70 dBFS, below which a window stays quiet."""


class UnitLevel(nn.Module):
    """Divide each window by its root mean square."""

    def forward(self, waveform: Tensor) -> Tensor:
        """Return float32 [batch, window] at root mean square 1, or less where it is quiet."""
        power = (waveform * waveform).mean(dim=1, keepdim=True)
        return waveform / (power + QUIET).sqrt()
