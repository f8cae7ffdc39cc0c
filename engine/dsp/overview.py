"""A long sound at the resolution of a picture: its envelope and its spectrogram."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float

WINDOW_SECONDS = 0.046
FLOOR_DB = -120.0


class Overview:
    """Gathers the picture of a sound while its blocks pass by; memory grows with the picture only.

    Attributes:
        sample_rate: of the sound, in hertz.
        samples: of the sound, per channel.
        n_fft: samples of one analysis window.
    """

    def __init__(self, sample_rate: int, samples: int, columns: int = 1200) -> None:
        """Prepare for a sound.

        Args:
            sample_rate: in hertz.
            samples: of the sound, per channel.
            columns: how wide the picture is at most.
        """
        self.sample_rate = sample_rate
        self.samples = samples
        self.n_fft = 2 ** round(np.log2(WINDOW_SECONDS * sample_rate))
        self._hop = max(1, -(-samples // columns))
        # Each column is the mean over frames that overlap by half, or one frame where it is short.
        self._frames = max(1, self._hop // (self.n_fft // 2))
        self._window = np.hanning(self.n_fft + 1)[:-1].astype(np.float32)
        width = -(-samples // self._hop)
        self._low = np.zeros(width, np.float32)
        self._high = np.zeros(width, np.float32)
        self._power = np.zeros((self.n_fft // 2 + 1, width), np.float32)
        # Column k is centred on sample (k + 1/2) * hop, so silence precedes the sound.
        self._pending = np.zeros(self.n_fft // 2, np.float32)
        self._column = 0
        self._received = 0

    @classmethod
    def of(cls, sound: Float, sample_rate: int) -> "Overview":
        """Return the picture of a whole sound, float32 (channels, samples)."""
        overview = cls(sample_rate, sound.shape[1])
        overview.add(sound)
        overview.finish()
        return overview

    def add(self, block: Float) -> None:
        """Take the next `block`, float32 (channels, samples)."""
        self._received += block.shape[1]
        self._append(block.mean(axis=0))

    def finish(self) -> None:
        """Complete the last columns, after the last block."""
        self._append(np.zeros(self.n_fft + self._hop, np.float32))

    @property
    def duration_seconds(self) -> float:
        """How long the sound is."""
        return self.samples / self.sample_rate

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """The borders of the columns, (columns + 1,)."""
        borders = np.minimum(np.arange(len(self._low) + 1) * self._hop, self.samples)
        return np.asarray(borders / self.sample_rate, np.float64)

    @property
    def envelope(self) -> tuple[Float, Float]:
        """The lowest and the highest sample of each column, after mixing the channels to one."""
        return self._low, self._high

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """The spectrogram's bins in hertz."""
        return np.asarray(np.fft.rfftfreq(self.n_fft, 1 / self.sample_rate), np.float64)

    @property
    def spectrogram_db(self) -> Float:
        """Float32 (bins, columns); a sine at full scale is at 0 dB."""
        full_scale = float(self._window.sum() / 2) ** 2
        floor = 10 ** (FLOOR_DB / 10)
        decibels = 10 * np.log10(np.maximum(self._power / full_scale, floor))
        return np.asarray(decibels, np.float32)

    def _append(self, mono: Float) -> None:
        self._pending = np.concatenate((self._pending, mono))
        needed = self.n_fft + self._hop
        while len(self._pending) >= needed and self._column < len(self._low):
            self._fill_column()
            self._pending = self._pending[self._hop :]
            self._column += 1

    def _fill_column(self) -> None:
        # `pending` starts half a window before the column.
        half = self.n_fft // 2
        own = self._pending[half : half + self._hop]
        self._low[self._column], self._high[self._column] = own.min(), own.max()
        centres = (np.arange(self._frames) + 0.5) * self._hop / self._frames
        starts = centres.astype(int)
        frames = np.stack([self._pending[start : start + self.n_fft] for start in starts])
        spectra = np.fft.rfft(frames * self._window, axis=1)
        self._power[:, self._column] = (np.abs(spectra) ** 2).mean(axis=0)
