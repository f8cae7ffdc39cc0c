"""What an audio server opens, handed to its process in a file, so that clients need not load it."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from ..files import write_text
from .live_status import Message

_SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class ServerSettings:
    """What to open.

    Attributes:
        input_device, output_device, sample_rate, channels, sidechain: see `AudioStream`.
        device: where networks compute; see `load`.
        file: a sound file to play instead of an input; see `FileStream`; empty for an input.
        looping: whether the file starts again at its end.
        keep_alive: whether the server plays on when the client that started it ends.
        log: a folder in which the performance is logged; empty for none.
        resumed: whether it played before; then it waits for a device that is missing.
        device_lost: whether its sound device had stopped.
        messages: of the server that played before.
    """

    input_device: str | int | None = None
    output_device: str | int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    sidechain: tuple[int, ...] = ()
    device: str = "cpu"
    file: str = ""
    looping: bool = True
    keep_alive: bool = False
    log: str = ""
    resumed: bool = False
    device_lost: bool = False
    messages: tuple[Message, ...] = ()


_SETTINGS = TypeAdapter(ServerSettings)


def save_settings(folder: Path, settings: ServerSettings) -> None:
    """Write what a server in this folder will open."""
    write_text(folder / _SETTINGS_FILE, json.dumps(_SETTINGS.dump_python(settings, mode="json")))


def read_settings(folder: Path) -> ServerSettings:
    """Return what the server in this folder opens."""
    return _SETTINGS.validate_python(json.loads((folder / _SETTINGS_FILE).read_text()))
