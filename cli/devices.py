"""`innerear devices`: the sound devices that `live` can use."""

from typing import Annotated, Any

import typer

from ..engine.errors import DeviceError
from .output import print_json, print_table

EXAMPLES = """
innerear devices
innerear devices --json
"""


def devices(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """List the sound devices that `innerear live` can use."""
    found = find_devices()
    if as_json:
        print_json({"devices": found})
        return
    if not found:
        print(
            "No sound device was found. Start a JACK or PipeWire server, or plug one in;"
            " `innerear render` needs none."
        )
        return
    rows = [
        [
            str(device["index"]),
            device["name"],
            device["host_api"],
            str(device["inputs"]),
            str(device["outputs"]),
            f"{device['default_sample_rate']:.0f}",
            " and ".join(word for word in ("input", "output") if device[f"is_default_{word}"]),
        ]
        for device in found
    ]
    heads = ("index", "name", "through", "inputs", "outputs", "rate (Hz)", "default for")
    print_table(heads, rows, numbers={0, 3, 4, 5})


def find_devices() -> list[dict[str, Any]]:
    """Return what PortAudio knows of every device.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    try:
        import sounddevice
    except OSError as problem:
        raise DeviceError(
            "PortAudio is not installed, so no sound device can be used; on Debian and Ubuntu:"
            " apt install libportaudio2"
        ) from problem
    hosts = sounddevice.query_hostapis()
    default_input, default_output = sounddevice.default.device
    return [
        {
            "index": index,
            "name": device["name"],
            "host_api": hosts[device["hostapi"]]["name"],
            "inputs": device["max_input_channels"],
            "outputs": device["max_output_channels"],
            "default_sample_rate": device["default_samplerate"],
            "is_default_input": index == default_input,
            "is_default_output": index == default_output,
        }
        for index, device in enumerate(sounddevice.query_devices())
    ]
