"""Reads the dreams of one source, one spectrum per frame; holds and fades a dream that is late."""

import math

import numpy as np

from ..alignment import ALIGNMENTS
from ..arrays import Complex, Float
from ..dreaming.dream import Dream, DreamSource
from ..dreaming.gradient_ascent import REFERENCE_SECONDS
from ..drives import DRIVES
from ..dsp.band_filter import StreamFilter, mel_bands
from ..dsp.partial_row import SLOTS
from ..dsp.spectral_combinations import TINY
from ..dsp.stft import StreamingStft
from ..kernel.binding import bind
from ..kernel.dream import approach, level
from ..parameter_values import Values
from ..parameterisations import DREAM_PARAMETERISATIONS, Form
from .addition_reader import AdditionReader
from .partials_synthesis import PartialsSynthesis
from .tape_frames import tape_frame

MOST_CHANNEL_GAIN = 4.0
LOUDEST_FALL_SECONDS = 0.5
"""The time constant with which the loudest level so far is forgotten."""
MOST_FILTERED = 2.5
"""The largest level of what a filter changes, relative to the sound: twice where it turns all of it
around at the same loudness, and what is added besides."""
PAUSE = 0.5
"""Below this share of the loudest level, a sound counts as pausing."""
LEAST_GAIN = 0.03
"""Where partials cut the sound, at least this much of it is left: -30 dB."""
AGES_KEPT = 16_384


class DreamReader:
    """Returns the dream (for a step of 1) of each frame of the filter.

    A dream is a mask of magnitudes, which gets the phase of the sound, or a filter of the sound, or
    partials, or a waveform, which is read from the tape; `hears_waveform` is true for a waveform. A
    mask or a filter that is held is read again, and partials that are held sound on.
    A waveform that is held goes on at its frequencies: as in a phase vocoder, the phase of each bin
    advances as far as it did between the last two frames. What is added to a filtered sound is read
    from the tape, too; see `AdditionReader`.
    """

    def __init__(
        self,
        source: DreamSource,
        parameters: Values,
        sample_rate: int,
        n_fft: int,
    ) -> None:
        """Prepare for one stream.

        Args:
            source: of the dreams.
            parameters: read at each frame.
            sample_rate: of the stream, in hertz.
            n_fft: of the filter.
        """
        self._source, self._parameters = source, parameters
        alignment = ALIGNMENTS[parameters.text("alignment")]
        stft = StreamingStft(1, n_fft, low_delay=alignment.minimum_phase)
        self._waveform_drives = alignment.waveform_drives
        self._parameterisation = DREAM_PARAMETERISATIONS[parameters.text("parameterisation")]
        self._stft = stft
        self._tape_delay = source.tape_lag + source.update_deadline
        self._sample_rate = sample_rate
        bins = stft.n_fft // 2 + 1
        self._band = max(1, min(bins, math.ceil(bins * source.model_rate / sample_rate)))
        frequency = np.fft.rfftfreq(stft.n_fft, 1.0 / sample_rate)
        bands = mel_bands(frequency, source.model_rate)
        self._form: Form = "magnitude"
        self.log_gain: Float | None = None
        """The log-gains of the last frame at its step, (channels, bins), if it was a filter."""
        self._partials = PartialsSynthesis(stft.n_fft, stft.hop, sample_rate, self._band)
        self.voice: Complex = np.zeros((1, bins), np.complex64)
        """What no filter of the sound can make of the last frame's dream, (channels, bins)."""
        self.voice_is_recorded = False
        """Whether `voice` is of a tape; otherwise of oscillators, whose frames are Hann windows."""
        ahead = alignment.samples_ahead(stft.n_fft)
        self._additions = AdditionReader(source, stft, self._band, ahead)
        # A tape that is ahead reaches as far as the lookahead.
        lookahead = round(parameters.number("lookahead_ms") / 1000.0 * sample_rate)
        lag = source.tape_lag if source.tape_lag >= 0 else lookahead
        self._loudest_fall = math.exp(-stft.hop / (LOUDEST_FALL_SECONDS * sample_rate))
        steps_seconds = parameters.number("lookahead_ms") / 1000.0
        if self._parameterisation.form == "magnitude":
            self._most_relative = max(1.0, steps_seconds / REFERENCE_SECONDS)
        else:
            self._most_relative = MOST_FILTERED
        self._latest_age = lag + 2 * source.update_deadline + stft.hop
        self._wanted = np.zeros(bins, np.float32)
        self._held = np.zeros(bins, np.float32)
        self._has_dream = False
        self._approach = bind(approach, self._held, self._wanted)
        self._filter = StreamFilter(bands, self._held)
        self._phase = np.ones(bins, np.complex64)
        self._turn = np.ones(bins, np.complex64)
        self._last_phase = np.ones(bins, np.complex64)
        self._ages = np.zeros(AGES_KEPT, np.int64)
        self._heard_waveform = self.hears_waveform
        self.reset()

    @property
    def hears_waveform(self) -> bool:
        """Whether dreams are heard as waveforms; see `Alignment.hears_waveform`."""
        return self._waveform_drives[self._parameters.text("drive")]

    @property
    def is_filter(self) -> bool:
        """Whether the last frame's dream is what a filter changes: its gains, or its waveform."""
        if not self.hears_waveform:
            return self.log_gain is not None
        return self._has_gradient and self._parameterisation.form == "log-gain"

    @property
    def _has_gradient(self) -> bool:
        return DRIVES[self._parameters.text("drive")].rule is not None

    def read(self, sound: Complex, now: int, may_change: bool) -> Complex:
        """Return the dream of one frame, at the level that a step of 1 adds.

        Args:
            sound: the frame's spectra, (channels, bins).
            now: samples fed to the source so far.
            may_change: whether the dream may differ from that of the last frame.

        Returns:
            complex64 (channels, bins).
        """
        dream = self._source.newest
        self.log_gain, self.voice = None, np.zeros(sound.shape, np.complex64)
        self.voice_is_recorded = False
        self._ages[self._frames % AGES_KEPT] = now - dream.heard_until
        self._frames += 1
        if self.hears_waveform != self._heard_waveform:  # what is held is of another kind
            self._heard_waveform = self.hears_waveform
            self.clear()
        frozen = self._parameters.switch("freeze")
        may_change = may_change or not self._has_dream  # the first one is always welcome
        if self.hears_waveform:
            self.voice_is_recorded = True
            self.voice = (
                self._held_waveform(sound) if frozen else self._as_waveform(sound, now, may_change)
            )
            return self.voice
        if not frozen:
            self._take(dream, now, may_change)
        shaped = self._shaped(sound)
        if self._parameterisation.adds and self._has_gradient:
            self.voice_is_recorded = True
            self._additions.add(sound, now, may_change and not frozen, self.voice, shaped)
        return shaped

    def _take(self, dream: Dream, now: int, may_change: bool) -> None:
        late = now - dream.heard_until > self._latest_age
        if may_change and not late and dream.form != self._form:
            self.clear()
            self._form = dream.form
        self._follow(None if late else dream.spectrum, may_change)

    def ages_ms(self) -> Float:
        """Return how old the newest dream was at each of the last frames, in milliseconds."""
        kept = self._ages[: min(self._frames, AGES_KEPT)]
        return np.asarray(kept * (1000.0 / self._sample_rate), np.float32)

    def reset_age_counts(self) -> None:
        """Reset the counts of ages and late frames."""
        self.late = self._frames = 0

    def clear(self) -> None:
        """Clear the last dream."""
        self._wanted.fill(0.0)
        self._held.fill(0.0)
        self._has_dream = False
        self._fade, self._loudest = 1.0, 0.0
        self._additions.clear()

    def reset(self) -> None:
        """Clear the last dream and the counts."""
        self.clear()
        self.reset_age_counts()

    def _as_waveform(self, sound: Complex, now: int, may_change: bool) -> Complex:
        start = now - self._tape_delay - self._stft.n_fft
        frame = tape_frame(self._source.tape, self._stft, start)
        if frame is None:
            if start + self._stft.n_fft > 0:  # before, no dream is due
                self._follow(None, False)
            return self._held_waveform(sound)
        magnitude = np.abs(frame[0])
        phase = frame[0] / np.maximum(magnitude, TINY)
        turn, self._last_phase = phase * self._last_phase.conj(), phase
        if not may_change:
            self._follow(self._wanted, False)
            return self._held_waveform(sound)
        self._phase, self._turn = phase, turn
        loudness = self._level(sound.mean(axis=0, keepdims=True))
        made_for = self._made_for(float(loudness[0, 0]))
        self._follow(self._relative(magnitude, made_for), True)
        if self._parameters.number("smooth_ms") > 0.0:
            frame = np.asarray(self._held * made_for * phase, np.complex64)[np.newaxis]
        if len(sound) > 1:  # each channel dreams as loud as it sounds
            frame = frame * np.minimum(
                self._level(sound) / np.maximum(loudness, TINY), np.float32(MOST_CHANNEL_GAIN)
            )
        return np.asarray(frame, np.complex64)

    def _made_for(self, loudness: float) -> np.float32:
        """Return the level that a waveform dream is relative to: that of the sound, but for pauses.

        The dream reaches a little beyond its sound. Relative to silence it would be boundless, and
        still be so when it is held, or smoothed, until the sound comes back.
        """
        self._loudest = max(loudness, self._loudest * self._loudest_fall)
        return np.float32(max(loudness, PAUSE * self._loudest, float(TINY)))

    def _relative(self, magnitude: Float, made_for: np.float32) -> Float:
        """Return a dream's magnitudes, no louder than its parameterisation makes it."""
        relative = magnitude / made_for
        above = float(level(relative[: self._band])[0]) / self._most_relative
        return np.asarray(relative / np.float32(max(1.0, above)), np.float32)

    def _held_waveform(self, sound: Complex) -> Complex:
        self._phase = self._phase * self._turn
        self._phase /= np.maximum(np.abs(self._phase), TINY)  # rounding adds up over minutes
        return self._at_level(sound, self._phase)

    def _shaped(self, sound: Complex) -> Complex:
        if self._form == "partials":
            return self._as_partials(sound)
        return self._as_filter(sound) if self._form == "log-gain" else self._as_mask(sound)

    def _as_partials(self, sound: Complex) -> Complex:
        row = self._held * np.float32(self._fade)
        row[:SLOTS] = self._wanted[:SLOTS]  # the frequencies are the newest: they do not glide
        gains = self._partials.gains(row)
        log_gain = np.log(np.maximum(1.0 + self._parameters.number("step") * gains, LEAST_GAIN))
        self.log_gain = np.tile(log_gain, (len(sound), 1))
        self.voice = self._partials.oscillators(row) * self._level(sound)
        return np.asarray(sound * gains + self.voice, np.complex64)

    def _as_filter(self, sound: Complex) -> Complex:
        step = self._parameters.number("step")
        dream, self.log_gain = self._filter.dream(sound, self._fade, step)
        return dream

    def _as_mask(self, sound: Complex) -> Complex:
        phase = np.asarray(sound / np.maximum(np.abs(sound), TINY), np.complex64)
        return self._at_level(sound, phase)

    def _at_level(self, sound: Complex, phase: Complex) -> Complex:
        held = self._held * np.float32(self._fade)
        return np.asarray(held * self._level(sound) * phase, np.complex64)

    def _follow(self, spectrum: Float | None, may_change: bool) -> None:
        """Smooth towards a new spectrum; with None, where it is late, fade the last one."""
        if spectrum is None:
            self.late += 1
            self._fade *= self._decay("hold_ms")
            return
        if may_change:
            self._fade = 1.0
        aim = np.asarray(spectrum, np.float32) if may_change else self._wanted
        self._has_dream = self._approach(aim, self._decay("smooth_ms")) == 1.0

    def _decay(self, parameter: str) -> float:
        """Return the factor for one hop of a fade whose time constant a parameter sets."""
        seconds = self._parameters.number(parameter) / 1000.0
        return math.exp(-self._stft.hop / (seconds * self._sample_rate)) if seconds > 0.0 else 0.0

    def _level(self, sound: Complex) -> Float:
        """Return the level in the frequency band of the network, (channels, 1)."""
        return level(sound[:, : self._band])
