"""Reads the worker's dreams for the filter: one spectrum a frame, held and faded when late."""

import math

import numpy as np
from numpy.typing import NDArray

from .combine import TINY, level
from .dream import DreamSource
from .parameters import ParameterSet
from .stft import StreamingStft

Float = NDArray[np.float32]
Complex = NDArray[np.complex64]

MOST_CHANNEL_GAIN = 4.0
AGES_KEPT = 16_384


class DreamReader:
    """Gives the unit dream (for a step of 1) of each frame of the filter."""

    def __init__(
        self,
        source: DreamSource,
        parameters: ParameterSet,
        sample_rate: int,
        stft: StreamingStft,
        delay: int,
    ) -> None:
        """Prepare for one stream.

        Args:
            source: whose dreams are read.
            parameters: read at each frame.
            sample_rate: of the stream, in hertz.
            stft: the filter's transform.
            delay: samples by which the filtered sound is behind what the network was fed.
        """
        self._source, self._parameters = source, parameters
        self._stft, self._delay = stft, delay
        self._sample_rate = sample_rate
        bins = stft.n_fft // 2 + 1
        self._band = max(1, min(bins, math.ceil(bins * source.model_rate / sample_rate)))
        self._latest_age = source.tape_lag + 2 * source.allowance + stft.hop
        self._held = np.zeros(bins, np.float32)
        self._fade = 1.0
        self.late = 0
        """Frames whose dream was late."""
        self._ages = np.zeros(AGES_KEPT, np.int64)
        self._frames = 0

    def read(self, sound: Complex, now: int) -> Complex:
        """Return the dream of one frame, at the level that a step of 1 adds.

        Args:
            sound: the frame's spectra, (channels, bins).
            now: samples fed to the source so far.

        Returns:
            complex64 (channels, bins).
        """
        dream = self._source.newest
        self._ages[self._frames % AGES_KEPT] = now - dream.heard_until
        self._frames += 1
        live = self._parameters.text("alignment") == "live"
        tracked = self._parameters.text("drive") == "track"
        if self._parameters.switch("freeze"):
            return self._as_mask(sound)
        if live or tracked:
            late = now - dream.heard_until > self._latest_age
            self._follow(None if late else dream.magnitude)
            return self._as_mask(sound)
        return self._as_waveform(sound, now)

    def ages_ms(self) -> Float:
        """Return how old the newest dream was at each of the last frames, in milliseconds."""
        kept = self._ages[: min(self._frames, AGES_KEPT)]
        return np.asarray(kept * (1000.0 / self._sample_rate), np.float32)

    def forget_ages(self) -> None:
        """Begin anew to count ages and late frames."""
        self.late = self._frames = 0

    def reset(self) -> None:
        """Forget the last dream and the counts."""
        self._held.fill(0.0)
        self._fade = 1.0
        self.forget_ages()

    def _as_waveform(self, sound: Complex, now: int) -> Complex:
        n_fft, tape = self._stft.n_fft, self._source.tape
        start = now - self._delay - n_fft
        if not tape.end - tape.capacity <= start <= tape.end - n_fft and start + n_fft > 0:
            self._follow(None)
            return self._as_mask(sound)
        dream = self._stft.analyse(tape.read_at(start, n_fft))
        together = sound.mean(axis=0, keepdims=True)
        loudness = self._level(together)
        magnitude = np.abs(dream[0])
        self._follow(magnitude / np.maximum(loudness[0], TINY))
        if self._parameters.number("smooth_ms") > 0.0:
            dream = dream * (self._held * loudness / np.maximum(magnitude, TINY))
        if len(sound) > 1:  # each channel dreams as loud as it sounds
            dream = dream * np.minimum(
                self._level(sound) / np.maximum(loudness, TINY), np.float32(MOST_CHANNEL_GAIN)
            )
        return np.asarray(dream, np.complex64)

    def _as_mask(self, sound: Complex) -> Complex:
        phase = sound / np.maximum(np.abs(sound), TINY)
        held = self._held * np.float32(self._fade)
        return np.asarray(held * self._level(sound) * phase, np.complex64)

    def _follow(self, magnitude: Float | None) -> None:
        """Take over a new magnitude, smoothed; None where it is late: the last one fades."""
        if magnitude is None:
            self.late += 1
            self._fade *= self._decay("hold_ms")
            return
        self._fade = 1.0
        kept = np.float32(self._decay("smooth_ms"))
        self._held *= kept
        self._held += (1 - kept) * magnitude

    def _decay(self, parameter: str) -> float:
        """Return what is left after one hop of a fade that lasts as long as the parameter says."""
        seconds = self._parameters.number(parameter) / 1000.0
        return math.exp(-self._stft.hop / (seconds * self._sample_rate)) if seconds > 0.0 else 0.0

    def _level(self, sound: Complex) -> Float:
        """Return the level in the band that the network hears, (channels, 1)."""
        return level(sound[:, : self._band])
