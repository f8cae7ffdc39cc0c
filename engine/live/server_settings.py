"""What an audio server opens, handed to its process in a file, so that clients need not load it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from ..errors import DeviceError
from ..files import read_json, write_text
from .live_status import FileStatus, Message

_SETTINGS_FILE = "settings.json"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class ServerSettings:
    """What to open.

    Attributes:
        input_device, output_device, sample_rate, channels, sidechain, connect: see `open_stream`.
        device: where networks compute; see `load`.
        file: a sound file to play instead of an input; see `FileStream`; empty for an input.
        looping: whether the file starts again at its end.
        host: whether a plug-in's host brings and plays the sound; see `HostStream`.
        place: where the file goes on; None for its start.
        keep_alive: whether the server plays on when the client that started it ends.
        log: a folder in which the performance is logged; empty for none.
        resumed: whether it played before; then it waits for a device that is missing.
        lost_device: name of its sound device, if that had stopped; empty otherwise.
        messages: of the server that played before.
    """

    input_device: str | int | None = None
    output_device: str | int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    sidechain: tuple[int, ...] = ()
    connect: bool = True
    device: str = "cpu"
    file: str = ""
    looping: bool = True
    host: bool = False
    place: FileStatus | None = None
    keep_alive: bool = False
    log: str = ""
    resumed: bool = False
    lost_device: str = ""
    messages: tuple[Message, ...] = ()

    def at(self, file: FileStatus | None) -> "ServerSettings":
        """Return the settings that go on where the file was; without one, these."""
        if file is None or file.path != self.file:
            return self
        return replace(self, looping=file.looping, place=file)


_SETTINGS = TypeAdapter(ServerSettings)


def save_settings(folder: Path, settings: ServerSettings) -> None:
    """Write what a server in this folder will open."""
    write_text(folder / _SETTINGS_FILE, json.dumps(_SETTINGS.dump_python(settings, mode="json")))


def read_settings(folder: Path) -> ServerSettings:
    """Return what the server in this folder opens.

    Raises:
        DeviceError: the file is missing, or says something else.
    """
    path = folder / _SETTINGS_FILE
    try:
        return _SETTINGS.validate_python(read_json(path, _MOST_BYTES))
    except (OSError, ValueError) as problem:
        raise DeviceError(f"{path} holds no settings of an audio engine: {problem}") from None
