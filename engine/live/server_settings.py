"""What an instrument opens, handed to its process in a file, so that a front need not load it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..files import write_text


@dataclass(frozen=True)
class ServerSettings:
    """What to open.

    Attributes:
        input_device, output_device, sample_rate, channels: see `AudioStream`.
        device: where networks compute; see `load`.
        file: a sound file to play instead of an input; see `FileStream`.
        looping: whether it begins again at its end.
        keep_alive: play on when whoever started it ends.
        log: a folder in which the performance is logged; empty for none.
        resumed: it played before, so that a device that is missing is waited for.
        said: what it had told until then.
    """

    input_device: str | int | None = None
    output_device: str | int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    device: str = "cpu"
    file: str = ""
    looping: bool = True
    keep_alive: bool = False
    log: str = ""
    resumed: bool = False
    said: tuple[str, ...] = ()


def save_settings(folder: Path, settings: ServerSettings) -> None:
    """Write what an instrument in this folder will open."""
    write_text(folder / "settings.json", json.dumps(asdict(settings)))


def read_settings(folder: Path) -> ServerSettings:
    """Return what the instrument in this folder opens."""
    values = json.loads((folder / "settings.json").read_text())
    return ServerSettings(**{**values, "said": tuple(values.get("said", ()))})
