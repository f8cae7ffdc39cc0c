"""The filter of the alignment `zero-latency`: a short minimum-phase response in the time domain."""

import numpy as np

from ..arrays import Complex, Float
from ..combinations import COMBINATIONS
from ..dsp.level_match import LevelMatch, share_within_peak
from ..dsp.ring_buffer import RingBuffer
from ..dsp.spectral_combinations import TINY
from ..dsp.stft import StreamingStft
from ..kernel.binding import bind
from ..kernel.dream import level
from ..kernel.ring import is_finite
from ..parameter_values import Values
from .dream_bank import DreamBank
from .filter_protocol import change_of, hears_filter

LEAST_GAIN_DB, MOST_GAIN_DB = -60.0, 12.0
"""Limits of the gain at each frequency: the next frame may have sound where the last had none."""
NEIGHBOURS = 8
"""Bins on either side whose level decides whether there is sound to be shaped."""
LOCAL_FLOOR, GLOBAL_FLOOR = 0.1, 0.001
"""Relative to the level of the neighbours, and to the loudest bin: fainter bins are not changed."""
TAPERED = 0.25
"""The share of the response over which its end fades to 0."""


class MinimumPhaseFilter:
    """Filters each sample with the samples before it, without any delay.

    At the end of each hop, the newest frame and its dream give the gain of the combination at
    each frequency, |X + change| / |X|. The filter fades to the minimum-phase response with these
    gains during the next hop. The response is half a window long and applied by direct
    convolution, which costs less than transforms at the sizes in use.

    What is no part of the sound (the drive `grains`, tones beside its partials) cannot be made by
    filtering. It is added by overlap-add: tones one frame late, a tape half a frame.
    """

    loop_lag = 0
    latency_samples = 0

    def __init__(
        self,
        channels: int,
        n_fft: int,
        sample_rate: int,
        dreams: DreamBank,
        parameters: Values,
    ) -> None:
        """Allocate a filter.

        Args:
            channels: of the sound.
            n_fft: samples in the frame from which the gains are computed.
            sample_rate: of the sound, in hertz.
            dreams: read at each frame.
            parameters: read at each frame.
        """
        self._is_finite = bind(is_finite)
        self._stft = StreamingStft(channels, n_fft)
        self._recorded = StreamingStft(channels, n_fft, low_delay=True)
        self._dreams, self._parameters = dreams, parameters
        hop, taps = self._stft.hop, n_fft // 2
        self._change = RingBuffer(channels, 2 * hop)
        self._level = LevelMatch(channels, hop, sample_rate)
        self._rise = np.arange(1, hop + 1, dtype=np.float32) / np.float32(hop)
        # Responses of the change alone, without the sound itself; the newest sample last.
        self._old = np.zeros((channels, taps), np.float32)
        self._new = np.zeros((channels, taps), np.float32)
        self._voice = np.zeros((channels, hop), np.float32)
        self._is_filter = False
        self._no_lift = np.ones((channels, 1), np.float32)
        self._lifts = self._no_lift, self._no_lift
        """How much louder the old and the new response are meant to make the sound."""
        self.nan_resets = 0

    def set_block_divisor(self, block_divisor: int) -> None:
        """Do nothing: blocks of any size can be processed."""

    def advance(self, sound: RingBuffer, start: int, stop: int) -> None:
        """Filter the newest samples; see `SoundFilter.advance`."""
        filtered = np.zeros((len(self._new), stop - start), np.float32)
        taps = self._new.shape[1]
        past = sound.read(stop - start + taps - 1)
        newest = past[:, taps - 1 :]
        for channel, (old, new) in enumerate(zip(self._old, self._new, strict=True)):
            if not old.any() and not new.any():
                continue
            before = np.correlate(past[channel], old, "valid")
            after = np.correlate(past[channel], new, "valid")
            filtered[channel] = before + (after - before) * self._rise[start:stop]
        voice = self._voice[:, start:stop]
        if self._is_filter:
            filtered += voice
            filtered += newest
            self._level.evened(newest, filtered)
            self._level.within_peaks(newest, filtered)
            filtered -= newest
        else:
            filtered += newest
            self._level.risen_less(newest, filtered, np.maximum(*self._lifts))
            filtered -= newest
            filtered += voice
        self._change.write(filtered)

    def frame(self, sound: RingBuffer, may_change: bool) -> Float:
        """Compute the response for the next hop; see `SoundFilter.frame`."""
        frame = sound.read(self._stft.n_fft)
        spectrum = self._stft.analyse(frame)
        dream = self._dreams.read(spectrum, may_change)
        change = change_of(self._parameters, spectrum, dream)
        newest = self._change.read(self._stft.hop)
        heard = sound.read(self._stft.hop)
        voice = np.zeros_like(change)
        combination = self._parameters.text("combine")
        if self._dreams.voice.any() and COMBINATIONS[combination].adds_dream:
            own = change_of(self._parameters, spectrum, dream - self._dreams.voice)
            voice, change = change - own, own
        log_gain = self._dreams.log_gain
        self._is_filter = hears_filter(self._parameters, log_gain is not None)
        if log_gain is not None and self._is_filter:
            response = minimum_phase(log_gain)
            self._level.follow(heard, heard + newest)
            if response.any():
                transfer = np.fft.rfft(response, self._stft.n_fft)
                added = np.asarray(spectrum * transfer, np.complex64)
                share = share_within_peak(self._stft.unchanged(frame), self._stft.frame(added))
                response *= share * self._level.gain
                response[:, :1] += self._level.gain - 1.0
        else:
            response = minimum_phase_change(spectrum, change)
            wanted = level(spectrum + change) / np.maximum(level(spectrum), TINY)
            self._lifts = self._lifts[1], np.maximum(wanted, np.float32(1.0))
        self._old, self._new = self._new, response[:, ::-1].copy()
        self._voice = self._heard(voice)
        if not (self._is_finite(self._new) and self._is_finite(self._voice)):
            self._stft.reset()
            self._recorded.reset()
            self._dreams.clear()
            self._level.reset()
            self._new, self._voice = np.zeros_like(self._new), np.zeros_like(self._voice)
            self.nan_resets += 1
        return newest

    def change(self, count: int, since_frame: int) -> Float:
        """Return the change for the newest samples; see `SoundFilter.change`."""
        return self._change.read(count)

    def _heard(self, voice: Complex) -> Float:
        """Overlap-add a frame that is added to the sound, among others like it."""
        finished = np.zeros_like(self._voice)
        for stft, is_recorded in ((self._stft, False), (self._recorded, True)):
            if is_recorded == self._dreams.voice_is_recorded:
                finished += stft.synthesise(voice)
            else:
                finished += stft.overlap_add(np.float32(0.0))
        return finished

    def reset(self) -> None:
        """Clear the past."""
        self._stft.reset()
        self._recorded.reset()
        self._change.reset()
        self._level.reset()
        self._lifts = self._no_lift, self._no_lift
        for array in (self._old, self._new, self._voice):
            array.fill(0.0)
        self.nan_resets = 0


def minimum_phase_change(sound: Complex, change: Complex) -> Float:
    """Return the minimum-phase response that changes the magnitudes of a sound as `change` does.

    A filter cannot make sound where there is none, as between the partials of a tone. So the
    gains tend to 1 there, and the result is scaled to the level of sound and change together.

    Args:
        sound: X, complex64 (channels, bins).
        change: the same shape; |X + change| / |X| are the gains.

    Returns:
        float32 (channels, bins - 1): the response without its direct path, so all zeros where
        nothing changes. Add 1 to the first sample for the whole.
    """
    magnitude, wanted = np.abs(sound), np.abs(sound + change)
    floor = _floor(magnitude)
    gain = (wanted + floor) / (magnitude + floor)
    least, most = (10.0 ** (limit_db / 20.0) for limit_db in (LEAST_GAIN_DB, MOST_GAIN_DB))
    np.clip(gain, least, most, out=gain)
    response = minimum_phase(np.log(gain))
    response[:, 0] += 1.0
    found = np.abs(np.fft.rfft(response, 2 * response.shape[1])) * magnitude
    response *= level(wanted) / np.maximum(level(found), TINY)
    response[:, 0] -= 1.0
    unchanged = ~change.any(axis=1)
    response[unchanged] = 0.0  # exactly
    return np.asarray(response, np.float32)


def minimum_phase(log_gain: Float) -> Float:
    """Return the change of the minimum-phase response with these gains.

    The phase is computed from the real cepstrum of the gains: Oppenheim & Schafer,
    "Discrete-Time Signal Processing", chapter on the cepstrum.

    Args:
        log_gain: natural logarithm of the gain at each bin, (channels, bins).

    Returns:
        (channels, bins - 1): the response without its direct path; zeros where the gains are 1.
    """
    n_fft = 2 * (log_gain.shape[1] - 1)
    taps = n_fft // 2
    cepstrum = np.fft.irfft(log_gain, n_fft)
    cepstrum[:, 1:taps] *= 2.0
    cepstrum[:, taps + 1 :] = 0.0
    response = np.fft.irfft(np.expm1(np.fft.rfft(cepstrum)), n_fft)[:, :taps]
    tapered = round(TAPERED * taps)
    response[:, -tapered:] *= np.linspace(1.0, 0.0, tapered)
    return np.asarray(response, np.float32)


def _floor(magnitude: Float) -> Float:
    """Return the level that counts as silence at each bin, (channels, bins)."""
    bins = magnitude.shape[1]
    total = np.cumsum(np.square(magnitude, dtype=np.float64), axis=1)
    total = np.pad(total, ((0, 0), (1, 0)))
    at = np.arange(bins)
    first, last = np.maximum(at - NEIGHBOURS, 0), np.minimum(at + NEIGHBOURS + 1, bins)
    power = np.maximum(total[:, last] - total[:, first], 0.0) / (last - first)
    peak = magnitude.max(axis=1, keepdims=True)
    floor = LOCAL_FLOOR * np.sqrt(power) + GLOBAL_FLOOR * peak + TINY
    return np.asarray(floor, np.float32)
