import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from innerear.engine.dsp.ring_buffer import RingBuffer

CAPACITY = 16


@given(st.lists(st.integers(0, CAPACITY), max_size=20), st.integers(0, CAPACITY), st.data())
def test_reads_what_was_written(sizes: list[int], count: int, data: st.DataObject) -> None:
    delay = data.draw(st.integers(0, CAPACITY - count))
    ring_buffer = RingBuffer(2, CAPACITY)
    written = np.zeros((2, CAPACITY), np.float32)
    for size in sizes:
        first = written.shape[1]
        chunk = np.stack((np.arange(first, first + size), -np.arange(first, first + size)))
        ring_buffer.write(chunk.astype(np.float32))
        written = np.concatenate((written, chunk), axis=1)
    end = written.shape[1] - delay
    np.testing.assert_array_equal(ring_buffer.read(count, delay), written[:, end - count : end])
    assert ring_buffer.end == sum(sizes)
