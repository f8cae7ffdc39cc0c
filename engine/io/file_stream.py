"""A sound file in place of a sound input, played to a device or, where there is none, silently."""

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float
from ..dsp.resample import resample
from ..errors import AudioFileError, DeviceError
from .audio_files import read_sound
from .device_choice import choose_device
from .devices import (
    FIRST_BLOCK_TIMEOUT_SECONDS,
    Process,
    Timing,
    find_devices,
    forget_devices,
    portaudio,
    started,
)
from .file_playback import FilePlayback, seamless
from .jack.client import JackClient, numbered
from .jack.connections import Connections
from .jack.library import is_jack

NO_DEVICE = "no sound device"
SILENT_BLOCK = 256
LONGEST_SECONDS = 1800.0
MOST_CHANNELS = 2


class FileStream(Timing):
    """Gives each block of a looped file to a function and plays what that returns."""

    def __init__(
        self,
        process: Process,
        path: Path,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        looping: bool = True,
        position_seconds: float = 0.0,
        paused: bool = False,
        needs_device: bool = False,
        connections: Connections | None = None,
    ) -> None:
        """Read the file and start.

        Args:
            process: see `Process`; a file has no sidechain.
            path: of a sound file of at most half an hour.
            output_device: index, name or part of a name; None for the default. Where there is no
                device at all, the sound goes on in real time, and is shown and recorded.
            sample_rate: in hertz; None for the output's own, or the file's where there is none.
            looping: whether the file begins again at its end.
            position_seconds, paused: where in the file to begin, and whether to wait there.
            needs_device: refuse to play where there is no device.
            connections: that our ports of a JACK server had before; none by default.

        Raises:
            AudioFileError: the file cannot be read, or is too long.
            DeviceError: the device cannot be opened, or is needed and missing.
        """
        super().__init__(process)
        # First: a file that waits for its device is not read again at each attempt.
        sink = find_output(output_device, needs_device)
        sound, file_rate = read_sound(path)
        if sound.shape[1] > LONGEST_SECONDS * file_rate:
            raise AudioFileError(
                f"{path} is longer than {LONGEST_SECONDS / 60:g} minutes, too long to play in a"
                " loop; innerear render takes files of any length"
            )
        self.path = path
        self.input_name = path.name
        self.output_name = sink["name"] if sink else NO_DEVICE
        self.sample_rate = int(sample_rate or (sink["default_sample_rate"] if sink else file_rate))
        self.channels = min(len(sound), MOST_CHANNELS)
        at_rate = resample(sound[: self.channels], file_rate, self.sample_rate)
        self.playback = FilePlayback(seamless(at_rate, self.sample_rate), self.sample_rate, looping)
        self.playback.begin(round(position_seconds * self.sample_rate), playing=not paused)
        self._ended = threading.Event()
        self._stream: Any = None
        self._thread: threading.Thread | None = None
        if sink is not None and is_jack(sink["host_api"]):
            self._join(sink, connections or Connections())
        elif sink is not None:
            self._open(sink)
        else:
            self._thread = threading.Thread(target=self._run, name="innerear-file", daemon=True)
            self._thread.start()
        if not self.wait_for_sound(FIRST_BLOCK_TIMEOUT_SECONDS):
            self.close()
            raise DeviceError(f"{self.output_name} is open but takes no sound.")

    @property
    def has_device(self) -> bool:
        """Whether it is heard: it plays to a sound device."""
        return self._stream is not None

    def close(self) -> None:
        """Stop."""
        self._ended.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread is not None:
            self._thread.join()

    def _join(self, sink: dict[str, Any], connections: Connections) -> None:
        forget_devices()
        names = numbered("out", self._spread_over(sink))
        self.jack = self._stream = JackClient(
            0, len(names), 0, self._fill, connections, self.sample_rate
        )
        theirs = self.jack.ports_of(sink["name"], takes_sound=True)
        self.jack.start({our: [their] for our, their in zip(names, theirs, strict=False)})

    def _spread_over(self, sink: dict[str, Any]) -> int:
        """Route the channels to the outputs of a device; return how many they are."""
        outputs = min(max(2, self.channels), int(sink["outputs"]))
        self._route = np.arange(outputs) % self.channels
        return outputs

    def _open(self, sink: dict[str, Any]) -> None:
        sounddevice = portaudio()
        outputs = self._spread_over(sink)
        try:
            stream = sounddevice.OutputStream(
                samplerate=self.sample_rate,
                blocksize=0,
                device=sink["index"],
                channels=outputs,
                dtype="float32",
                latency="low",
                callback=self._callback,
            )
            self._stream = started(stream)
        except sounddevice.PortAudioError as problem:
            raise DeviceError(
                f"{self.output_name} cannot be opened at {self.sample_rate} Hz: {problem.args[0]}"
            ) from problem

    def _callback(self, sink: Float, frames: int, times: Any, status: Any) -> None:
        self.play(self.playback.next(frames), sink, self._route, bool(status))

    def _fill(self, nothing: Float, out: Float, lost: bool) -> None:
        self.play(self.playback.next(out.shape[1]), out.T, self._route, lost)

    def _run(self) -> None:
        nowhere = np.empty((SILENT_BLOCK, self.channels), np.float32)
        route = np.arange(self.channels)
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            self.play(self.playback.next(SILENT_BLOCK), nowhere, route)
            due = max(due + SILENT_BLOCK / self.sample_rate, time.monotonic() - 0.1)


def find_output(wanted: str | int | None, needed: bool = False) -> dict[str, Any] | None:
    """Return the device to play to; None where there is none and none was asked for.

    Args:
        wanted: see `choose_device`.
        needed: whether to refuse where there is none.

    Raises:
        DeviceError: there is no such device, or none and it is needed.
    """
    try:
        devices = find_devices()
    except DeviceError:
        devices = []
    if wanted is None and not needed and not any(device["outputs"] > 0 for device in devices):
        return None
    return choose_device(devices, wanted, "output")
