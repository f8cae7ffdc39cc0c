"""Names of MIDI ports: their stable part, and how inputs and outputs belong together."""

import re
import sys

_ALSA_NUMBERS = re.compile(r" \d+:\d+$")
_WINDOWS_NUMBER = re.compile(r" \d+$")


def stable_name(port_name: str) -> str:
    """Return a port's name without the numbers that change from one time to the next."""
    name = _ALSA_NUMBERS.sub("", port_name)
    return _WINDOWS_NUMBER.sub("", name) if sys.platform == "win32" else name


def matches(part: str, port_name: str) -> bool:
    """Whether a port's name contains a part; an empty part matches every port."""
    return part.lower() in port_name.lower()


def output_of(input_name: str, output_names: list[str]) -> str | None:
    """Return the output of the device whose input has this name, None where it has none.

    ALSA, Core MIDI and Windows give both the same name; JACK names them capture and playback.
    """
    wanted = stable_name(input_name).replace("capture", "playback").lower()
    for name in output_names:
        if stable_name(name).lower() == wanted:
            return name
    return None
