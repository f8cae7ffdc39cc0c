"""Tempo and beats from a MIDI clock or from taps, with their jitter removed."""

import math
import statistics
from collections import deque
from itertools import pairwise

from ...parameters import PARAMETERS

PULSES_PER_BEAT = 24
"""Of a MIDI clock."""
FORGET_TAPS_SECONDS = 2.0
"""A tap after a longer pause starts a new measurement."""

_SLOWEST, _FASTEST = PARAMETERS["tempo_bpm"].minimum, PARAMETERS["tempo_bpm"].maximum
_SPAN = PULSES_PER_BEAT
"""Pulses per estimate of the period; jitter is divided by it."""
_FIRST_SPAN = 12
_LOST_SECONDS = 0.25
_STEADY = 0.001
"""Changes of the tempo by less than this share count as jitter."""
_TAPS = 8
_TOLERANCE = 1.02
"""A clock may exceed the limits by this factor, for its jitter."""


class BeatClock:
    """Gives the position of the music in beats at any time.

    It runs freely at its tempo from the start; the pulses of a MIDI clock and taps move it. The
    period of a clock is the median of estimates that each span a beat, so that neither the jitter
    of single pulses nor one late pulse moves it; the phase is the median of all pulses' phases.

    One thread may move it while others read it.
    """

    def __init__(self, tempo_bpm: float = 120.0) -> None:
        """Begin at beat 0 at time 0.

        Args:
            tempo_bpm: beats per minute until pulses or taps come.
        """
        self.running = False
        """Whether the transport runs: between a start and a stop."""
        self.heard_at: float | None = None
        """When the last pulse or tap came; None before the first."""
        self._tempo_bpm = tempo_bpm
        self._anchor = (0.0, 0.0, 60.0 / tempo_bpm)  # time, beat there, seconds per beat
        self._pulses: deque[float] = deque(maxlen=2 * _SPAN)
        self._pulse_count = 0
        self._starting = False
        self._taps: deque[float] = deque(maxlen=_TAPS)

    @property
    def tempo_bpm(self) -> float:
        """Beats per minute."""
        return self._tempo_bpm

    def beats_at(self, time: float) -> float:
        """Return how many beats have passed at `time`, in seconds; whole numbers are the beats."""
        start, beat, seconds = self._anchor
        return beat + (time - start) / seconds

    def set_tempo(self, tempo_bpm: float, time: float) -> None:
        """Continue from the present beat at another tempo, as when the knob is turned.

        Args:
            tempo_bpm: beats per minute.
            time: now, in seconds.
        """
        if tempo_bpm != self._tempo_bpm:
            self._move_to(tempo_bpm, time, self.beats_at(time))

    def pulse(self, time: float) -> float | None:
        """Take one of the 24 pulses per beat of a MIDI clock.

        Args:
            time: when it came, in seconds.

        Returns:
            The tempo in beats per minute where it has changed.
        """
        self.heard_at = time
        if self._pulses and not 0 <= time - self._pulses[-1] < _LOST_SECONDS:
            self._pulses.clear()
        if self._starting:
            self._starting = False
            self._pulse_count = 0
            self._pulses.clear()
        elif not self._pulses:
            # The clock came back: continue from the nearest pulse of our own count.
            self._pulse_count = round(self.beats_at(time) * PULSES_PER_BEAT)
        else:
            self._pulse_count += 1
        self._pulses.append(time)
        if len(self._pulses) == 1:
            self._move_to(self._tempo_bpm, time, self._pulse_count / PULSES_PER_BEAT)
        if len(self._pulses) <= _FIRST_SPAN:
            return None
        return self._lock(self._period())

    def start(self, time: float) -> None:
        """Start at beat 0, as MIDI's start: the present time is beat 0, and so is the next pulse.

        Args:
            time: now, in seconds.
        """
        self.running = True
        self._starting = True
        self._move_to(self._tempo_bpm, time, 0.0)

    def resume(self) -> None:
        """Continue after a stop, as MIDI's continue."""
        self.running = True

    def stop(self) -> None:
        """Stop, as MIDI's stop; beats are still counted at the present tempo."""
        self.running = False

    def tap(self, time: float) -> float | None:
        """Take a tap: the time of a beat.

        Args:
            time: of the tap, in seconds.

        Returns:
            The tempo in beats per minute, from the second tap on; the median of the last eight.
        """
        self.heard_at = time
        if self._taps and not 0 < time - self._taps[-1] <= FORGET_TAPS_SECONDS:
            self._taps.clear()
        self._taps.append(time)
        times = list(self._taps)
        tempo_bpm = None
        if len(times) > 1:
            gaps = [after - before for before, after in pairwise(times)]
            tempo_bpm = within_limits(60.0 / statistics.median(gaps))
        self._move_to(tempo_bpm or self._tempo_bpm, time, float(round(self.beats_at(time))))
        return tempo_bpm

    def _period(self) -> float:
        """Return the seconds between two pulses."""
        times = list(self._pulses)
        span = min(_SPAN, len(times) - len(times) // 2)
        return statistics.median(
            (after - before) / span for before, after in zip(times, times[span:], strict=False)
        )

    def _lock(self, period: float) -> float | None:
        """Follow the pulses with this period; return the tempo where it has changed."""
        if period <= 0:  # they came all at once
            return None
        newest = len(self._pulses) - 1
        now = statistics.median(at + (newest - n) * period for n, at in enumerate(self._pulses))
        tempo_bpm = within_limits(60.0 / (period * PULSES_PER_BEAT))
        changed = abs(tempo_bpm / self._tempo_bpm - 1) > _STEADY
        if changed:
            self._tempo_bpm = tempo_bpm
        self._anchor = (now, self._pulse_count / PULSES_PER_BEAT, period * PULSES_PER_BEAT)
        return tempo_bpm if changed else None

    def _move_to(self, tempo_bpm: float, time: float, beat: float) -> None:
        self._tempo_bpm = tempo_bpm
        self._anchor = (time, beat, 60.0 / tempo_bpm)


def within_limits(tempo_bpm: float) -> float:
    """Return the tempo, halved or doubled until a knob can hold it."""
    if not math.isfinite(tempo_bpm) or tempo_bpm <= 0:
        return _FASTEST
    while tempo_bpm > _FASTEST * _TOLERANCE:
        tempo_bpm /= 2
    while tempo_bpm < _SLOWEST / _TOLERANCE:
        tempo_bpm *= 2
    return min(max(tempo_bpm, _SLOWEST), _FASTEST)
