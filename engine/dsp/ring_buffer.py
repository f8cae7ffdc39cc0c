"""The newest samples of a stream, readable as one contiguous piece at any delay."""

import numpy as np

from ..arrays import Float

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
        self._copies = data.reshape(channels, 2, capacity)
        self.capacity = capacity

    @staticmethod
    def bytes_needed(channels: int, capacity: int) -> int:
        """Return the bytes that such a ring buffer takes."""
        return _HEADER_BYTES + channels * 2 * capacity * np.dtype(np.float32).itemsize

    @property
    def end(self) -> int:
        """Samples written so far: the number of the next one."""
        return int(self._end[0])

    def write(self, chunk: Float) -> None:
        """Append `chunk`, float32 (channels, at most capacity)."""
        count = chunk.shape[-1]
        at = self.end % self.capacity
        first = min(count, self.capacity - at)
        twice = chunk[..., np.newaxis, :]
        self._copies[:, :, at : at + first] = twice[..., :first]
        if first < count:
            self._copies[:, :, : count - first] = twice[..., first:]
        self._end[0] += count

    def read(self, count: int, delay: int = 0) -> Float:
        """Return `count` samples whose last is `delay` samples older than the newest.

        Args:
            count: how many; `count` + `delay` is at most the capacity.
            delay: in samples; 0 ends with the newest.

        Returns:
            A view (channels, count), valid until it is written over.
        """
        return self.read_at(self.end - delay - count, count)

    def read_gliding(self, count: int, before: int, after: int) -> Float:
        """Return `count` samples, cross-faded from the delay `before` to the delay `after`."""
        arrived = self.read(count, after)
        if before == after:
            return arrived
        rise = np.arange(1, count + 1, dtype=np.float32) / np.float32(count)
        left = self.read(count, before)
        return left + (arrived - left) * rise

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
