"""Takes the README's pictures of the window: `python -m innerear.gui.dev.screenshots FOLDER`.

The sound is real: it starts a JACK server without hardware, plays a phrase into the audio server,
and takes the pictures while it plays. It needs jackd and the development tools.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.control.presets import load_preset
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.resample import resample
from ...engine.parameter_values import ParameterSet

RATE = 48_000
LISTEN_SECONDS = 6.0
_PHRASE = "--phrase"
_LARGEST_BLOCK = 8192
PICTURES = (
    ("gui", "brass-halo", (1280, 720), False),
    ("gui-stage", "chord-of-layers", (1280, 720), True),
)
"""Name of the file, preset, size of the window, and whether it is in stage mode."""


@contextmanager
def jack_server(name: str) -> Iterator[None]:
    """Run a JACK server without hardware, for this process and its children."""
    os.environ |= {"JACK_NO_AUDIO_RESERVATION": "1", "JACK_DEFAULT_SERVER": name}
    server = subprocess.Popen(
        ["jackd", "--name", name, "-d", "dummy", "-r", str(RATE), "-p", "256"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        subprocess.run(["jack_wait", "-s", name, "-w", "-t", "10"], check=True, capture_output=True)
        yield
    finally:
        server.terminate()
        server.wait()


@contextmanager
def playing_phrase(server: str) -> Iterator[None]:
    """Play a phrase in a loop into the audio server, from another process."""
    command = [sys.executable, "-m", "innerear.gui.dev.screenshots", _PHRASE, server]
    player = subprocess.Popen(command)
    try:
        yield
    finally:
        player.terminate()
        player.wait()


def play_phrase(server: str) -> None:
    """Play a phrase into the first two inputs of the audio server, until the process is stopped."""
    import jack

    sound = resample(short_phrase().mean(axis=0), SAMPLE_RATE, RATE)
    sound = np.concatenate((sound, sound[:_LARGEST_BLOCK]))  # so that no block goes over the end
    end, at = len(sound) - _LARGEST_BLOCK, 0
    client = jack.Client("phrase", servername=server, no_start_server=True)
    outputs = [client.outports.register(f"out_{side}") for side in range(2)]

    def process(frames: int) -> None:
        nonlocal at
        for output in outputs:
            output.get_array()[:] = sound[at : at + frames]
        at = (at + frames) % end

    client.set_process_callback(process)
    with client:
        for output, their in zip(outputs, _server_inputs(client), strict=True):
            client.connect(output, their)
        while True:
            time.sleep(1)


def _server_inputs(client: Any) -> list[Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ports = client.get_ports("^innerear:", is_audio=True, is_input=True)
        if len(ports) >= 2:
            return list(ports[:2])
        time.sleep(0.1)
    raise TimeoutError("the audio engine has not connected to JACK within 30 s")


def take(folder: Path, server: str, pictures: Any = PICTURES) -> list[Path]:
    """Take all pictures; return their paths."""
    from PySide6.QtTest import QTest

    from ..app import application, open_controller
    from ..main_window import MainWindow
    from ..state.settings import WindowSettings

    made = []
    for name, preset, size, stage in pictures:
        application()  # sets the usual size of type
        controller = open_controller(ParameterSet(**load_preset(preset).values()), join=False)
        window = MainWindow(controller, WindowSettings(stage=stage, input_confirmed=True))
        window.resize(*size)
        window.show()
        while not window.controller.playing:
            QTest.qWait(50)
        window.controller.play_preset(preset)
        with playing_phrase(server):
            QTest.qWait(round(500 * LISTEN_SECONDS))
            controller.session.reset_measurements()  # without the blocks at the start
            QTest.qWait(round(500 * LISTEN_SECONDS))
            path = folder / f"{name}.png"
            _screenshot(window).save(str(path))
            made.append(path)
        window.stop_and_quit()
    return made


def _screenshot(window: Any) -> Any:
    """Take a picture of the display; without one, let the window draw itself."""
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.platformName() == "xcb":
        return window.screen().grabWindow(window.winId())
    return window.grab()


def main(folder: Path) -> None:
    """Take the pictures into a folder, with the default settings."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"innerear-pictures-{os.getpid()}"
    with tempfile.TemporaryDirectory() as home, jack_server(name):
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_RUNTIME_DIR"] = home
        for path in take(folder, name):
            print(path)


if __name__ == "__main__":
    if sys.argv[1] == _PHRASE:
        play_phrase(sys.argv[2])
    else:
        main(Path(sys.argv[1]))
