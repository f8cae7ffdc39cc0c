"""Names of MIDI ports: their stable part, and how inputs and outputs belong together."""

import re
import sys
from collections.abc import Sequence

_ALSA_NUMBERS = re.compile(r" \d+:\d+$")
_WINDOWS_NUMBER = re.compile(r" \d+$")


def stable_name(port_name: str) -> str:
    """Return a port's name without the numbers that change from one time to the next."""
    name = _ALSA_NUMBERS.sub("", port_name)
    return _WINDOWS_NUMBER.sub("", name) if sys.platform == "win32" else name


def matches(part: str, port_name: str) -> bool:
    """Whether a port's name contains a part; an empty part matches every port."""
    return part.lower() in port_name.lower()


def distinct_names(listed: Sequence[str | None]) -> dict[str, int]:
    """Return a different name for each port, with the port's place in the system's list.

    Args:
        listed: by the system: two devices of one kind may have the same name there, and a name
            that could not be read is None; such a port is left out.

    Returns:
        name -> place; the second port called `Pad` is `Pad (2)`.
    """
    found: dict[str, int] = {}
    for place, name in enumerate(listed):
        if name is None:
            continue
        distinct, count = name, 1
        while distinct in found:
            count += 1
            distinct = f"{name} ({count})"
        found[distinct] = place
    return found


def output_of(
    input_name: str, input_names: Sequence[str], output_names: Sequence[str]
) -> str | None:
    """Return the output of the device that an input belongs to, None where it has none.

    ALSA, Core MIDI and Windows give both the same name; JACK names them capture and playback.
    Of two devices of one kind, the second input belongs to the second output.
    """

    def device(name: str) -> str:
        return stable_name(name).replace("capture", "playback").lower()

    wanted = device(input_name)
    alike = [name for name in input_names if device(name) == wanted]
    outputs = [name for name in output_names if device(name) == wanted]
    return dict(zip(alike, outputs, strict=False)).get(input_name)
