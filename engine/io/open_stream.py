"""Opens a sound input and a sound output: through JACK itself where they are a JACK server's."""

from collections.abc import Sequence

from ..errors import DeviceError
from .device_choice import choose_devices
from .devices import (
    FIRST_BLOCK_TIMEOUT_SECONDS,
    AudioStream,
    Process,
    find_devices,
    forget_devices,
)
from .jack.connections import Connections
from .jack.library import is_jack
from .jack_stream import JackStream


def open_stream(
    process: Process,
    connections: Connections,
    input_device: str | int | None = None,
    output_device: str | int | None = None,
    sample_rate: int | None = None,
    channels: int | None = None,
    sidechain: Sequence[int] = (),
    connect: bool = True,
) -> AudioStream | JackStream:
    """Open the devices, start, and wait for the first block.

    Args:
        process: see `Process`.
        connections: that our ports of a JACK server had before.
        input_device: see `choose_devices`.
        output_device: likewise.
        sample_rate: in hertz; None for the output's own.
        channels: of the input, that `process` gets: the first that are not the sidechain's;
            None for all that there are, up to 2.
        sidechain: the input's channels, from 1, that `process` gets as the sidechain.
        connect: False opens ports of a JACK server, connects them to nothing, and takes no heed
            of the devices.

    Raises:
        DeviceError: no such device, or it cannot be opened or gives no sound.
    """
    shape = sample_rate, channels, sidechain
    stream: AudioStream | JackStream
    if not connect:
        stream = JackStream(process, connections, None, None, *shape)
    else:
        source, sink, note = choose_devices(find_devices(), input_device, output_device)
        if is_jack(source["host_api"]):
            forget_devices()
            stream = JackStream(process, connections, source, sink, *shape)
        else:
            stream = AudioStream(process, source, sink, *shape)
        stream.note = note
    if not stream.wait_for_sound(FIRST_BLOCK_TIMEOUT_SECONDS):
        stream.close()
        raise DeviceError(f"{stream.input_name} is open but sends no sound.")
    return stream
