"""Names of MIDI ports: which part of them stays the same when a device is plugged in again."""

import re
import sys

_ALSA_NUMBERS = re.compile(r" \d+:\d+$")
_WINDOWS_NUMBER = re.compile(r" \d+$")


def stable_name(port_name: str) -> str:
    """Return a port's name without the numbers that change from one time to the next."""
    name = _ALSA_NUMBERS.sub("", port_name)
    return _WINDOWS_NUMBER.sub("", name) if sys.platform == "win32" else name


def matches(part: str, port_name: str) -> bool:
    """Whether a port is meant by a part of its name; nothing means every port."""
    return part.lower() in port_name.lower()


def output_of(input_name: str, output_names: list[str]) -> str | None:
    """Return the output of the device whose input has this name, None where it has none.

    ALSA, Core MIDI and Windows call both alike; JACK says capture and playback.
    """
    wanted = stable_name(input_name).replace("capture", "playback").lower()
    for name in output_names:
        if stable_name(name).lower() == wanted:
            return name
    return None
