"""What keeps a filtered sound as loud as the sound, as TorchScript; see `level_match.py` there."""

import math

import torch
from torch import Tensor, nn

from ...engine.dsp import level_match


def _decay(time_constant: float, samples: int) -> Tensor:
    """Return an exponential decay over samples, float64 (samples,)."""
    return torch.exp(-torch.arange(1, samples + 1, dtype=torch.float64) / time_constant)


class ScriptLevelMatch(nn.Module):
    """Follows the level of one channel and of what a filter makes of it, and evens them out."""

    kept: Tensor
    most: Tensor
    short_fall: Tensor
    peak_fall: Tensor
    before: Tensor
    after: Tensor
    applied: Tensor
    powers: Tensor
    peak: Tensor
    gain: float

    def __init__(self, hop: int, sample_rate: int) -> None:
        """Start without a correction, for calls once each `hop` samples."""
        super().__init__()
        constants = (level_match.SECONDS, level_match.SLOW_SECONDS)
        kept = [math.exp(-hop / (seconds * sample_rate)) for seconds in constants]
        self.register_buffer("kept", torch.tensor(kept, dtype=torch.float64))
        most = [level_match.MOST_GAIN, level_match.MOST_SLOW_GAIN]
        self.register_buffer("most", torch.tensor(most, dtype=torch.float64))
        short, peaks = level_match.SHORT_SECONDS, level_match.PEAK_SECONDS
        self.register_buffer("short_fall", _decay(short * sample_rate, hop))
        self.register_buffer("peak_fall", _decay(peaks * sample_rate, hop))
        for name in ("before", "after", "powers"):
            self.register_buffer(name, torch.zeros(2, dtype=torch.float64))
        self.register_buffer("applied", torch.ones(2, dtype=torch.float64))
        self.register_buffer("peak", torch.zeros((), dtype=torch.float64))
        self.gain = 1.0
        self.most_rise, self.most_peak = level_match.MOST_RISE, level_match.MOST_PEAK
        self.silence = level_match.SILENCE

    def share_within_peak(self, sound: Tensor, change: Tensor) -> float:
        """Return how much of a filter's change keeps the peak of one frame, (samples,)."""
        most = self.most_peak * sound.abs().max()
        if bool((sound + change).abs().max() <= most):
            return 1.0
        share = (most - torch.sign(change) * sound) / change.abs().clamp(min=1e-12)
        return min(1.0, float(share.min()))

    def forward(self, sound: Tensor, filtered: Tensor) -> Tensor:
        """Return a hop of the filtered sound, evened out, and take it in.

        Args:
            sound: float32 (hop,).
            filtered: the same samples as they were filtered and multiplied by `gain`.
        """
        filtered = self.within_peaks(sound, self.risen_less(sound, filtered))
        self.follow(sound, filtered)
        return filtered

    def risen_less(self, sound: Tensor, filtered: Tensor) -> Tensor:
        """Return a filtered sound whose short-term level rises at most by `MOST_RISE`."""
        both = torch.stack((sound, filtered)).double().square()
        powers = torch.cumsum(both / self.short_fall, 1) + self.powers.unsqueeze(1)
        self.powers = powers[:, -1] * self.short_fall[-1]
        powers = powers + self.silence / self.short_fall
        gain = torch.sqrt(powers[0] / powers[1]) * self.most_rise
        return (filtered * gain.clamp(max=1.0)).float()

    def within_peaks(self, sound: Tensor, filtered: Tensor) -> Tensor:
        """Return a filtered sound, limited to what keeps it near the sound's last peaks."""
        rising = torch.cummax(sound.abs() / self.peak_fall, 0)[0]
        peaks = torch.maximum(rising, self.peak) * self.peak_fall
        self.peak = peaks[-1]
        most = self.most_peak * peaks
        return torch.maximum(torch.minimum(filtered.double(), most), -most).float()

    def follow(self, sound: Tensor, filtered: Tensor) -> None:
        """Take in what was heard last, (hop,) each."""
        power = sound.double().square().mean()
        self.before = self.before * self.kept + power
        self.after = self.after * self.kept + filtered.double().square().mean() / self.applied
        gains = torch.sqrt((self.before + self.silence) / (self.after + self.silence))
        gains = torch.minimum(torch.maximum(gains, 1.0 / self.most), self.most)
        self.gain = float(gains.prod().float())
        self.applied = torch.stack((torch.tensor(self.gain).double(), gains[1])).square()

    def reset(self) -> None:
        """Forget levels and peaks."""
        self.before = torch.zeros_like(self.before)
        self.after = torch.zeros_like(self.after)
        self.powers = torch.zeros_like(self.powers)
        self.applied = torch.ones_like(self.applied)
        self.peak = torch.zeros_like(self.peak)
        self.gain = 1.0
