"""A sound in memory, played in a loop block by block, without clicks when it is controlled."""

import numpy as np

from ..arrays import Float

FADE_SECONDS = 0.008


class FilePlayback:
    """Plays, pauses, seeks and repeats. One thread takes blocks; any may give commands."""

    def __init__(self, sound: Float, sample_rate: int, looping: bool = True) -> None:
        """Begin at the start, playing.

        Args:
            sound: (channels, samples), at least one sample.
            sample_rate: in hertz.
            looping: whether it begins again at its end; otherwise it pauses at the start.
        """
        self._sound, self.sample_rate = sound, sample_rate
        self._fade = max(1, round(FADE_SECONDS * sample_rate))
        self.looping, self.playing = looping, True
        self._wanted: int | None = None
        self._position = 0
        self._gain = 1.0

    @property
    def samples(self) -> int:
        """Its length."""
        return int(self._sound.shape[1])

    @property
    def position(self) -> int:
        """The sample that comes next."""
        return self._position

    def begin(self, sample: int, playing: bool = True) -> None:
        """Set where it begins, and whether it waits there; before the first block is taken."""
        self._position = min(max(sample, 0), self.samples - 1)
        self.playing = playing
        self._gain = 0.0 if sample else self._gain  # in the middle of a sound it fades in

    def seek(self, sample: int) -> None:
        """Go on from another sample, as soon as what sounds has faded."""
        self._wanted = min(max(sample, 0), self.samples - 1)

    def next(self, count: int) -> Float:
        """Return the next `count` samples, (channels, count)."""
        out = np.zeros((len(self._sound), count), np.float32)
        done = 0
        while done < count:
            target = 1.0 if self.playing and self._wanted is None else 0.0
            if self._gain == 0.0 and target == 0.0:
                if self._wanted is None:
                    break
                self._position, self._wanted = self._wanted, None
                continue
            part = self._part(count - done, target)
            out[:, done : done + part.shape[1]] = part
            done += part.shape[1]
        return out

    def _part(self, most: int, target: float) -> Float:
        """Return samples up to the end of the sound, of a fade, or of what is wanted."""
        count = min(most, self.samples - self._position)
        if self._gain != target:
            left = round(abs(target - self._gain) * self._fade)
            count = min(count, max(1, left))
        part = self._sound[:, self._position : self._position + count]
        if self._gain != target:
            step = np.copysign(1.0 / self._fade, target - self._gain)
            gains = np.clip(self._gain + step * np.arange(1, count + 1), 0.0, 1.0)
            part = part * gains.astype(np.float32)
            self._gain = float(gains[-1])
            if abs(self._gain - target) < 0.5 / self._fade:
                self._gain = target
        self._position += count
        if self._position == self.samples:
            self._position = 0
            self.playing = self.playing and self.looping
        return part


def seamless(sound: Float, sample_rate: int) -> Float:
    """Return a sound whose end leads into its start: its edges fade where they would click."""
    sound = np.array(sound, np.float32)
    fade = min(round(FADE_SECONDS * sample_rate), sound.shape[1] // 2)
    if fade:
        rise = np.arange(1, fade + 1, dtype=np.float32) / np.float32(fade)
        sound[:, :fade] *= rise
        sound[:, -fade:] *= rise[::-1]
    return sound
