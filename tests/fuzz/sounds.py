"""Readers of sound: files of every format, performance logs, the memory of a plug-in's host."""

import io
import json
import shutil
import struct
from pathlib import Path
from random import Random

import numpy as np
import soundfile

from innerear.engine.dreaming.target_sound import read_target_sound
from innerear.engine.io.audio_files import SoundReader, read_sound
from innerear.engine.ipc import host_channel
from innerear.engine.ipc.host_channel import HostChannel
from innerear.engine.live.host.host_control import HostControl
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.replay.events import EVENTS_FILE, PART_FILE, VERSION, dreams_file
from innerear.engine.replay.reader import LoggedPart
from innerear.engine.replay.replay import replay

from .mutations import mutate_bytes, mutate_json, mutate_lines
from .target import Read, Target

_OLD_LOG = Path(__file__).resolve().parents[1] / "engine" / "replay" / "version_1"
_RATE = 8_000
_STATE = 400
"""Bytes of a host's memory that hold the state that it wants."""


def _sound(folder: Path) -> Read:
    path = folder / "sound"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        with SoundReader(path) as reader:
            for number, block in enumerate(reader.blocks(256)):
                assert block.dtype == np.float32
                assert np.isfinite(block).all()
                if number > 200:
                    break
        read_sound(path)
        read_target_sound(path, 16_000)

    return read


def _written(format: str, subtype: str | None = None, channels: int = 2) -> bytes:
    time = np.arange(600) / _RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * time)[:, np.newaxis] * np.ones(channels)
    file = io.BytesIO()
    soundfile.write(file, tone, 44_100 if format == "MP3" else _RATE, subtype, format=format)
    return file.getvalue()


def _wav(channels: int, rate: int, bits: int, data: bytes, kind: int = 1) -> bytes:
    """Return a WAV file that says what it is told to."""
    width = channels * bits // 8 % 65_536
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * width % 2**32, width, bits)
    comment = b"LIST\x24\0\0\0INFOICMT\x18\0\0\0data : 007 (should be 001)\0\0"
    chunks = b"fmt \x10\0\0\0" + head + comment + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _sounds() -> tuple[bytes, ...]:
    numbers = np.array([np.nan, np.inf, 1e38, -1e38] * 8, np.float32).tobytes()
    tag = b"ID3\x04\0\0\0\0\0\0"
    mp3 = _written("MP3")
    return (
        *(_written("WAV", kind) for kind in ("PCM_16", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM")),
        *(_written(name) for name in ("FLAC", "OGG", "AIFF", "CAF", "AU", "W64", "RF64", "VOC")),
        mp3,
        tag * 50 + mp3 + b"TAG" + bytes(125),
        _wav(1, _RATE, 16, bytes(64)),
        _wav(1000, _RATE, 16, bytes(4000)),
        _wav(65_535, _RATE, 16, bytes(1 << 18)),
        _wav(2, 0, 16, bytes(64)),
        _wav(2, _RATE, 32, numbers, kind=3),
    )


def mutate_sound(data: bytes, random: Random) -> bytes:
    """Change a sound file, more often than not in its headers."""
    if random.random() < 0.7:
        return mutate_bytes(data[:128], random) + data[128:]
    return mutate_bytes(data, random)


def _log(folder: Path) -> Read:
    """Read `part.json` as the first line, then `events.jsonl`."""
    part = Path(shutil.copytree(_OLD_LOG, folder / "log")) / "part-001"

    def read(data: bytes) -> None:
        head, _, events = data.partition(b"\n")
        (part / PART_FILE).write_bytes(head)
        (part / EVENTS_FILE).write_bytes(events)
        log = LoggedPart(folder / "log")
        if log.played.blocks < 2000:
            replay(folder / "log", folder / "out.wav")

    return read


def _old_log() -> bytes:
    part = _OLD_LOG / "part-001"
    head = json.dumps(json.loads((part / PART_FILE).read_text()))
    return head.encode() + b"\n" + (part / EVENTS_FILE).read_bytes()


def _logs() -> tuple[bytes, ...]:
    """Return a log of version 1, and the same performance as the newest version has it."""
    from innerear.engine.replay.version1 import read_event

    head, *lines = _old_log().splitlines()
    events = [read_event(json.loads(line)).model_dump() for line in lines]
    new = json.dumps(json.loads(head) | {"version": VERSION})
    return _old_log(), "\n".join([new, *map(json.dumps, events), ""]).encode()


def _dreams(folder: Path) -> Read:
    part = Path(shutil.copytree(_OLD_LOG, folder / "log")) / "part-001"
    size = len((part / dreams_file(0)).read_bytes())

    def read(data: bytes) -> None:
        (part / dreams_file(0)).write_bytes(data[:size].ljust(size, b"\xff"))
        replay(folder / "log", folder / "out.wav")
        found, _ = soundfile.read(folder / "out.wav", dtype="float32")
        assert np.isfinite(found).all()
        assert np.abs(found).max() <= 1.0

    return read


def _host(folder: Path) -> Read:
    """Read the header and two blocks of a host; no lock of another process is touched."""
    whole = np.zeros(1, host_channel._LAYOUT)
    path, parameters = folder / "host", ParameterSet()
    path.write_bytes(whole.tobytes())
    head, blocks = whole.dtype.fields["header"], whole.dtype.fields["blocks"]  # type: ignore[index]
    wanted = whole.dtype.fields["wanted"][1]  # type: ignore[index]
    taken = host_channel._BLOCK.itemsize * 2

    def read(data: bytes) -> None:
        size = head[0].itemsize
        data = data[: size + taken + _STATE].ljust(size + taken + _STATE, b"\0")
        parts = {head[1]: data[:size], blocks[1]: data[size:-_STATE], wanted: data[-_STATE:]}
        with path.open("r+b") as file:
            for at, part in parts.items():
                file.seek(at)
                file.write(part)
        channel = HostChannel(path)
        control = HostControl(channel, parameters, lambda port, message, time: None, str)
        assert 0 <= channel.channels <= host_channel.MOST_CHANNELS
        assert isinstance(channel.sample_rate, int)
        for _ in range(2):
            block = channel.next()
            if block is None:
                break
            control.begin_block(block)
            channel.is_there(block, 4096)
            sound = channel.sound(block, channel.channels)
            block.offline = False
            channel.give_back(block, sound, 0)
        control.poll()

    return read


def _host_memory() -> tuple[bytes, ...]:
    header = np.zeros(1, np.dtype(host_channel._HEADER, align=False))
    block = np.zeros(2, host_channel._BLOCK)
    header["magic"], header["size"] = host_channel._MAGIC, host_channel._LAYOUT.itemsize
    header["sample_rate"], header["channels"], header["sent"] = 48_000, 2, 2
    block["samples"], block["start"], block["midi_count"] = 64, (0, 64), 1
    block["changed"], block["midi"][:, 0] = 7, (3, 0xB0, 7, 1)
    wanted = struct.pack("<qq", 2, 2) + b"{}"
    return (header.tobytes() + block.tobytes() + wanted.ljust(_STATE, b"\0"),)


TARGETS = (
    Target("sound", _sound, _sounds, mutate_sound),
    Target("log", _log, _logs, mutate_lines(mutate_json)),
    Target(
        "log-dreams",
        _dreams,
        lambda: ((_OLD_LOG / "part-001" / dreams_file(0)).read_bytes(),),
        mutate_bytes,
        examples=8,
    ),
    Target("host-memory", _host, _host_memory, mutate_bytes),
)
