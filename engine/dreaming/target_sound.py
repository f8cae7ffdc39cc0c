"""The target sound: a sound beside the stream that only the network hears, and what it hears there.

It is a file that plays in a loop, in step with the stream, or a sidechain: other inputs, whose
sound comes with the stream's own. Neither is heard in the output.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from ..arrays import Float
from ..dsp.resample import Resampler, resample
from ..dsp.ring_buffer import RingBuffer
from ..errors import AudioFileError
from ..io.audio_files import SoundReader
from ..packs.network import Activations

LONGEST_SECONDS = 60.0
SILENCE_DB = -70.0
"""The level (root mean square, relative to full scale) below which nothing is asked for."""
MISSING = (
    "The target 'sound' needs a target sound: set target_sound to a sound file, or open a"
    " sidechain."
)
SIDECHAIN = "the sidechain"
_READ_BLOCK = 65_536

Hear = Callable[[Float], Activations]
"""(window,) -> layer -> mean activation over frames, (units,)."""


def read_target_sound(path: str | Path, sample_rate: int) -> Float:
    """Read a sound file, mixed to one channel.

    Args:
        path: of a file that `SoundReader` can read, of at most a minute.
        sample_rate: of the network, in hertz.

    Returns:
        float32 (samples,) at that rate, at least one sample.

    Raises:
        AudioFileError: it cannot be read, or is too long.
    """
    with SoundReader(path) as reader:
        if reader.samples > LONGEST_SECONDS * reader.sample_rate:
            raise AudioFileError(
                f"{path} is longer than {LONGEST_SECONDS:g} s, too long for a target sound; cut out"
                " the part that matters"
            )
        mixed = [block.mean(axis=0) for block in reader.blocks(_READ_BLOCK)]
        found = resample(np.concatenate(mixed), reader.sample_rate, sample_rate)
    return found if len(found) else np.zeros(1, np.float32)


class TargetSound:
    """What a network hears in the target sound of one stream."""

    def __init__(
        self,
        hear: Hear,
        sample_rate: int,
        window: int,
        hop: int,
        stream_rate: int,
        sidechain: RingBuffer,
    ) -> None:
        """Begin without a file.

        Args:
            hear: gives the network's activations.
            sample_rate: of the network, in hertz.
            window: samples that it takes.
            hop: samples between two updates.
            stream_rate: of the sidechain, in hertz.
            sidechain: where another thread or process writes its sound; empty where there is none.
        """
        self._hear, self._rate = hear, sample_rate
        self._window, self._hop = window, hop
        self._file = ""
        self._loop: _Loop | None = None
        self._sidechain = _Sidechain(sidechain, Resampler(stream_rate, sample_rate), window)

    @property
    def name(self) -> str:
        """What it is called, for people."""
        return Path(self._file).name if self._file else SIDECHAIN

    @property
    def is_there(self) -> bool:
        """Whether there is one: a file, or a sidechain that sends."""
        return self._loop is not None or self._sidechain.is_there

    def open(self, file: str) -> None:
        """Use a file from now on; an empty name is the sidechain. One that is open stays so.

        Raises:
            AudioFileError: the file cannot be used; what was used before stays.
        """
        if file != self._file:
            self._loop = _Loop(read_target_sound(file, self._rate), self._hop) if file else None
            self._file = file

    def activations(self, layers: Collection[str], position: int) -> Activations:
        """Return what the network hears in the target sound now.

        Args:
            layers: that are wanted.
            position: samples of the stream so far, at the network's rate.

        Returns:
            layer -> mean activation over frames, (units,); empty while the target sound is silent.
        """
        if not layers:
            return {}
        if self._loop is not None:
            return self._loop.activations(layers, position, self._hear, self._window)
        return _heard(self._sidechain.newest(), layers, self._hear)

    def reset(self) -> None:
        """Clear the sidechain's sound; the stream starts again at sample 0."""
        self._sidechain.reset()


class _Loop:
    """A sound in a loop, with what was heard at each place: after one turn it costs nothing."""

    def __init__(self, sound: Float, hop: int) -> None:
        self._sound, self._hop = sound, hop
        self._known: dict[int, Activations] = {}

    def activations(
        self, layers: Collection[str], position: int, hear: Hear, window: int
    ) -> Activations:
        """Return what is heard up to the hop's end at a position of the stream."""
        samples = len(self._sound)
        place = (position - 1) % samples // self._hop
        if place not in self._known or (
            self._known[place] and not self._known[place].keys() >= set(layers)
        ):
            end = (place + 1) * self._hop
            self._known[place] = _heard(
                self._sound[np.arange(end - window, end) % samples], layers, hear
            )
        return self._known[place]


class _Sidechain:
    """The newest window of a sound that another thread or process writes."""

    def __init__(self, feed: RingBuffer, down: Resampler, window: int) -> None:
        self._feed, self._down = feed, down
        self._window = np.zeros(window, np.float32)
        self._taken = 0

    @property
    def is_there(self) -> bool:
        """Whether anything came yet, silence included."""
        return self._feed.end > 0

    def newest(self) -> Float:
        """Return the newest window, (window,), of what has come."""
        end = self._feed.end
        # After a stall, what may be written over while it is read is left out.
        start = max(self._taken, end - self._feed.capacity // 2)
        self._taken = end
        new = self._down.process(self._feed.read_at(start, end - start)[0])
        self._window = np.concatenate((self._window, new))[-len(self._window) :]
        return self._window

    def reset(self) -> None:
        """Start again in silence."""
        self._feed.reset()
        self._down.reset()
        self._window = np.zeros_like(self._window)
        self._taken = 0


def _heard(window: Float, layers: Collection[str], hear: Hear) -> Activations:
    """Return what is heard in a window; nothing in silence, where a network hears itself."""
    if float(np.sqrt(np.mean(np.square(window)))) < 10.0 ** (SILENCE_DB / 20.0):
        return {}
    found = hear(window)
    return {name: np.array(found[name]) for name in layers}
