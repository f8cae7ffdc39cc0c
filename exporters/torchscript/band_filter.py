"""The smooth filter of a frame as TorchScript; see `engine/dsp/band_filter.py`."""

import torch
from torch import Tensor, nn

from ...engine.arrays import Float
from ...engine.dsp.band_filter import (
    FAINT,
    HANN_ENERGY,
    MOST_LOG_GAIN,
    SILENCE,
    SMALLEST_STEP,
    mel_bands,
)


class ScriptBandFilter(nn.Module):
    """Bands of a filter over the bins of frames, and what log-gains do to these."""

    weights: Tensor
    coverage: Tensor
    inside: Tensor

    def __init__(self, frequency: Float, sample_rate: int) -> None:
        """Take the bins' frequencies, (bins,), and the network's rate, both in hertz."""
        super().__init__()
        bands = mel_bands(frequency, sample_rate)
        for name in ("weights", "coverage", "inside"):
            self.register_buffer(name, torch.from_numpy(getattr(bands, name)))
        self.most = float(MOST_LOG_GAIN)
        self.faint = float((FAINT * HANN_ENERGY * (len(frequency) - 1)) ** 2)
        self.silence = float(SILENCE)
        self.smallest_step = SMALLEST_STEP

    def of_bins(self, log_gains: Tensor) -> Tensor:
        """Return the log-gains of the bins, (..., bins), for those of the bands, (..., bands)."""
        return torch.matmul(log_gains, self.weights)

    def level_kept(self, spectrum: Tensor, log_gain: Tensor) -> Tensor:
        """Return log-gains, (frames, bins), that change the balance of a frame and not its level.

        Args:
            spectrum: complex64 (frames, bins).
            log_gain: (frames, bins), or (bins,) for all frames.
        """
        power = self.power(spectrum) * self.inside
        before = power.sum(-1, keepdim=True)
        after = (power * torch.exp(2.0 * log_gain)).sum(-1, keepdim=True)
        ratio = before / after.clamp(min=self.silence)
        kept = self.coverage * (0.5 * torch.log(ratio.clamp(min=self.silence))) + log_gain
        return kept.clamp(max=self.most) * (before / (before + self.faint))

    def change(self, spectrum: Tensor, log_gain: Tensor) -> Tensor:
        """Return the change that log-gains make, complex64 (frames, bins)."""
        return spectrum * torch.expm1(log_gain)

    def dream(self, spectrum: Tensor, log_gain: Tensor, step: float) -> Tensor:
        """Return D, for which X + step D is the filtered sound, complex64 (frames, bins)."""
        used = max(step, self.smallest_step)
        dream = self.change(spectrum, self.level_kept(spectrum, used * log_gain))
        return dream if step == 1.0 else dream / used

    def gradient(self, filtered: Tensor, pulled: Tensor) -> Tensor:
        """Return the gradient with respect to the log-gains of each frame, (frames, bands).

        Args:
            filtered: what `level_kept` made of the frames, complex64 (frames, bins).
            pulled: the gradient with respect to it, the same shape.
        """
        by_bin = pulled.real * filtered.real + pulled.imag * filtered.imag
        power = self.power(filtered) * self.inside
        share = power / power.sum(-1, keepdim=True).clamp(min=self.silence)
        by_bin = by_bin - share * torch.matmul(by_bin, self.coverage).unsqueeze(1)
        return torch.matmul(by_bin, self.weights.t())

    def power(self, spectrum: Tensor) -> Tensor:
        """Return the squared magnitudes, (frames, bins)."""
        return spectrum.real.square() + spectrum.imag.square()
