"""A thin adapter between a sound device (PortAudio, so JACK too) and a processor."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .durations import Durations
from .errors import DeviceError, nearest
from .processor import Processor

Float = NDArray[np.float32]

FIRST_BLOCK_TIMEOUT_SECONDS = 5.0


def find_devices() -> list[dict[str, Any]]:
    """Return what PortAudio knows of every device: index, name, host_api, inputs, outputs, ...

    Raises:
        DeviceError: PortAudio is not installed.
    """
    sounddevice = _portaudio()
    hosts = sounddevice.query_hostapis()
    default_input, default_output = sounddevice.default.device
    return [
        {
            "index": index,
            "name": device["name"],
            "host_api": hosts[device["hostapi"]]["name"],
            "inputs": device["max_input_channels"],
            "outputs": device["max_output_channels"],
            "default_sample_rate": device["default_samplerate"],
            "is_default_input": index == default_input,
            "is_default_output": index == default_output,
        }
        for index, device in enumerate(sounddevice.query_devices())
    ]


def choose_device(
    devices: Sequence[dict[str, Any]], wanted: str | int | None, side: str
) -> dict[str, Any]:
    """Return the device that a user means.

    Args:
        devices: as `find_devices` lists them.
        wanted: an index, a name or part of one; None for the system's default.
        side: "input" or "output".

    Raises:
        DeviceError: there is none, or it has no channels on that side.
    """
    able = [device for device in devices if device[f"{side}s"] > 0]
    if not able:
        raise DeviceError(
            f"No sound {side} was found. Start a JACK or PipeWire server, or plug a device in;"
            " `innerear render` needs none."
        )
    if wanted is None:
        return next((device for device in able if device[f"is_default_{side}"]), able[0])
    text = str(wanted)
    for device in able:
        if text == str(device["index"]) or text.lower() == device["name"].lower():
            return device
    for device in able:
        if text.lower() in device["name"].lower():
            return device
    names = [device["name"] for device in able]
    raise DeviceError(f"There is no sound {side} {text!r}. {nearest(text, names)}")


class AudioStream:
    """A running duplex stream whose callback is the processor.

    PortAudio is left to choose the block size, which on JACK adds not one sample; the processor
    is prepared for it when the first block has shown how long it is.
    """

    def __init__(
        self,
        processor: Processor,
        input_device: str | int | None = None,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
    ) -> None:
        """Open the devices and start.

        Args:
            processor: prepared by the stream; made with `realtime=True`.
            input_device: index, name or part of a name; None for the default.
            output_device: likewise.
            sample_rate: in hertz; None for the output's own.
            channels: of the input, that the processor gets; None for all, at most 2.

        Raises:
            DeviceError: no such device, or it cannot be opened or gives no sound.
        """
        sounddevice = _portaudio()
        devices = find_devices()
        source = choose_device(devices, input_device, "input")
        sink = choose_device(devices, output_device, "output")
        self.input_name, self.output_name = source["name"], sink["name"]
        self.sample_rate = int(sample_rate or sink["default_sample_rate"])
        self.channels = min(channels or 2, source["inputs"])
        outputs = min(max(2, self.channels), sink["outputs"])
        self._route = np.arange(outputs) % self.channels
        self._processor = processor
        self._ready = False
        self._block_size = 0
        self.xruns = 0
        self.durations = Durations()
        self.failure = ""
        """What the callback ran into, in words; it played silence instead."""
        try:
            self._stream = sounddevice.Stream(
                samplerate=self.sample_rate,
                blocksize=0,
                device=(source["index"], sink["index"]),
                channels=(self.channels, outputs),
                dtype="float32",
                latency="low",
                callback=self._callback,
            )
            self._stream.start()
        except sounddevice.PortAudioError as problem:
            raise DeviceError(
                f"{self.input_name} and {self.output_name} cannot be opened at"
                f" {self.sample_rate} Hz with {self.channels} channels: {problem.args[0]}"
            ) from problem
        try:
            self._prepare_when_known()
        except BaseException:
            self.close()
            raise

    @property
    def block_size(self) -> int:
        """Samples in each block of the device."""
        return self._block_size

    @property
    def active(self) -> bool:
        """Whether the device still runs."""
        return bool(self._stream.active)

    def adapt(self) -> None:
        """Prepare the processor anew where the device has changed its block size.

        Raises:
            DeviceError: the device gives no sound any more.
        """
        if not self._ready:
            self._prepare_when_known()

    def close(self) -> None:
        """Stop and close the device."""
        self._ready = False
        self._stream.close()
        self._processor.close()

    def _prepare_when_known(self) -> None:
        deadline = time.monotonic() + FIRST_BLOCK_TIMEOUT_SECONDS
        while self._block_size == 0:
            if time.monotonic() > deadline:
                raise DeviceError(f"{self.input_name} is open but sends no sound.")
            time.sleep(0.005)
        self._processor.prepare(self.sample_rate, self._block_size, self.channels)
        self._ready = True

    def _callback(self, source: Float, sink: Float, frames: int, times: Any, status: Any) -> None:
        if status:
            self.xruns += 1
        if not self._ready or frames != self._block_size:
            self._ready = False
            self._block_size = frames
            sink.fill(0.0)
            return
        started = time.perf_counter()
        try:
            out = self._processor.process(source.T)
            np.take(out.T, self._route, axis=1, out=sink)
        except Exception as error:  # a callback that raises would stop the sound for good
            self.failure = f"{type(error).__name__}: {error}"
            sink.fill(0.0)
        self.durations.add(time.perf_counter() - started)


def _portaudio() -> Any:
    try:
        import sounddevice
    except OSError as problem:
        raise DeviceError(
            "PortAudio is not installed, so no sound device can be used; on Debian and Ubuntu:"
            " apt install libportaudio2"
        ) from problem
    return sounddevice
