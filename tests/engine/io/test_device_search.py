"""Devices are looked for in another process, which is asked anew each time."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.io import device_search
from innerear.engine.io.device_search import look_for_devices


def test_it_finds_what_this_process_would_find(require: Callable[..., None]) -> None:
    require("portaudio")
    code = "from innerear.engine.io.devices import find_devices; print(find_devices())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert str(look_for_devices()) == done.stdout.strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("print('\"PortAudio is not installed\"')", "PortAudio is not installed"),
        ("import sys; print('no server', file=sys.stderr)", "cannot be listed: no server"),
        ("pass", "no reason"),
        ("import time; time.sleep(60)", "within 0.5 s"),
    ],
)
def test_what_goes_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch, what: str, words: str
) -> None:
    run = subprocess.run

    def instead(command: list[str], **settings: object) -> object:
        return run([sys.executable, "-c", what], **settings)

    monkeypatch.setattr(device_search.subprocess, "run", instead)
    monkeypatch.setattr(device_search, "SEARCH_SECONDS", 0.5 if "sleep" in what else 60.0)
    with pytest.raises(DeviceError, match=words):
        look_for_devices()
