"""The front ends of `SpectralCNN`: a waveform becomes an image of frequency over time.

To add one, write a class here and enter it in `FRONT_ENDS`; a recipe names it as `image`.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from .constant_q import ConstantQ
from .front_ends import YAMNET_BANDS, YAMNET_HOP, YAMNET_WINDOW, LogMel, MelMagnitude, StftMagnitude

GAIN = 10.0
"""Magnitudes are compressed to log(1 + gain times magnitude)."""
GENTLE_GAIN = 0.3
"""In its place for networks that are trained against an adversary."""
LOWEST_HZ = 65.406
"""Of the constant-Q axis: C2."""


class SpectralImage(nn.Module, ABC):
    """What every front end offers; its constructor takes the sample rate in hertz.

    Attributes:
        phrase: what it computes, in one phrase for people.
        bands: height of the image.
        hop: samples between two frames.
        fourier: window and hop, in samples, where the image is a short-time Fourier transform that
            `auralise` can invert; otherwise None.
    """

    phrase: ClassVar[str]
    bands: ClassVar[int]
    hop: ClassVar[int]
    fourier: ClassVar[tuple[int, int] | None] = None

    @classmethod
    @abstractmethod
    def window(cls, frames: int) -> int:
        """Return the number of samples that gives so many frames."""

    @abstractmethod
    def forward(self, waveform: Tensor) -> Tensor:
        """Return float32 [batch, bands, frames] of a waveform [batch, samples]."""


class Stft(SpectralImage):
    """Compressed magnitudes of a short-time Fourier transform, 512 samples every 256."""

    phrase = "short-time Fourier transform (512 samples every 256), compressed magnitudes"
    bands, hop = 257, 256
    fourier = (512, 256)

    def __init__(self, sample_rate: int) -> None:
        """Compute the transform."""
        super().__init__()
        self.spectrum = StftMagnitude(512, self.hop, 512)

    @classmethod
    def window(cls, frames: int) -> int:
        """Return the number of samples that gives so many frames."""
        return 512 + (frames - 1) * cls.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 257, frames]."""
        magnitude: Tensor = self.spectrum(waveform)
        return (1.0 + GAIN * magnitude).log()


class Cqt(SpectralImage):
    """Compressed magnitudes of a constant-Q transform, 80 semitones from C2 upwards."""

    phrase = "constant-Q transform (80 semitones from 65 Hz, every 256), compressed magnitudes"
    bands, hop = 80, 256

    def __init__(self, sample_rate: int) -> None:
        """Compute the transform."""
        super().__init__()
        self.spectrum = ConstantQ(sample_rate, self.hop, LOWEST_HZ, self.bands)

    @classmethod
    def window(cls, frames: int) -> int:
        """Return the number of samples that gives so many frames."""
        return frames * cls.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 80, frames]; a tone at full scale has a magnitude of about 0.5."""
        magnitude: Tensor = self.spectrum(waveform)
        return (1.0 + 200.0 * GAIN * magnitude).log()


class Mel(SpectralImage):
    """The logarithm of a mel spectrum, as YAMNet's; at 16 kHz only."""

    phrase = "log-mel spectrum (64 bands, 25 ms every 10), as YAMNet's"
    bands, hop = YAMNET_BANDS, YAMNET_HOP

    def __init__(self, sample_rate: int) -> None:
        """Compute the transform."""
        super().__init__()
        self.spectrum: nn.Module = LogMel()

    @classmethod
    def window(cls, frames: int) -> int:
        """Return the number of samples that gives so many frames."""
        return YAMNET_WINDOW + (frames - 1) * cls.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 64, frames]."""
        log_mel: Tensor = self.spectrum(waveform)
        return log_mel


class SoftMel(Mel):
    """Gently compressed mel magnitudes: a small change of the sound changes the image little."""

    phrase = "mel magnitudes (64 bands, 25 ms every 10), gently compressed"

    def __init__(self, sample_rate: int) -> None:
        """Compute the transform."""
        super().__init__(sample_rate)
        self.spectrum = MelMagnitude()

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 64, frames]."""
        magnitude: Tensor = self.spectrum(waveform)
        return (1.0 + GENTLE_GAIN * magnitude).log()


class LongStft(SpectralImage):
    """Gently compressed magnitudes of a long transform up to 5 kHz, which resolves partials."""

    phrase = "short-time Fourier transform (1024 samples every 512, to 5 kHz), gently compressed"
    bands, hop = 320, 512

    def __init__(self, sample_rate: int) -> None:
        """Compute the transform."""
        super().__init__()
        self.spectrum = StftMagnitude(1024, self.hop, 1024, (0, self.bands))

    @classmethod
    def window(cls, frames: int) -> int:
        """Return the number of samples that gives so many frames."""
        return 1024 + (frames - 1) * cls.hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 320, frames]."""
        magnitude: Tensor = self.spectrum(waveform)
        return (1.0 + GENTLE_GAIN * magnitude).log()


FRONT_ENDS: dict[str, type[SpectralImage]] = {
    "stft": Stft,
    "cqt": Cqt,
    "mel": Mel,
    "soft-mel": SoftMel,
    "long-stft": LongStft,
}
"""Name in recipes and manifests -> class."""
