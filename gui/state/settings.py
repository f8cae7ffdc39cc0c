"""What the window remembers between two days: devices, its size, the stage."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ...engine.files import write_text


@dataclass
class WindowSettings:
    """As they are kept.

    Attributes:
        input_device, output_device: by name; None for the system's own.
        sample_rate, channels: None for the device's own.
        geometry: of the window, as Qt writes it, in hexadecimal.
        stage: whether the stage mode is on.
    """

    input_device: str | None = None
    output_device: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    geometry: str = ""
    stage: bool = False


_KINDS = {
    "input_device": (str, type(None)),
    "output_device": (str, type(None)),
    "sample_rate": (int, type(None)),
    "channels": (int, type(None)),
    "geometry": (str,),
    "stage": (bool,),
}


def settings_file() -> Path:
    """Return where the settings are kept; it need not exist yet."""
    import platformdirs

    return platformdirs.user_config_path("innerear", appauthor=False) / "window.json"


def load_settings() -> WindowSettings:
    """Return the settings; the defaults for all that is missing or damaged."""
    try:
        data = json.loads(settings_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return WindowSettings()
    if not isinstance(data, dict):
        return WindowSettings()
    return WindowSettings(
        **{key: data[key] for key in data.keys() & _KINDS if isinstance(data[key], _KINDS[key])}
    )


def save_settings(settings: WindowSettings) -> None:
    """Keep the settings, whole or not at all.

    Raises:
        InnerearError: the disk refuses.
    """
    path = settings_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(asdict(settings), indent=2) + "\n")
