"""The memory that an engine shares with the plug-in that has started it: blocks, values, states.

`plugin/shell/Channel.hpp` has the same fields in the same order, and makes the file.
"""

import ctypes
import mmap
import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import DeviceError

HOST_FILE = "host"
"""Name of the channel in a server's folder."""
MOST_CHANNELS = 2
LOWEST_RATE, HIGHEST_RATE = 1_000, 1_000_000
"""Of hosts, in hertz."""
_MAGIC = 0x0002_5241_454E_4E49
_MOST_PARAMETERS = 64
_MOST_MIDI = 64
_BLOCKS = 1024
_RING = 131_072
_STATE_BYTES = 131_072
_SEMAPHORE_BYTES = 64

_BLOCK = np.dtype(
    [
        ("generation", "i8"),
        ("start", "i8"),
        ("samples", "i8"),
        ("offline", "i8"),
        ("playing", "i8"),
        ("tempo_bpm", "f8"),
        ("beats", "f8"),
        ("changed", "u8"),
        ("midi_count", "i8"),
        ("values", "f4", (_MOST_PARAMETERS,)),
        ("midi", "u1", (_MOST_MIDI, 4)),
    ]
)
_TEXT = [("version", "i8"), ("length", "i8"), ("bytes", "u1", (_STATE_BYTES,))]
_HEADER = [
    ("magic", "i8"),
    ("size", "i8"),
    ("generation", "i8"),
    ("sample_rate", "f8"),
    ("channels", "i8"),
    ("block_size", "i8"),
    ("sent", "i8"),
    ("ready", "i8"),
    ("plays", "i8"),
    ("latency", "i8"),
    ("taken", "i8"),
    ("valid_from", "i8"),
    ("processed", "i8"),
    ("heartbeat", "i8"),
    ("state_taken", "i8"),
    ("value_counts", "u4", (_MOST_PARAMETERS,)),
    ("values", "f4", (_MOST_PARAMETERS,)),
]


def _aligned(fields: list[tuple[str, object, int]]) -> np.dtype[np.void]:
    """Return a structure whose fields begin at multiples of what is named, as in C++."""
    names, formats, offsets, at = [], [], [], 0
    for name, kind, alignment in fields:
        at = -(-at // alignment) * alignment
        names.append(name)
        formats.append(np.dtype(kind))  # type: ignore[call-overload]
        offsets.append(at)
        at += formats[-1].itemsize
    size = -(-at // 64) * 64
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


_LAYOUT = _aligned(
    [
        ("header", _HEADER, 8),
        ("to_engine", ("u1", (_SEMAPHORE_BYTES,)), 64),
        ("to_shell", ("u1", (_SEMAPHORE_BYTES,)), 64),
        ("wanted", _TEXT, 64),
        ("present", _TEXT, 8),
        ("blocks", (_BLOCK, (_BLOCKS,)), 64),
        ("input", ("f4", (MOST_CHANNELS, _RING)), 64),
        ("output", ("f4", (MOST_CHANNELS, _RING)), 4),
    ]
)


class HostBlock:
    """What a host says of one block, and where its sound is.

    Attributes:
        generation: of the stream that it belongs to.
        start: position of its first sample since the channel was made.
        samples: how many.
        offline: whether the host waits for the sound.
        playing: whether the transport runs.
        tempo_bpm: the host's tempo; 0 where it does not say.
        beats: the position in the music, in quarter notes, where there is a tempo.
        changed: parameter's number -> the value that the host has set, as a host counts.
        midi: messages, as bytes.
    """

    def __init__(self, record: np.void) -> None:
        """Copy what the shell has written; what it cannot have written is cut to what it can."""
        self.generation = int(record["generation"])
        self.start = int(record["start"])
        self.samples = min(max(int(record["samples"]), 0), _RING)
        self.offline = bool(record["offline"])
        self.playing = bool(record["playing"])
        self.tempo_bpm = float(record["tempo_bpm"])
        self.beats = float(record["beats"])
        changed, values = int(record["changed"]), record["values"]
        numbers = range(changed.bit_length())
        self.changed = {at: float(values[at]) for at in numbers if changed >> at & 1}
        self.midi = [
            [int(byte) for byte in message[1 : 1 + int(message[0])]]
            for message in record["midi"][: max(0, int(record["midi_count"]))]
        ]


class HostChannel:
    """The engine's end. One thread takes blocks and gives them back; any may use the rest."""

    def __init__(self, path: Path) -> None:
        """Map the file that a shell has made.

        Raises:
            DeviceError: it is missing, or was made by a shell of another version.
        """
        try:
            with path.open("r+b") as file:
                size = os.fstat(file.fileno()).st_size
                if size != _LAYOUT.itemsize:
                    raise DeviceError(_another_version(path))
                self._memory = mmap.mmap(file.fileno(), size)
        except OSError as problem:
            raise DeviceError(f"{path} cannot be shared: {problem.strerror}.") from problem
        whole = np.frombuffer(self._memory, _LAYOUT, 1)
        self._header = whole["header"]
        if self._header["magic"][0] != _MAGIC or self._header["size"][0] != size:
            raise DeviceError(_another_version(path))
        self._blocks = whole["blocks"][0]
        self._input, self._output = whole["input"][0], whole["output"][0]
        self._wanted, self._present = whole["wanted"], whole["present"]
        self._values, self._counts = whole["header"]["values"][0], self._header["value_counts"][0]
        self._taking = 0
        self._library = ctypes.CDLL(None)
        self._to_engine = self._semaphore(whole["to_engine"])
        self._to_shell = self._semaphore(whole["to_shell"])

    @property
    def generation(self) -> int:
        """Of the newest stream that the host has begun."""
        return self._get("generation")

    @property
    def sample_rate(self) -> int:
        """Of the newest stream, in hertz."""
        rate = float(self._header["sample_rate"][0])
        return round(rate) if LOWEST_RATE <= rate <= HIGHEST_RATE else LOWEST_RATE

    @property
    def channels(self) -> int:
        """Of the newest stream."""
        return min(max(self._get("channels"), 1), MOST_CHANNELS)

    @property
    def ready(self) -> int:
        """The newest generation whose latency is announced."""
        return self._get("ready")

    @property
    def latency(self) -> int:
        """Of what the engine gives back, in samples, as it has announced it."""
        return self._get("latency")

    @property
    def plays(self) -> bool:
        """Whether the host has been told that the engine plays."""
        return bool(self._get("plays"))

    @plays.setter
    def plays(self, plays: bool) -> None:
        self._set("plays", plays)

    def announce(self, generation: int, latency: int) -> None:
        """Say with how much latency a generation plays, or will."""
        self._set("latency", latency)
        self._set("ready", generation)

    def wait(self, seconds: float) -> None:
        """Wait for a block, at most so long."""
        until = time.time() + seconds
        limit = _Time(int(until), int(until % 1.0 * 1e9))
        self._library.sem_timedwait(self._to_engine, ctypes.byref(limit))

    def wake(self) -> None:
        """Let the thread that waits for a block go on."""
        self._library.sem_post(self._to_engine)

    @property
    def waiting(self) -> int:
        """How many blocks wait."""
        return self._get("sent") - self._get("taken")

    def next(self) -> HostBlock | None:
        """Return the oldest block that waits, which goes on waiting; None where there is none."""
        if not self.waiting:
            return None
        return HostBlock(self._blocks[self._get("taken") % _BLOCKS])

    def is_there(self, block: HostBlock, samples: int) -> bool:
        """Whether a block's sound is still there, and at most so many samples old."""
        newest = self._blocks[(self._get("sent") - 1) % _BLOCKS]
        age = int(newest["start"]) - block.start
        return age <= min(samples, _RING // 2)

    def sound(self, block: HostBlock, channels: int) -> Float:
        """Return a copy of the block's sound, float32 (channels, samples)."""
        places = np.arange(block.start, block.start + block.samples) & (_RING - 1)
        return np.take(self._input[:channels], places, axis=1)

    def give_back(self, block: HostBlock, sound: Float, valid_from: int) -> None:
        """Give the sound that belongs to a block back.

        Args:
            block: what `next` has returned.
            sound: float32 (channels, samples).
            valid_from: position of the first sample that is ours since the last gap.
        """
        places = np.arange(block.start, block.start + block.samples) & (_RING - 1)
        self._output[: len(sound), places] = sound
        self._set("valid_from", valid_from)
        self._set("processed", block.start + block.samples)
        self.done(block)

    def done(self, block: HostBlock) -> None:
        """Take a block off the queue; tell a host that waits for it."""
        self._set("taken", self._get("taken") + 1)
        if block.offline:
            self._library.sem_post(self._to_shell)

    def beat(self) -> None:
        """Tell the shell that the engine lives."""
        self._set("heartbeat", self._get("heartbeat") + 1)

    def publish_value(self, number: int, value: float) -> None:
        """Tell the host that a parameter, by its number, has another value."""
        self._values[number] = value
        self._counts[number] += 1

    @property
    def awaited_version(self) -> int:
        """Version of the state that the host wants and that is not taken yet; 0 for none.

        Any thread may ask.
        """
        version = int(self._wanted["version"][0])
        version += version % 2  # of the one that is being written
        return 0 if version == self._get("state_taken") else version

    @property
    def taken_version(self) -> int:
        """Version of the state that `wanted_state` returned last."""
        return self._taking

    def wanted_state(self) -> str | None:
        """Return the state that the host wants and that is not taken yet; None for none."""
        version = int(self._wanted["version"][0])
        if version == self._get("state_taken") or version % 2:
            return None
        text: bytes = self._wanted["bytes"][0][: int(self._wanted["length"][0])].tobytes()
        if int(self._wanted["version"][0]) != version:
            return None  # it changes just now; the next look has it
        self._taking = version
        return text.decode(errors="replace")

    def publish_state(self, text: str) -> None:
        """Let the host save this state; it stands for the wanted one from here on."""
        data = text.encode()[:_STATE_BYTES]
        # Odd while it is written, also where a server before was killed while it wrote.
        writing = int(self._present["version"][0]) | 1
        self._present["version"][0] = writing
        self._present["length"][0] = len(data)
        self._present["bytes"][0][: len(data)] = np.frombuffer(data, np.uint8)
        self._present["version"][0] = writing + 1

    def took_state(self) -> None:
        """Say that the state that `wanted_state` has returned is applied and published."""
        self._set("state_taken", self._taking)

    def _get(self, field: str) -> int:
        return int(self._header[field][0])

    def _set(self, field: str, value: int) -> None:
        self._header[field][0] = value

    def _semaphore(self, memory: NDArray[np.void]) -> ctypes.c_void_p:
        return ctypes.c_void_p(memory.ctypes.data)


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def _another_version(path: Path) -> str:
    return f"{path} was made by a plug-in of another version; run: innerear plugin install"
