"""A thin adapter between a sound device of PortAudio and a function."""

import os
import queue
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..cores import SWITCH_SECONDS
from ..dsp.durations import Durations
from ..errors import DeviceError
from ..kernel.binding import bind
from ..kernel.output import deal_out
from .jack.client import JackClient
from .jack.connections import is_our_client
from .jack.library import HOST_API

FIRST_BLOCK_TIMEOUT_SECONDS = 5.0
UNDISTURBED_SECONDS = 0.01
"""How long a thread waits for Python's lock while a block is processed, which goes on until it is
finished; between blocks `SWITCH_SECONDS`, so that the next one begins at once."""


def find_devices() -> list[dict[str, Any]]:
    """Return every device that PortAudio finds: index, name, host_api, inputs, outputs, ...

    JACK's devices are its clients; those that are ours are left out.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    sounddevice = portaudio()
    hosts = sounddevice.query_hostapis()
    default_input, default_output = sounddevice.default.device
    return [
        {
            "index": index,
            "name": device["name"],
            "host_api": host["name"],
            "inputs": device["max_input_channels"],
            "outputs": device["max_output_channels"],
            "default_sample_rate": device["default_samplerate"],
            "is_default_input": index == default_input,
            "is_default_output": index == default_output,
            "is_host_default_input": index == host["default_input_device"],
            "is_host_default_output": index == host["default_output_device"],
        }
        for index, device in enumerate(sounddevice.query_devices())
        for host in (hosts[device["hostapi"]],)
        if not (host["name"] == HOST_API and is_our_client(device["name"]))
    ]


Process = Callable[[Float, Float | None], Float]
"""Gets a block, float32 (channels, samples), and as much of the sidechain or None; returns as much
as the block."""


class Timing:
    """Passes blocks to a function, plays what it returns, and measures how long that takes."""

    pauses = False
    """Whether it may bring no block for long without being lost."""

    def __init__(self, process: Process) -> None:
        """Begin; for `process` see `Process`."""
        self._process = process
        self._deal_out = bind(deal_out)
        self.block_size = 0
        """Samples in the newest block; 0 before the first."""
        self.blocks = 0
        """Blocks since the start."""
        self.xruns = 0
        """Blocks that the device reports as lost."""
        self.durations = Durations()
        self.counting = True
        """Whether durations and lost blocks count; not while all starts up."""
        self.realtime = False
        """Whether the system gives the callback real-time priority."""
        self.jack: JackClient | None = None
        """Our client of a JACK server, where the sound goes through one without PortAudio."""
        self.note = ""
        """What was done about devices that cannot be opened together, in one line."""
        self.failure = ""
        """The error of the callback, in one line; it played silence instead."""
        self._awaited = False
        self._gaps: queue.SimpleQueue[None] = queue.SimpleQueue()

    @property
    def prepared_block_size(self) -> int | None:
        """Samples in the blocks that a processor is prepared for; None where they vary."""
        return self.block_size

    def play(
        self,
        block: Float,
        sink: Float,
        route: NDArray[np.int64],
        lost: bool = False,
        sidechain: Float | None = None,
    ) -> None:
        """Process one block. Raises nothing.

        Args:
            block: (channels, samples).
            sink: (samples, outputs), written.
            route: for each output its channel.
            lost: whether the device says that it lost something before.
            sidechain: (channels, samples), passed on; None where there is none.
        """
        started = time.perf_counter()
        sys.setswitchinterval(UNDISTURBED_SECONDS)
        if self.blocks == 0:
            self.realtime = _has_realtime_priority()
        if lost and self.counting:
            self.xruns += 1
        try:
            self._deal_out(self._process(block, sidechain), route, sink)
        except Exception as error:  # a callback that raises would stop the sound for good
            self.failure = f"{type(error).__name__}: {error}"
            sink.fill(0.0)
        self.block_size = len(sink)
        self.blocks += 1
        if self.counting:
            self.durations.add(time.perf_counter() - started)
        sys.setswitchinterval(SWITCH_SECONDS)
        if self._awaited:
            self._awaited = False
            self._gaps.put(None)

    def wait_for_gap(self, seconds: float) -> None:
        """Wait until a block has just been processed, at most so long.

        Two threads of one interpreter take turns: what another thread computes while a block is
        processed makes that block late. So whatever can wait is computed between two blocks. One
        thread may wait at a time.
        """
        with suppress(queue.Empty):
            self._gaps.get_nowait()  # of a block that came just after the last wait was given up
        self._awaited = True
        with suppress(queue.Empty):
            self._gaps.get(timeout=seconds)

    def wait_for_sound(self, seconds: float) -> bool:
        """Wait for the first block; return whether it came."""
        deadline = time.monotonic() + seconds
        while self.blocks == 0 and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.blocks > 0


class AudioStream(Timing):
    """A running duplex stream that gives each block to a function and plays what that returns.

    PortAudio is left to choose the block size, which on JACK adds not one sample.
    """

    def __init__(
        self,
        process: Process,
        source: Mapping[str, Any],
        sink: Mapping[str, Any],
        sample_rate: int | None = None,
        channels: int | None = None,
        sidechain: Sequence[int] = (),
    ) -> None:
        """Open the devices and start.

        Args:
            process: see `Process`; called from PortAudio's own thread.
            source, sink: as `choose_devices` returns them.
            sample_rate, channels, sidechain: see `open_stream`.

        Raises:
            DeviceError: a device cannot be opened like this.
        """
        super().__init__(process)
        sounddevice = portaudio()
        self.input_name, self.output_name = source["name"], sink["name"]
        self.sample_rate = int(sample_rate or sink["default_sample_rate"])
        self._main, self._sidechain = share_out(source, channels, sidechain)
        self.channels = len(self._main)
        inputs = max((*self._main, *self._sidechain)) + 1
        outputs = min(max(2, self.channels), sink["outputs"])
        self._route = np.arange(outputs) % self.channels
        try:
            stream = sounddevice.Stream(
                samplerate=self.sample_rate,
                blocksize=0,
                device=(source["index"], sink["index"]),
                channels=(inputs, outputs),
                dtype="float32",
                latency="low",
                callback=self._callback,
            )
            self._stream = started(stream)
        except sounddevice.PortAudioError as problem:
            raise DeviceError(
                f"{self.input_name} and {self.output_name} cannot be opened at"
                f" {self.sample_rate} Hz with {inputs} channels: {problem.args[0]}"
            ) from problem

    def close(self) -> None:
        """Stop and close the device."""
        self._stream.close()

    def _callback(self, source: Float, sink: Float, frames: int, times: Any, status: Any) -> None:
        block = source.T
        if not self._sidechain:
            self.play(block, sink, self._route, bool(status))
        else:
            main, beside = block[self._main], block[self._sidechain]
            self.play(main, sink, self._route, bool(status), beside)


def share_out(
    source: Mapping[str, Any], channels: int | None, sidechain: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Share the channels of an input out.

    Args:
        source: the device, as `find_devices` lists it.
        channels, sidechain: see `open_stream`.

    Returns:
        the channels that are processed, and those of the sidechain, from 0.

    Raises:
        DeviceError: there are not as many.
    """
    name, inputs = source["name"], int(source["inputs"])
    for channel in sidechain:
        if not 1 <= channel <= inputs:
            raise DeviceError(
                f"{name} has no channel {channel} for the sidechain: its channels are 1 to"
                f" {inputs}."
            )
    beside = sorted({channel - 1 for channel in sidechain})
    left = [channel for channel in range(inputs) if channel not in beside]
    if channels is not None and channels > len(left):
        apart = " besides the sidechain" if beside else ""
        raise DeviceError(
            f"{name} has {len(left)} channels{apart}, not {channels}: choose fewer --channels, or"
            " another --input."
        )
    if not left:
        raise DeviceError(f"{name} has no channel besides the sidechain: choose another --input.")
    return left[: channels or 2], beside


def forget_devices() -> None:
    """Let PortAudio go: it looks for devices and servers anew when it is next used.

    No stream may be open through it. As long as it is loaded, it is a client of a JACK server too.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    sounddevice = _module()
    if sounddevice._initialized:
        sounddevice._terminate()


def _has_realtime_priority() -> bool:
    """Return whether the calling thread has it; True where the system cannot tell."""
    if not hasattr(os, "sched_getscheduler"):
        return True
    return os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)


def started(stream: Any) -> Any:
    """Return a stream of PortAudio that plays; one that cannot start gives its device back."""
    try:
        stream.start()
    except BaseException:
        stream.close()
        raise
    return stream


def portaudio() -> Any:
    """Return the module `sounddevice`, ready for use.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    sounddevice = _module()
    if not sounddevice._initialized:  # after `forget_devices`
        sounddevice._initialize()
    return sounddevice


def _module() -> Any:
    try:
        import sounddevice
    except OSError as problem:
        raise DeviceError(
            "PortAudio is not installed, so no sound device can be used; on Debian and Ubuntu:"
            " apt install libportaudio2"
        ) from problem
    return sounddevice
