"""A small host of CLAP plug-ins: loads one, plays blocks through it, and keeps its state.

`python -m tests.plugin.clap_host LIBRARY STATE_FILE` recalls a state in a process of its own, plays
a second of silence, writes the state back and prints the parameters' values as JSON.
"""

import ctypes
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from ctypes import POINTER, addressof, byref, c_float, c_void_p, cast
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from . import clap_structs as clap

_FLOATS = POINTER(c_float)


class ClapHost:
    """One plug-in, and a host around it.

    Attributes:
        restarts: how often the plug-in asked to be deactivated and activated.
        told: values of parameters that the plug-in told the host, by their names.
    """

    def __init__(
        self, library: Path, state: bytes = b"", rate: float = 48_000, block_size: int = 512
    ) -> None:
        """Load and activate a plug-in.

        Args:
            library: the file `.clap`.
            state: to recall before it is activated.
            rate: samples a second.
            block_size: the largest.
        """
        self.restarts = 0
        self.rate = 0.0
        self.told: dict[str, float] = {}
        self._wants_main_thread = False
        self._is_audio_thread = False
        self._queue: list[clap.ParamValue | clap.MidiMessage] = []
        self._transport: clap.Transport | None = None
        self._load(library)
        self.inputs = self._channels(True)
        self.outputs = self._channels(False)
        self.parameters = {info.name.decode(): info for info in self._parameter_infos()}
        if state:
            self.load(state)
        self.activate(rate, block_size)

    @property
    def latency(self) -> int:
        """What the plug-in reports, in samples."""
        return int(self._latency.get(self._plugin))

    def set(self, **values: float) -> None:
        """Turn parameters at the beginning of the next block, by their names."""
        for name, value in values.items():
            event = clap.ParamValue(
                clap.EventHeader(ctypes.sizeof(clap.ParamValue), 0, 0, clap.PARAM_VALUE, 0),
                self.parameters[name].id,
                None,
                *(-1, -1, -1, -1),
                value,
            )
            self._queue.append(event)

    def send_midi(self, *message: int) -> None:
        """Send a MIDI message of up to three bytes at the beginning of the next block."""
        header = clap.EventHeader(ctypes.sizeof(clap.MidiMessage), 0, 0, clap.MIDI, 0)
        bytes_ = (ctypes.c_uint8 * 3)(*message)
        self._queue.append(clap.MidiMessage(header, 0, bytes_))

    def run_transport(self, tempo_bpm: float, beats: float, beats_per_bar: int, unit: int) -> None:
        """Say from the next block on that the transport runs, and where it is.

        Args:
            tempo_bpm: quarter notes a minute.
            beats: position, in quarter notes.
            beats_per_bar, unit: the time signature.
        """
        self._transport = clap.Transport(
            clap.EventHeader(ctypes.sizeof(clap.Transport), 0, 0, clap.TRANSPORT, 0),
            clap.HAS_TEMPO | clap.HAS_BEATS | clap.HAS_SIGNATURE | clap.IS_PLAYING,
            song_pos_beats=round(beats * 2**31),
            tempo=tempo_bpm,
            tsig_num=beats_per_bar,
            tsig_denom=unit,
        )

    def value(self, name: str) -> float:
        """Return the value of a parameter, as the plug-in says."""
        found = ctypes.c_double()
        assert self._params.get_value(self._plugin, self.parameters[name].id, byref(found))
        return found.value

    def text(self, name: str, value: float) -> str:
        """Return how the plug-in writes a value."""
        out = ctypes.create_string_buffer(256)
        id = self.parameters[name].id
        assert self._params.value_to_text(self._plugin, id, value, out, len(out))
        return out.value.decode()

    def play(
        self, sound: np.ndarray, sizes: int | Iterable[int] = 512, pace: float = 0.0
    ) -> np.ndarray:
        """Play a sound through the plug-in.

        Args:
            sound: float32 (channels, samples).
            sizes: of the blocks; several take turns.
            pace: how many times faster than in real time, at most; 0: as fast as it goes.

        Returns:
            float32 (channels, samples): what came out in the same blocks.
        """
        out = np.empty((self.outputs, sound.shape[1]), np.float32)
        turn = cycle([sizes] if isinstance(sizes, int) else sizes)
        at, begun = 0, time.monotonic()
        while at < sound.shape[1]:
            block = np.ascontiguousarray(sound[:, at : at + next(turn)], np.float32)
            out[:, at : at + block.shape[1]] = self.process(block)
            at += block.shape[1]
            if pace:
                time.sleep(max(0.0, begun + at / self.rate / pace - time.monotonic()))
        return out

    def activate(self, rate: float, block_size: int) -> None:
        """Begin to play at a rate, in blocks of at most a size; end what played before."""
        plugin = self._plugin.contents
        if self.rate:
            plugin.stop_processing(self._plugin)
            plugin.deactivate(self._plugin)
        self.rate = rate
        assert plugin.activate(self._plugin, rate, 1, block_size)
        self._is_audio_thread = True
        assert plugin.start_processing(self._plugin)
        self._is_audio_thread = False
        self._idle()

    def process(self, block: np.ndarray) -> np.ndarray:
        """Process one block, float32 (channels, samples)."""
        out = np.full((self.outputs, block.shape[1]), np.nan, np.float32)
        buffers = [_buffer(block), _buffer(out)]
        process = clap.Process(
            steady_time=-1,
            frames_count=block.shape[1],
            transport=addressof(self._transport) if self._transport is not None else None,
            audio_inputs=POINTER(clap.AudioBuffer)(buffers[0][0]),
            audio_outputs=POINTER(clap.AudioBuffer)(buffers[1][0]),
            audio_inputs_count=1,
            audio_outputs_count=1,
            in_events=POINTER(clap.InputEvents)(self._input_events),
            out_events=POINTER(clap.OutputEvents)(self._output_events),
        )
        self._is_audio_thread = True
        status = self._plugin.contents.process(self._plugin, byref(process))
        self._is_audio_thread = False
        assert status, "the plug-in reports an error"
        self._queue.clear()
        self._idle()
        return out

    def render_offline(self, offline: bool) -> bool:
        """Say whether sound is rendered offline; return whether the plug-in knows of that."""
        render = self._extension(clap.RENDER, clap.Render)
        return render is not None and bool(render.set(self._plugin, int(offline)))

    def save(self) -> bytes:
        """Return the plug-in's state."""
        written = bytearray()

        def write(stream: int, data: int, size: int) -> int:
            written.extend(ctypes.string_at(data, size))
            return size

        stream = clap.Stream(None, clap.Stream._fields_[1][1](write))
        assert self._state.save(self._plugin, byref(stream))
        return bytes(written)

    def load(self, state: bytes) -> None:
        """Give the plug-in a state that was saved."""
        left = bytearray(state)

        def read(stream: int, data: int, size: int) -> int:
            part = bytes(left[:size])
            del left[: len(part)]
            ctypes.memmove(data, part, len(part))
            return len(part)

        stream = clap.Stream(None, clap.Stream._fields_[1][1](read))
        assert self._state.load(self._plugin, byref(stream))
        self._idle()

    def close(self) -> None:
        """Unload the plug-in."""
        plugin = self._plugin.contents
        plugin.stop_processing(self._plugin)
        plugin.deactivate(self._plugin)
        plugin.destroy(self._plugin)

    def __enter__(self) -> "ClapHost":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _load(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        entry = clap.Entry.in_dll(self._library, "clap_entry")
        assert entry.init(str(library).encode())
        factory = cast(entry.get_factory(clap.FACTORY), POINTER(clap.Factory))
        assert factory.contents.get_plugin_count(factory) == 1
        self.descriptor = factory.contents.get_plugin_descriptor(factory, 0).contents
        self._host = self._make_host()
        self._plugin = factory.contents.create_plugin(factory, self._host, self.descriptor.id)
        assert self._plugin
        assert self._plugin.contents.init(self._plugin)
        self._params = self._extension(clap.PARAMS, clap.Params)
        self._state = self._extension(clap.STATE, clap.State)
        self._latency = self._extension(clap.LATENCY, clap.Latency)
        self._ports = self._extension(clap.AUDIO_PORTS, clap.AudioPorts)

    def _make_host(self) -> Any:
        """Return a host that outlives the plug-in, with the extensions that it may ask for."""
        nothing: Callable[..., None] = lambda *arguments: None  # noqa: E731
        params = _with_functions(clap.HostParams, nothing, nothing, nothing)
        latency = _with_functions(clap.HostLatency, nothing)
        threads = _with_functions(
            clap.HostThreadCheck,
            lambda host: not self._is_audio_thread,
            lambda host: self._is_audio_thread,
        )
        self._extensions = {clap.PARAMS: params, clap.LATENCY: latency, clap.THREAD_CHECK: threads}
        self._input_events = _with_functions(
            clap.InputEvents,
            lambda events: len(self._queue),
            lambda events, index: addressof(self._queue[index]),
            first=None,
        )
        self._output_events = _with_functions(clap.OutputEvents, self._hear, first=None)
        host = _with_functions(
            clap.Host,
            self._host_extension,
            self._restart,
            nothing,
            self._call_back,
            first=(clap.Version(1, 1, 1), None, b"tests", b"Innerear", b"", b"1"),
        )
        return POINTER(clap.Host)(host)

    def _host_extension(self, host: int, name: bytes) -> int | None:
        found = self._extensions.get(name)
        return None if found is None else addressof(found)

    def _restart(self, host: int) -> None:
        self.restarts += 1

    def _call_back(self, host: int) -> None:
        self._wants_main_thread = True

    def _hear(self, events: int, event: Any) -> bool:
        if event.contents.type == clap.PARAM_VALUE:
            value = cast(event, POINTER(clap.ParamValue)).contents
            (name,) = (name for name, each in self.parameters.items() if each.id == value.param_id)
            self.told[name] = value.value
        return True

    def _idle(self) -> None:
        """Do what the plug-in asked to have done in the main thread."""
        assert threading.current_thread() is threading.main_thread()
        if self._wants_main_thread:
            self._wants_main_thread = False
            self._plugin.contents.on_main_thread(self._plugin)

    def _extension(self, name: bytes, structure: type) -> Any:
        found = self._plugin.contents.get_extension(self._plugin, name)
        return cast(found, POINTER(structure)).contents if found else None

    def _parameter_infos(self) -> Iterable[clap.ParamInfo]:
        for index in range(self._params.count(self._plugin)):
            info = clap.ParamInfo()
            assert self._params.get_info(self._plugin, index, byref(info))
            yield info

    def _channels(self, is_input: bool) -> int:
        info = clap.AudioPortInfo()
        assert self._ports.count(self._plugin, is_input) == 1
        assert self._ports.get(self._plugin, 0, is_input, byref(info))
        return int(info.channel_count)


def _buffer(block: np.ndarray) -> tuple[clap.AudioBuffer, Any]:
    """Return CLAP's view of a block, and what has to live as long."""
    channels = (_FLOATS * len(block))(*(cast(c_void_p(row.ctypes.data), _FLOATS) for row in block))
    return clap.AudioBuffer(data32=channels, channel_count=len(block)), channels


def _with_functions(structure: type, *functions: Callable[..., Any], first: Any = ()) -> Any:
    """Return a structure that ends with these functions; ctypes keeps them as long as it lives."""
    values = (None,) if first is None else first
    kinds = [kind for _, kind in structure._fields_[len(values) :]]
    return structure(
        *values, *(kind(function) for kind, function in zip(kinds, functions, strict=True))
    )


def _main(library: str, state_file: str) -> None:
    path = Path(state_file)
    with ClapHost(Path(library), path.read_bytes()) as host:
        host.render_offline(True)
        host.play(np.zeros((host.inputs, round(host.rate)), np.float32))
        path.write_bytes(host.save())
        print(json.dumps({name: host.value(name) for name in host.parameters}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
