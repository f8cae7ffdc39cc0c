"""Channels are shared out between sound and sidechain; a device that cannot start is given back."""

from collections.abc import Sequence

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.io.devices import share_out, started


@pytest.mark.parametrize(
    ("inputs", "channels", "sidechain", "shared"),
    [
        (1, None, (), ([0], [])),
        (8, None, (), ([0, 1], [])),
        (8, 4, (), ([0, 1, 2, 3], [])),
        (4, None, (3, 4), ([0, 1], [2, 3])),
        (4, None, (4, 1, 4), ([1, 2], [0, 3])),
        (2, None, (2,), ([0], [1])),
        (8, 3, (2,), ([0, 2, 3], [1])),
    ],
)
def test_the_sidechain_is_left_out_of_the_sound(
    inputs: int, channels: int | None, sidechain: Sequence[int], shared: tuple[list[int], list[int]]
) -> None:
    assert share_out({"name": "Box", "inputs": inputs}, channels, sidechain) == shared


@pytest.mark.parametrize(
    ("channels", "sidechain", "words"),
    [
        (3, (), "Box has 2 channels, not 3"),
        (2, (1,), "Box has 1 channels besides the sidechain, not 2"),
        (None, (3,), "no channel 3 for the sidechain: its channels are 1 to 2"),
        (None, (0,), "no channel 0"),
        (None, (1, 2), "no channel besides the sidechain"),
    ],
)
def test_channels_that_are_not_there_are_told(
    channels: int | None, sidechain: Sequence[int], words: str
) -> None:
    with pytest.raises(DeviceError, match=words):
        share_out({"name": "Box", "inputs": 2}, channels, sidechain)


class Busy:
    """Stands for a stream of PortAudio whose device another program has taken meanwhile."""

    closed = False

    def start(self) -> None:
        raise OSError("busy")

    def close(self) -> None:
        self.closed = True


def test_a_stream_that_cannot_start_gives_its_device_back() -> None:
    stream = Busy()
    with pytest.raises(OSError, match="busy"):
        started(stream)
    assert stream.closed
