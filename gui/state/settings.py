"""What the window stores on disk: devices, geometry, stage mode. No Qt."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from ...engine.files import disk_error, read_json, write_text

MOST_BYTES = 1_000_000
"""Of a file of the window."""

ZOOMS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""Sizes of the type, as factors of the usual one."""


@dataclass
class WindowSettings:
    """The settings of the window.

    Attributes:
        input_device, output_device: names; None for the system's default.
        cue_device: name of the output on which the sound of a unit is heard; None for the output.
        sample_rate, channels: in hertz, and a count; None for the device's default.
        sidechain: channels of the input, from 1, that are the target sound.
        connect: whether our ports of a JACK server are connected to the devices.
        geometry: of the window, as Qt writes it, in hexadecimal.
        stage: whether the stage mode is on.
        zoom: size of the type, as a factor; one of `ZOOMS`.
        input_confirmed: whether the user was warned that a microphone may howl.
        library: the library of dreams that was opened last; empty for none.
        stored: by name, as they were read or written last; empty for settings that are new.
    """

    input_device: str | None = None
    output_device: str | None = None
    cue_device: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    sidechain: tuple[int, ...] = ()
    connect: bool = True
    geometry: str = ""
    stage: bool = False
    zoom: float = 1.0
    input_confirmed: bool = False
    library: str = ""
    stored: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)


_KINDS = {
    "input_device": (str, type(None)),
    "output_device": (str, type(None)),
    "cue_device": (str, type(None)),
    "sample_rate": (int, type(None)),
    "channels": (int, type(None)),
    "connect": (bool,),
    "geometry": (str,),
    "stage": (bool,),
    "input_confirmed": (bool,),
    "library": (str,),
}


def settings_file() -> Path:
    """Return the path of the settings; the file need not exist."""
    import platformdirs

    return platformdirs.user_config_path("innerear", appauthor=False) / "window.json"


def load_settings() -> WindowSettings:
    """Return the stored settings, with defaults for all that is missing or damaged."""
    settings = WindowSettings(**_stored())
    settings.stored = _values(settings)
    return settings


def _stored() -> dict[str, Any]:
    """Return what the file holds of what can be."""
    try:
        data = read_json(settings_file(), MOST_BYTES)
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    kept = {key: data[key] for key in data.keys() & _KINDS if isinstance(data[key], _KINDS[key])}
    channels = data.get("sidechain")
    if isinstance(channels, list) and all(type(channel) is int for channel in channels):
        kept["sidechain"] = tuple(channels)
    if data.get("zoom") in ZOOMS:
        kept["zoom"] = float(data["zoom"])
    return kept


def next_zoom(zoom: float, step: Literal[1, -1]) -> float:
    """Return the next larger (1) or smaller (-1) of `ZOOMS`; the last one at the end."""
    at = ZOOMS.index(zoom) + step
    return ZOOMS[min(max(at, 0), len(ZOOMS) - 1)]


def save_settings(settings: WindowSettings) -> None:
    """Write the settings, completely or not at all: of those that were read, what has changed.

    Another window may have changed others meanwhile.

    Raises:
        InnerearError: they cannot be written.
    """
    path, values = settings_file(), _values(settings)
    there, before = _values(load_settings()), settings.stored
    written = {
        name: value if not before or value != before[name] else there[name]
        for name, value in values.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem) from problem
    write_text(path, json.dumps(written, indent=2) + "\n")
    settings.stored = values


def _values(settings: WindowSettings) -> dict[str, Any]:
    return {each.name: getattr(settings, each.name) for each in fields(settings) if each.init}
