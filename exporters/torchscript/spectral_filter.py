"""The frames that are heard, as TorchScript; see `engine/plugin/spectral_filter.py`."""

import torch
from torch import Tensor, nn

from ...engine.arrays import Float
from ...engine.dsp.stft import FRAMES_PER_WINDOW, hann
from ...engine.parameters import PARAMETERS
from .band_filter import ScriptBandFilter
from .level_match import ScriptLevelMatch


class ScriptSpectralFilter(nn.Module):
    """Filters one channel frame by frame; its result is behind by a frame less a hop."""

    window: Tensor
    synthesis: Tensor
    newest: Tensor
    sum: Tensor

    def __init__(self, n_fft: int, sample_rate: int, frequency: Float, network_rate: int) -> None:
        """Start from silence.

        Args:
            n_fft: samples in a frame.
            sample_rate: of the sound, in hertz.
            frequency: of the bins, in hertz, (bins,).
            network_rate: of the network that dreams, in hertz.
        """
        super().__init__()
        self.n_fft, self.hop = n_fft, n_fft // FRAMES_PER_WINDOW
        self.bands = ScriptBandFilter(frequency, network_rate)
        self.level = ScriptLevelMatch(self.hop, sample_rate)
        self.register_buffer("window", torch.tensor(hann(n_fft)))
        self.register_buffer("synthesis", torch.tensor(hann(n_fft)) * (1 / 1.5))
        self.register_buffer("newest", torch.zeros(n_fft))
        self.register_buffer("sum", torch.zeros(n_fft))
        self.threshold = float(10.0 ** (float(PARAMETERS["threshold_db"].default) / 20.0))

    def forward(
        self, sound: Tensor, log_gain: Tensor, step: float, has_dream: bool
    ) -> tuple[Tensor, Tensor]:
        """Filter the next frame.

        Args:
            sound: the next hop, (hop,).
            log_gain: of the bins for a step of 1, (bins,).
            step: how much of the dream.
            has_dream: whether there was an update yet.

        Returns:
            the oldest hop of the frame, and what the filter changes in it, (hop,) each.
        """
        self.newest = torch.cat((self.newest[self.hop :], sound))
        oldest = self.newest[: self.hop]
        if not has_dream:
            return oldest, torch.zeros_like(oldest)
        spectrum = torch.fft.rfft(self.newest * self.window).unsqueeze(0)
        change = step * self.loud(self.bands.dream(spectrum, log_gain, step))
        added = torch.fft.irfft(change[0], self.n_fft) * self.synthesis
        if bool((change != 0).any()):
            own = self.newest * (self.window * self.synthesis)
            gain = self.level.gain
            share = self.level.share_within_peak(own, added)
            added = added * (share * gain) + (gain - 1.0) * own
        total = self.sum + added
        self.sum = torch.cat((total[self.hop :], torch.zeros_like(oldest)))
        finished = total[: self.hop]
        if not bool(torch.isfinite(finished).all()):
            self.sum = torch.zeros_like(self.sum)
            self.level.reset()
            finished = torch.zeros_like(finished)
        return oldest, self.level(oldest, oldest + finished) - oldest

    def loud(self, dream: Tensor) -> Tensor:
        """Return the dream without the bins that are below the threshold."""
        magnitude = dream.abs()
        relative = magnitude / magnitude.max().clamp(min=1e-12)
        return dream * (relative > self.threshold)

    def reset(self) -> None:
        """Clear the past."""
        self.newest = torch.zeros_like(self.newest)
        self.sum = torch.zeros_like(self.sum)
        self.level.reset()
