"""What the window stores on disk: devices, geometry, stage mode. No Qt."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ...engine.files import disk_error, write_text


@dataclass
class WindowSettings:
    """The settings of the window.

    Attributes:
        input_device, output_device: names; None for the system's default.
        sample_rate, channels: in hertz, and a count; None for the device's default.
        sidechain: channels of the input, from 1, that are the target sound.
        geometry: of the window, as Qt writes it, in hexadecimal.
        stage: whether the stage mode is on.
        input_confirmed: whether the user was warned that a microphone may howl.
    """

    input_device: str | None = None
    output_device: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    sidechain: tuple[int, ...] = ()
    geometry: str = ""
    stage: bool = False
    input_confirmed: bool = False


_KINDS = {
    "input_device": (str, type(None)),
    "output_device": (str, type(None)),
    "sample_rate": (int, type(None)),
    "channels": (int, type(None)),
    "geometry": (str,),
    "stage": (bool,),
    "input_confirmed": (bool,),
}


def settings_file() -> Path:
    """Return the path of the settings; the file need not exist."""
    import platformdirs

    return platformdirs.user_config_path("innerear", appauthor=False) / "window.json"


def load_settings() -> WindowSettings:
    """Return the stored settings, with defaults for all that is missing or damaged."""
    try:
        data = json.loads(settings_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return WindowSettings()
    if not isinstance(data, dict):
        return WindowSettings()
    kept = {key: data[key] for key in data.keys() & _KINDS if isinstance(data[key], _KINDS[key])}
    channels = data.get("sidechain")
    if isinstance(channels, list) and all(type(channel) is int for channel in channels):
        kept["sidechain"] = tuple(channels)
    return WindowSettings(**kept)


def save_settings(settings: WindowSettings) -> None:
    """Write the settings, completely or not at all.

    Raises:
        InnerearError: they cannot be written.
    """
    path = settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem) from problem
    write_text(path, json.dumps(asdict(settings), indent=2) + "\n")
