"""What a step of the offline recursion does with a gradient, for each parameterisation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from ..arrays import Float
from ..combinations import COMBINATIONS, filter_problem
from ..dsp.band_filter import BANDS, DECIBELS, band_gradient, filter_dream, mel_bands
from ..dsp.filter_steps import next_log_gains, smoothed_over_frames, with_peak_1
from ..dsp.gradient_shaping import (
    LEVEL_SECONDS,
    SMALLEST_DEVIATION,
    GradientShaping,
    held_to,
    local_level,
)
from ..dsp.sliding_frames import FRAME_SECONDS
from ..dsp.spectral_combinations import TINY, OfflineCombination, combine
from ..dsp.stft import istft, pull_istft, stft
from ..errors import ParameterError
from ..parameterisations import MOST_ADDED
from .dream_settings import DreamSettings

ADDED_STEP = 0.1
"""How much each step adds to it."""


class OfflineSteps(Protocol):
    """A whole sound, and what steps of gradient ascent have made of it."""

    def heard(self) -> Float:
        """Return where the next gradient is taken: the mix of the channels, (samples,)."""
        ...

    def advance(self, gradient: Float) -> None:
        """Take one step.

        Args:
            gradient: (samples,), of the objective with respect to what is `heard`.
        """
        ...

    def now(self) -> Float:
        """Return the sound as it is now, (channels, samples)."""
        ...

    def last_gradient(self) -> Float:
        """Return the last gradient, (samples,), with a standard deviation of 1; first zeros."""
        ...


class WaveformSteps:
    """The paper's: each step combines the sound, as it is now, with its gradient."""

    def __init__(
        self, start: Float, sample_rate: int, settings: DreamSettings, third: Float | None
    ) -> None:
        """Prepare.

        Args:
            start: the sound, (channels, samples).
            sample_rate: in hertz.
            settings: of the recursion.
            third: (samples,), the sound that the combination `target` works with.

        Raises:
            ParameterError: that combination without it.
        """
        self._now = start.copy()
        self._sample_rate = sample_rate
        self._levels = start.std(axis=1, dtype=np.float64)
        self._settings = settings
        samples = start.shape[1]
        self._combination = OfflineCombination(
            settings.combine, samples, settings.n_fft, settings.threshold_db, third
        )
        self._gradient_shaping = (
            GradientShaping(samples, sample_rate) if settings.colour > 0 else None
        )
        self._gradient = np.zeros(samples, np.float32)

    def heard(self) -> Float:
        """Return the mix of the sound as it is now."""
        return np.asarray(self._now.mean(axis=0))

    def advance(self, gradient: Float) -> None:
        """Combine each channel with the gradient, at that channel's own level."""
        self._gradient = self._normalised(gradient, self.heard())
        for channel, level in enumerate(self._levels):
            self._now[channel] = self._combination(
                self._now[channel], self._gradient, self._settings.step, float(level)
            )

    def now(self) -> Float:
        """Return the sound as it is now."""
        return self._now

    def hold(self, sound: Float, most: float) -> None:
        """Hold what was added to a sound to `most` times its level, around each moment."""
        span = round(LEVEL_SECONDS * self._sample_rate)
        held = [
            own + held_to(added, most * local_level(own, span), span)
            for own, added in zip(sound, self._now - sound, strict=True)
        ]
        self._now = np.asarray(held, np.float32)

    def last_gradient(self) -> Float:
        """Return the last gradient, shaped."""
        return self._gradient

    def _normalised(self, gradient: Float, mix: Float) -> Float:
        """Return the gradient with a standard deviation of 1, shaped where `colour` asks for it."""
        loudness = float(mix.std(dtype=np.float64))
        if loudness == 0.0:  # silence has no gradient
            return np.zeros_like(gradient)
        if self._gradient_shaping is not None:
            # As loud as the sound is at each moment, relative to all of it.
            shaped = self._gradient_shaping.shape(
                gradient, mix, len(mix), self._settings.colour, None
            )
            return shaped / np.float32(loudness)
        deviation = float(gradient.std(dtype=np.float64))
        return np.asarray(gradient / np.float32(deviation + SMALLEST_DEVIATION), np.float32)


class FilterSteps:
    """Each step moves the filters of all frames; every channel passes through the same filters.

    A combination shapes what is heard in the end: as in live play it gets, for each frame, the
    change that the filter makes.
    """

    def __init__(
        self, start: Float, sample_rate: int, settings: DreamSettings, third: Float | None
    ) -> None:
        """Prepare; see `WaveformSteps`.

        Raises:
            ParameterError: a combination that makes no sense with a filter.
        """
        if not COMBINATIONS[settings.combine].takes_filter:
            raise ParameterError(filter_problem(settings.combine))
        self._start, self._settings = start, settings
        self._size = 4 * round(FRAME_SECONDS * sample_rate / 4)  # four hops of whole samples
        self._bands = mel_bands(np.fft.rfftfreq(self._size, 1.0 / sample_rate), sample_rate)
        self._mix = np.asarray(start.mean(axis=0), np.float32)
        self._spectra = stft(self._mix, self._size)
        self._filtered = self._spectra
        self._log_gains = np.zeros((len(self._spectra), BANDS), np.float32)
        self._momentum = np.zeros_like(self._log_gains)
        self._gradient = np.zeros_like(self._mix)

    def heard(self) -> Float:
        """Return the mix, each frame filtered by its own filter."""
        change, _ = filter_dream(self._spectra, self._by_bin(), 1.0, self._bands)
        self._filtered = self._spectra + change
        return self._mix + istft(change, len(self._mix))

    def advance(self, gradient: Float) -> None:
        """Let the filters follow the gradient."""
        self._gradient = gradient / np.float32(gradient.std() + SMALLEST_DEVIATION)
        pulled = pull_istft(with_peak_1(gradient), self._size)
        self._log_gains, self._momentum = next_log_gains(
            self._log_gains,
            self._momentum,
            smoothed_over_frames(band_gradient(self._filtered, pulled, self._bands)),
            self._settings.range_db / DECIBELS,
            self._settings.step,
        )

    def now(self) -> Float:
        """Return each channel with its change, as the combination has it."""
        return np.stack([self._combined(channel) for channel in self._start])

    def last_gradient(self) -> Float:
        """Return the last gradient with respect to the waveform."""
        return self._gradient

    def _combined(self, channel: Float) -> Float:
        spectra = stft(channel, self._size)
        dream, _ = filter_dream(spectra, self._by_bin(), 1.0, self._bands)
        settings = self._settings
        change = combine(settings.combine, spectra, dream, 1.0, settings.threshold_db)
        return channel + istft(change, len(channel))

    def _by_bin(self) -> Float:
        return self._bands.of_bins(self._log_gains)


class FilterThenWaveformSteps:
    """The first half of the steps moves filters; the second adds to the sound that they made.

    What a filter has nothing to lift for can be added then, held to `MOST_ADDED` of the level in
    every tenth of a second, so that silences stay silent; and all together stays as loud.
    """

    def __init__(
        self, start: Float, sample_rate: int, settings: DreamSettings, third: Float | None
    ) -> None:
        """Prepare; see `FilterSteps`."""
        self._filters = FilterSteps(start, sample_rate, settings, third)
        self._rate, self._settings = sample_rate, settings
        self._span = round(LEVEL_SECONDS * sample_rate)
        self._left = settings.steps - settings.steps // 2
        self._filtered = start
        self._additions: WaveformSteps | None = None

    def heard(self) -> Float:
        """Return the mix of the sound as it is now."""
        if self._additions is None:
            return self._filters.heard()
        return np.asarray(self.now().mean(axis=0))

    def advance(self, gradient: Float) -> None:
        """Move the filters, or add to the filtered sound."""
        if self._additions is not None:
            self._additions.advance(gradient)
            self._additions.hold(self._filtered, MOST_ADDED)
            return
        self._filters.advance(gradient)
        self._left -= 1
        if self._left == 0:
            self._filtered = self._filters.now()
            adding = replace(self._settings, combine="add", step=ADDED_STEP)
            self._additions = WaveformSteps(self._filtered, self._rate, adding, None)

    def now(self) -> Float:
        """Return the sound as it is now."""
        if self._additions is None:
            return self._filters.now()
        found = self._additions.now()
        gains = [
            local_level(own, self._span) / np.maximum(local_level(each, self._span), TINY)
            for own, each in zip(self._filtered, found, strict=True)
        ]
        return np.asarray(found * np.stack(gains), np.float32)

    def last_gradient(self) -> Float:
        """Return the last gradient with respect to the waveform."""
        return (self._additions or self._filters).last_gradient()


_STEPS: Mapping[str, Callable[[Float, int, DreamSettings, Float | None], OfflineSteps]] = {
    "filter": FilterSteps,
    "waveform": WaveformSteps,
    "filter+waveform": FilterThenWaveformSteps,
}


def offline_steps(
    start: Float, sample_rate: int, settings: DreamSettings, third: Float | None
) -> OfflineSteps:
    """Return what the settings' parameterisation does with gradients; see `WaveformSteps`.

    Raises:
        ParameterError: a combination that makes no sense with it, or lacks a sound.
    """
    return _STEPS[settings.parameterisation](start, sample_rate, settings, third)
