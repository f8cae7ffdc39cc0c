"""Finds the devices that a user means: for live play two that PortAudio can open together."""

from collections.abc import Sequence
from typing import Any, Literal

from ..errors import DeviceError, nearest

Side = Literal["input", "output"]
Device = dict[str, Any]
"""One of the devices that `find_devices` lists."""

_MME_LETTERS = 31
"""Windows' oldest host API, MME, cuts names off after as many letters."""


def choose_device(devices: Sequence[Device], wanted: str | int | None, side: Side) -> Device:
    """Return the device that a user means.

    Args:
        devices: as `find_devices` lists them.
        wanted: an index, a name, part of one, or `full_name`; None for the system's default.
        side: "input" or "output".

    Raises:
        DeviceError: there is none, or it has no channels on that side.
    """
    return _candidates(devices, wanted, side)[0]


def choose_devices(
    devices: Sequence[Device], wanted_input: str | int | None, wanted_output: str | int | None
) -> tuple[Device, Device, str]:
    """Return the input and the output that a user means, both of one host API.

    A device that several host APIs list is taken from the one that has the other device too: of
    MME with WASAPI, or ALSA with JACK, PortAudio opens no stream.

    Args:
        devices: as `find_devices` lists them.
        wanted_input, wanted_output: see `choose_device`.

    Returns:
        The input, the output, and what was done in one line: empty where both are just what was
        asked for.

    Raises:
        DeviceError: there is no such device, or no host API has both.
    """
    sources = _candidates(devices, wanted_input, "input")
    sinks = _candidates(devices, wanted_output, "output")
    pairs = [
        (place + at, place, source, sink)
        for place, source in enumerate(sources)
        for at, sink in enumerate(sinks)
        if source["host_api"] == sink["host_api"]
    ]
    if not pairs:
        source, sink = sources[0], sinks[0]
        raise DeviceError(
            f"{source['name']} ({source['host_api']}) and {sink['name']} ({sink['host_api']})"
            " cannot be opened together, and no host API has both: choose an input and an output"
            " of the same one."
        )
    _, _, source, sink = min(pairs, key=lambda pair: pair[:2])
    changes = [
        f"{chosen['name']} ({chosen['host_api']}) is the {side}, not"
        f" {first['name']} ({first['host_api']})"
        for side, chosen, first in (("input", source, sources[0]), ("output", sink, sinks[0]))
        if chosen is not first
    ]
    if not changes:
        return source, sink, ""
    return source, sink, f"{'; '.join(changes)}: both devices have to be of one host API."


def full_name(device: Device) -> str:
    """Return a device's name with its host API's, as PortAudio's users know it: `Mic, MME`."""
    return f"{device['name']}, {device['host_api']}"


def _candidates(devices: Sequence[Device], wanted: str | int | None, side: Side) -> list[Device]:
    """Return the devices that may be meant, the likeliest first.

    Raises:
        DeviceError: see `choose_device`.
    """
    able = [device for device in devices if device[f"{side}s"] > 0]
    if not able:
        raise DeviceError(
            f"No sound {side} was found. Start a JACK or PipeWire server, or plug a device in;"
            " a sound file needs none."
        )
    if wanted is None:
        return sorted(
            able,
            key=lambda d: (not d[f"is_default_{side}"], not d[f"is_host_default_{side}"]),
        )
    text = str(wanted)
    lower = text.lower()
    for device in able:
        if text == str(device["index"]) or lower == full_name(device).lower():
            others = [each for each in able if each is not device and _same(each, device)]
            return [device, *others]
    called = [device for device in able if lower == device["name"].lower()]
    if called:
        return called + [each for each in able if each not in called and _same(each, called[0])]
    parts = [device for device in able if lower in device["name"].lower()]
    if parts:
        return parts
    raise DeviceError(
        f"There is no sound {side} {text!r}. {nearest(text, [device['name'] for device in able])}"
    )


def _same(one: Device, other: Device) -> bool:
    """Whether two host APIs list the same device, by its name."""
    names: tuple[str, str] = one["name"], other["name"]
    if len(min(names, key=len)) < _MME_LETTERS:
        return names[0] == names[1]
    return names[0][:_MME_LETTERS] == names[1][:_MME_LETTERS]
