"""The ascent of the parameterisation `partials`: the dream is a sum of sinusoids near the sound's.

The gradient changes no sample, but one amplitude for each partial of the sound and each neighbour.
So the dream is made of steady tones, follows the sound's level, and ends with it.
"""

import numpy as np

from ..arrays import Float
from ..dsp.partial_row import SLOTS, as_row
from ..dsp.partial_tracks import PartialTracks
from ..dsp.partials import Flags, Numbers, find_partials, frame_samples
from ..dsp.stft import hann
from ..parameter_values import Values
from .ascent import AscentShape

RATE = 0.5
"""How far an amplitude moves at most at each update, relative to its partial."""
MOMENTUM = 0.7
DECAY = 0.999
LEVEL_SECONDS = 0.025
"""The dream is silent this long after the sound."""
MOST_ADDED = 0.5
"""All that is added is together at most this loud, relative to the sound: -6 dB."""
FIRST_NEIGHBOUR = 0.05
"""A neighbour is at least this strong: of what is not there, no gradient says which way is up."""
INHERITED_OCTAVES = 0.2
"""A new partial begins like the last hop's nearest one; this far away, by a third of it."""
SMALLEST = 1e-30
"""Keeps a division by slopes finite where all are 0."""


class PartialsAscent:
    """A sliding window of sound, its partials, and how much of each gradient ascent has added.

    Where the dream shapes the present, a partial has one amplitude for as long as it is in the
    window: what was good for it in the last second still is. Otherwise it has one at the end of
    each hop, and straight lines in between.

    Amplitudes are relative to the partial's own strength: -1 would take one of the sound's away.
    """

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence."""
        self._shape = shape
        hop, hops = shape.hop, shape.window // shape.hop
        self.active = shape.updates * hop
        """Samples at the window's end whose dream is not finished."""
        self.sound = np.zeros(shape.window, np.float32)
        self._heard = np.zeros(shape.window, np.float32)
        self._frame = frame_samples(shape.sample_rate)
        self._span = round(LEVEL_SECONDS * shape.sample_rate)
        self._past = np.zeros(max(self._frame, self._span + hop), np.float32)
        self._tracks = PartialTracks(SLOTS, hop, shape.sample_rate)
        self._waves = np.zeros((hops, SLOTS, hop), np.float32)
        # At the end of each hop; of the amplitudes, row 0 is at the beginning of the first one.
        self._strengths = np.zeros((hops, SLOTS), np.float32)
        self._own = np.zeros((hops, SLOTS), np.bool_)
        self._amplitudes = np.zeros((hops + 1, SLOTS), np.float32)
        self._momentum = np.zeros((hops, SLOTS), np.float32)
        self._age = np.zeros(SLOTS, np.int64)
        rise = self._tracks.rise
        self._ramps = np.stack((1.0 - rise, rise), axis=-1)

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,), and continue its partials."""
        hop = self._shape.hop
        for kept in (self.sound, self._past):
            kept[:-hop] = kept[hop:]
            kept[-hop:] = sound
        for rows in (self._waves, self._strengths, self._own, self._amplitudes, self._momentum):
            rows[:-1] = rows[1:]  # the newest row stays, so a partial goes on as it was
        tracks = self._tracks
        before = tracks.frequency.copy(), tracks.alive, tracks.own.copy()
        self._continue_tracks()
        born = tracks.born
        self._age += 1
        self._age[born] = 0
        self._momentum[-1, born] = 0.0
        self._amplitudes[-1, born] = self._first_amplitudes(*before)

    def heard(self, step: float) -> Float:
        """Return sound + step * dream, (window,)."""
        np.copyto(self._heard, self.sound)
        dream = self._dream(slice(None))
        self._heard[-len(dream) :] += np.float32(step) * dream
        return self._heard

    def ascend(self, gradient: Float, values: Values) -> None:
        """Change the amplitudes of what is not finished by one step."""
        if not np.isfinite(gradient).all():
            return
        slopes = self.slopes(gradient)
        range_db = values.number("range_db")
        if self._shape.shapes_present:
            ago = np.arange(len(slopes))[::-1, np.newaxis]
            same = ago <= self._age  # hops of the partial that is in the slot now
            slopes = np.where(same, slopes, 0.0).sum(axis=0, keepdims=True)
            self._step(slice(-1, None), slopes, range_db)
            ends = self._amplitudes[1:]
            np.copyto(ends, ends[-1], where=same)
        else:
            newest = slice(-self._shape.updates, None)
            self._step(newest, _smoothed(slopes[newest]), range_db)

    def slopes(self, gradient: Float) -> Float:
        """Return the gradient with respect to the amplitudes at the end of each hop.

        Args:
            gradient: (window,), with respect to the waveform.

        Returns:
            float32 (hops, slots).
        """
        hops = len(self._waves)
        pieces = gradient[-hops * self._shape.hop :].reshape(hops, self._shape.hop, 1)
        both = self._waves @ np.asarray(pieces * self._ramps, np.float32)
        slopes = both[..., 1]
        slopes[:-1] += both[1:, :, 0]
        return np.asarray(slopes)

    def spectrum(self) -> Float:
        """Return the newest partials; see `as_row`."""
        tracks, amplitudes = self._tracks, self._amplitudes[-1]
        return as_row(
            self._shape.n_fft // 2 + 1,
            np.where(tracks.alive, tracks.frequency, 0.0),
            np.where(tracks.alive & tracks.own, amplitudes, 0.0),
            np.where(tracks.own, 0.0, amplitudes * self._strengths[-1]),
        )

    def finished(self) -> Float:
        """Return the hop of the dream that is now finished, (hop,)."""
        first = len(self._waves) - self._shape.updates
        return self._dream(slice(first, first + 1))

    def reset(self) -> None:
        """Clear sound and dream."""
        for array in (
            *(self.sound, self._past, self._waves),
            *(self._strengths, self._own, self._amplitudes, self._momentum, self._age),
        ):
            array.fill(0)
        self._tracks.reset()

    def _continue_tracks(self) -> None:
        """Find the newest frame's partials, and fill the newest hop's oscillators."""
        frame, window = self._past[-self._frame :], hann(self._frame)
        level = float(np.linalg.norm(frame * window) / np.linalg.norm(window))
        found = find_partials(frame, self._shape.sample_rate)
        self._tracks.advance(self._waves[-1], found, level)
        self._waves[-1] *= self._levels()
        self._strengths[-1], self._own[-1] = self._tracks.strength, self._tracks.own

    def _levels(self) -> Float:
        """Return the level of the sound just before each sample of the newest hop, (hop,)."""
        span = self._span
        total = np.cumsum(np.square(self._past[-span - self._shape.hop :], dtype=np.float64))
        power = np.maximum(total[span:] - total[:-span], 0.0) / span
        return np.asarray(np.sqrt(power), np.float32)

    def _first_amplitudes(self, frequency: Numbers, alive: Flags, own: Flags) -> Numbers:
        """Return the amplitudes of new partials, given those of the last hop, (born,)."""
        tracks = self._tracks
        born = np.flatnonzero(tracks.born)
        first = np.where(tracks.own[born], 0.0, FIRST_NEIGHBOUR)
        if not len(born) or not alive.any():
            return first
        ratio = tracks.frequency[born, np.newaxis] / np.maximum(frequency, 1.0)
        away = np.where(
            alive & (own == tracks.own[born, np.newaxis]), np.abs(np.log2(ratio)), np.inf
        )
        nearest = away.argmin(axis=1)
        likeness = np.exp(-away.min(axis=1) / INHERITED_OCTAVES)
        last = self._amplitudes[-2, nearest]
        return np.asarray(first + likeness * (last - first), np.float64)

    def _step(self, rows: slice, slopes: Float, range_db: float) -> None:
        """Let some rows of amplitudes follow their slopes, within their limits."""
        momentum, amplitudes = self._momentum[rows], self._amplitudes[rows]
        momentum *= np.float32(MOMENTUM)
        momentum += _direction(slopes)
        moved = np.float32(DECAY) * amplitudes + np.float32(RATE) * _direction(momentum)
        own, strengths = self._own[rows], self._strengths[rows]
        least, most = 10.0 ** (-range_db / 20.0) - 1.0, 10.0 ** (range_db / 20.0) - 1.0
        least = np.where(own, least, FIRST_NEIGHBOUR)
        np.clip(moved, least, most, out=moved)
        # The level is kept: what some of the sound's partials lose, the others get.
        before, after = _level(own * strengths), _level((own + moved) * strengths)
        louder = before / np.maximum(after, SMALLEST)
        moved = np.clip(np.where(own, louder * (1.0 + moved) - 1.0, moved), least, most)
        added = np.maximum(moved, 0.0)
        added *= MOST_ADDED / np.maximum(_level(added * strengths), MOST_ADDED)
        amplitudes[...] = np.minimum(moved, added)

    def _dream(self, hops: slice) -> Float:
        """Return the dream's waveform over some hops, (samples,)."""
        both = np.stack((self._amplitudes[:-1][hops], self._amplitudes[1:][hops]), axis=1)
        pieces = np.sum(both @ self._waves[hops] * self._ramps.T, axis=1)
        return np.asarray(pieces.reshape(-1))


def _direction(slopes: Float) -> Float:
    """Return slopes between -1 and 1 in each row: half where they are as large as their mean."""
    size = np.abs(slopes)
    mean = np.maximum(size.mean(axis=-1, keepdims=True), SMALLEST)
    return np.asarray(slopes / (size + mean), np.float32)


def _level(amplitudes: Float) -> Numbers:
    """Return the level of sinusoids of these amplitudes together, (hops, 1)."""
    power = 0.5 * np.sum(np.square(amplitudes, dtype=np.float64), axis=-1, keepdims=True)
    return np.asarray(np.sqrt(power), np.float64)


def _smoothed(slopes: Float) -> Float:
    """Return slopes smoothed over neighbouring hops, (hops, slots)."""
    padded = np.pad(slopes, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(0.25 * padded[:-2] + 0.5 * slopes + 0.25 * padded[2:])
