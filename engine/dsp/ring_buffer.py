"""The newest samples of a stream, readable as one contiguous piece at any delay."""

import numpy as np

from ..arrays import Float
from ..kernel.binding import bind
from ..kernel.ring import Positions, gliding, ring_write

Buffer = memoryview | bytearray
_HEADER_BYTES = 64


class RingBuffer:
    """A ring of the newest samples, allocated once, for one writer and any readers.

    Each sample is kept twice, one capacity apart, so that a read never wraps around. `end` is
    raised after the samples are in place, so another thread, or another process where the memory
    is shared, may read everything before it.
    """

    def __init__(self, channels: int, capacity: int, buffer: Buffer | None = None) -> None:
        """Hold `capacity` samples in each of `channels`.

        Args:
            channels: how many.
            capacity: in samples.
            buffer: `bytes_needed` bytes to live in, as they are; by default new ones, silent.
        """
        if buffer is None:
            buffer = bytearray(self.bytes_needed(channels, capacity))
        self._end = np.frombuffer(buffer, np.int64, 1)
        data = np.frombuffer(buffer, np.float32, channels * 2 * capacity, offset=_HEADER_BYTES)
        self._data = data.reshape(channels, 2 * capacity)
        self.capacity = capacity
        self._write = bind(ring_write, self._data, self._end)

    @staticmethod
    def bytes_needed(channels: int, capacity: int) -> int:
        """Return the bytes that such a ring buffer takes."""
        return _HEADER_BYTES + channels * 2 * capacity * np.dtype(np.float32).itemsize

    @property
    def arrays(self) -> tuple[Float, Positions]:
        """The samples and the end, as the stages of the kernel take them."""
        return self._data, self._end

    @property
    def end(self) -> int:
        """Samples written so far: the number of the next one."""
        return int(self._end[0])

    def write(self, chunk: Float) -> None:
        """Append `chunk`, float32 (channels, at most capacity)."""
        self._write(np.asarray(chunk, np.float32))

    def read(self, count: int, delay: int = 0) -> Float:
        """Return `count` samples whose last is `delay` samples older than the newest.

        Args:
            count: how many; `count` + `delay` is at most the capacity.
            delay: in samples; 0 ends with the newest.

        Returns:
            A view (channels, count), valid until it is written over.
        """
        return self.read_at(int(self._end[0]) - delay - count, count)

    def read_gliding(self, count: int, before: int, after: int) -> Float:
        """Return `count` samples, cross-faded from the delay `before` to the delay `after`."""
        if before == after:
            return self.read(count, after)
        return gliding(self._data, self._end, count, before, after)

    def read_at(self, start: int, count: int) -> Float:
        """Return the samples numbered `start` and following; silence before number 0.

        Args:
            start: from `end` - capacity on.
            count: how many; `start` + `count` is at most `end`.

        Returns:
            A view (channels, count), valid until it is written over.
        """
        at = start % self.capacity
        return self._data[:, at : at + count]

    def copy_from(self, other: "RingBuffer") -> None:
        """Hold exactly what another ring buffer of the same shape holds."""
        self._data[...] = other._data
        self._end[0] = other._end[0]

    def reset(self) -> None:
        """Start again from number 0, in silence."""
        self._data.fill(0.0)
        self._end[0] = 0
