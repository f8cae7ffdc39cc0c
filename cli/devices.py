"""`innerear devices`: the sound devices that `live` can use."""

from .shared.options import AsJson
from .shared.output import print_json, print_table

EXAMPLES = """
innerear devices
innerear devices --json
"""


def devices(
    as_json: AsJson = False,
) -> None:
    """List the sound devices that `innerear live` can use."""
    from ..engine.io.devices import find_devices

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
