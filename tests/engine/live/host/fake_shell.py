"""The shell's end of a channel, in Python: sends blocks, and reads what came back."""

from pathlib import Path

import numpy as np

from innerear.engine.ipc import host_channel
from innerear.engine.ipc.host_channel import HostChannel
from innerear.engine.parameters import AUTOMATABLE

RATE = 48_000


class FakeShell:
    """Makes the shared file as the shell does."""

    def __init__(self, folder: Path, channels: int = 1) -> None:
        path = folder / "host"
        whole = np.zeros(1, host_channel._LAYOUT)
        header = whole["header"]
        header["magic"], header["size"] = host_channel._MAGIC, whole.nbytes
        header["sample_rate"], header["channels"], header["latency"] = RATE, channels, -1
        path.write_bytes(whole.tobytes())
        self.path = path
        self.engine = HostChannel(path)
        self._map = np.memmap(path, host_channel._LAYOUT, "r+", shape=(1,))
        self.header = self._map["header"]
        self.at = 0

    def begin(self) -> None:
        """Begin a stream, as a host does when it activates the plug-in."""
        self.header["generation"] += 1

    def send(
        self,
        sound: np.ndarray,
        offline: bool = False,
        changed: dict[str, float] | None = None,
        midi: tuple[tuple[int, ...], ...] = (),
        tempo_bpm: float = 0.0,
        beats: float = 0.0,
    ) -> None:
        """Send a block, float32 (channels, samples)."""
        places = np.arange(self.at, self.at + sound.shape[1]) % host_channel._RING
        self._map["input"][0][: len(sound), places] = sound
        sent = int(self.header["sent"][0])
        record = self._map["blocks"][0][sent % host_channel._BLOCKS]
        record["generation"] = self.header["generation"][0]
        record["start"], record["samples"] = self.at, sound.shape[1]
        record["offline"], record["playing"] = offline, tempo_bpm > 0
        record["tempo_bpm"], record["beats"] = tempo_bpm, beats
        numbers = {parameter.id: number for number, parameter in enumerate(AUTOMATABLE)}
        bits = 0
        for id, value in (changed or {}).items():
            bits |= 1 << numbers[id]
            record["values"][numbers[id]] = value
        record["changed"] = bits
        record["midi_count"] = len(midi)
        for row, message in zip(record["midi"], midi, strict=False):
            row[: len(message) + 1] = (len(message), *message)
        self.at += sound.shape[1]
        self.header["sent"] = sent + 1
        self.engine.wake()

    def want(self, state: str) -> None:
        """Want a state, as a host does that opens a project."""
        text, data = self._map["wanted"], state.encode()
        text["version"] += 1
        text["length"] = len(data)
        text["bytes"][0][: len(data)] = np.frombuffer(data, np.uint8)
        text["version"] += 1

    @property
    def state(self) -> str:
        """What a host would save."""
        text = self._map["present"]
        return text["bytes"][0][: int(text["length"][0])].tobytes().decode()

    def told(self) -> dict[str, float]:
        """Return the values that the engine has told the host, by id."""
        counts, values = self.header["value_counts"][0], self.header["values"][0]
        return {
            parameter.id: float(values[number])
            for number, parameter in enumerate(AUTOMATABLE)
            if counts[number]
        }

    def output(self, start: int, samples: int, channels: int = 1) -> np.ndarray:
        """Return what came back at a position."""
        places = np.arange(start, start + samples) % host_channel._RING
        return np.asarray(self._map["output"][0][:channels, places])
