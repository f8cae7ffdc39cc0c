"""Which devices are opened where the system lists each through several host APIs, as Windows does.

PortAudio refuses a stream whose input is of another host API than its output.
"""

from collections.abc import Sequence

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.io.device_choice import choose_device, choose_devices

LONG = "Microphone (Realtek High Definition Audio)"
MME, WASAPI, ASIO = "MME", "Windows WASAPI", "ASIO"


def device(index: int, name: str, api: str, inputs: int, outputs: int, default: str = "") -> dict:
    """`default` is "host" for its host API's own, "system" for the system's as well."""
    return {
        "index": index,
        "name": name,
        "host_api": api,
        "inputs": inputs,
        "outputs": outputs,
        **{
            f"is_default_{side}": default == "system" and bool(count)
            for side, count in (("input", inputs), ("output", outputs))
        },
        **{
            f"is_host_default_{side}": bool(default) and bool(count)
            for side, count in (("input", inputs), ("output", outputs))
        },
    }


WINDOWS = [
    device(0, LONG[:31], MME, 2, 0, "system"),
    device(1, "USB Box", MME, 2, 0),
    device(2, "Speakers", MME, 0, 2, "system"),
    device(3, "Speakers", WASAPI, 0, 2, "host"),
    device(4, "Headphones", WASAPI, 0, 2),
    device(5, LONG, WASAPI, 2, 0, "host"),
    device(6, "Studio", ASIO, 8, 8, "host"),
]


@pytest.mark.parametrize(
    ("wanted", "opened", "words"),
    [
        ((None, None), (0, 2), ()),
        (("Microphone", "Speakers"), (0, 2), ()),
        ((0, 3), (0, 2), ("Speakers (MME) is the output, not Speakers (Windows WASAPI)",)),
        ((5, 2), (5, 3), ("Speakers (Windows WASAPI) is the output",)),
        ((0, 4), (5, 4), (f"{LONG} (Windows WASAPI) is the input",)),
        ((f"{LONG}, Windows WASAPI", None), (5, 3), ("not Speakers (MME)",)),
        ((None, "Headphones"), (5, 4), ("one host API",)),
        ((None, "Studio"), (6, 6), ("Studio (ASIO) is the input",)),
        (("USB Box", "Speakers"), (1, 2), ()),
        (("speakers", "x"), None, ("no sound input",)),
        (("USB Box", "Headphones"), None, ("USB Box (MME) and Headphones (Windows WASAPI)",)),
        (("Studio", 2), None, ("of the same one",)),
    ],
)
def test_input_and_output_are_of_one_host_api(
    wanted: tuple, opened: tuple[int, int] | None, words: Sequence[str]
) -> None:
    if opened is None:
        with pytest.raises(DeviceError) as refused:
            choose_devices(WINDOWS, *wanted)
        note = str(refused.value)
    else:
        source, sink, note = choose_devices(WINDOWS, *wanted)
        assert (source["index"], sink["index"]) == opened
        assert bool(note) == bool(words)
    assert "\n" not in note
    for part in words:
        assert part in note


def test_an_output_alone_is_the_one_that_was_asked_for() -> None:
    assert choose_device(WINDOWS, "Headphones", "output")["index"] == 4
    assert choose_device(WINDOWS, "Speakers, Windows WASAPI", "output")["index"] == 3
    assert choose_device(WINDOWS, None, "output")["index"] == 2
    assert choose_device(WINDOWS, "phones", "output")["index"] == 4
    with pytest.raises(DeviceError, match="No sound output"):
        choose_device(WINDOWS[:2], None, "output")
