"""One filter that follows the gradient, as TorchScript; see `engine/dreaming/filter_ascent.py`."""

import torch
from torch import Tensor, nn

from ...engine.arrays import Float
from ...engine.dsp.band_filter import BANDS, DECIBELS, mel_bands
from ...engine.dsp.filter_steps import DECAY, FAINT, MOMENTUM, SMALLEST, STEP
from ...engine.dsp.sliding_frames import FRAMES_PER_HOP, SlidingFrames
from .band_filter import ScriptBandFilter


class ScriptFilterAscent(nn.Module):
    """A sliding window of sound, and the filter that grows on it."""

    sound: Tensor
    at: Tensor
    taper: Tensor
    scale: Tensor
    bin_weight: Tensor
    of_bins: Tensor
    spectra: Tensor
    filtered: Tensor
    log_gains: Tensor
    momentum: Tensor

    def __init__(self, window: int, hop: int, sample_rate: int, frequency: Float) -> None:
        """Start from silence.

        Args:
            window: samples that the network takes.
            hop: samples between two updates.
            sample_rate: of the network, in hertz.
            frequency: of the bins that the filter is heard at, in hertz.
        """
        super().__init__()
        self.hop = hop
        frames = SlidingFrames(window, hop, sample_rate)
        self.size = frames.size
        self.bands = ScriptBandFilter(frames.frequency * sample_rate, sample_rate)
        for name in ("at", "taper", "scale", "bin_weight"):
            self.register_buffer(name, torch.tensor(getattr(frames, name)))
        self.register_buffer("of_bins", torch.from_numpy(mel_bands(frequency, sample_rate).weights))
        count, bins = len(frames.starts), frames.size // 2 + 1
        self.new = min(FRAMES_PER_HOP, count)
        self.register_buffer("sound", torch.zeros(window))
        self.register_buffer("spectra", torch.zeros(count, bins, dtype=torch.complex64))
        self.register_buffer("filtered", torch.zeros(count, bins, dtype=torch.complex64))
        self.register_buffer("log_gains", torch.zeros(1, BANDS))
        self.register_buffer("momentum", torch.zeros(1, BANDS))
        self.faint, self.smallest = FAINT, SMALLEST
        self.kept_momentum, self.decay, self.step = MOMENTUM, DECAY, STEP
        self.decibels = float(DECIBELS)

    def push(self, sound: Tensor) -> None:
        """Move on by one hop of new sound, (hop,)."""
        self.sound = torch.cat((self.sound[self.hop :], sound))
        newest = self.analyse(self.sound, self.at[-self.new :])
        self.spectra = torch.cat((self.spectra[self.new :], newest))

    def heard(self, step: float) -> Tensor:
        """Return the window, filtered, (window,)."""
        log_gain = self.bands.of_bins(step * self.log_gains)
        change = self.bands.change(self.spectra, self.bands.level_kept(self.spectra, log_gain))
        self.filtered = self.spectra + change
        pieces = torch.fft.irfft(change, self.size) * self.taper
        total = torch.zeros_like(self.sound)
        total.index_add_(0, self.at.reshape(-1), pieces.reshape(-1))
        return self.sound + total * self.scale

    def ascend(self, gradient: Tensor, range_db: float) -> None:
        """Let the filter follow the gradient, (window,), within a range; see `next_log_gains`."""
        limit = range_db / self.decibels
        peak = float(gradient.abs().max())
        if peak > 0.0 and peak < float("inf"):  # also where it is not a number
            gradient = gradient / peak
        else:
            gradient = torch.zeros_like(gradient)
        pulled = self.analyse(gradient * self.scale, self.at) * self.bin_weight
        of_bands = self.bands.gradient(self.filtered, pulled).sum(0, keepdim=True)
        size = of_bands.abs().mean(1, keepdim=True)
        largest = float(size.max())
        moved = self.decay * self.log_gains
        if self.smallest < largest < float("inf"):
            direction = of_bands / (size + self.faint * largest)
            kept = self.kept_momentum
            self.momentum = kept * self.momentum + (1.0 - kept) * direction
            moved = moved + (self.step * limit) * torch.sign(self.momentum)
        self.log_gains = moved.clamp(-limit, limit)

    def spectrum(self) -> Tensor:
        """Return the log-gains at the bins that the filter is heard at, (bins,)."""
        return torch.matmul(self.log_gains[0], self.of_bins)

    def analyse(self, sound: Tensor, at: Tensor) -> Tensor:
        """Return the spectra of frames of the window, complex64 (frames, bins)."""
        frames = sound.index_select(0, at.reshape(-1)).reshape(at.shape)
        spectra: Tensor = torch.fft.rfft(frames * self.taper)
        return spectra

    def reset(self) -> None:
        """Clear sound and filter."""
        self.sound = torch.zeros_like(self.sound)
        self.spectra = torch.zeros_like(self.spectra)
        self.filtered = torch.zeros_like(self.filtered)
        self.log_gains = torch.zeros_like(self.log_gains)
        self.momentum = torch.zeros_like(self.momentum)
