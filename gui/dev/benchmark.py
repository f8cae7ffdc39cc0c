"""Measures the window while it plays.

`python -m innerear.gui.dev.benchmark [MODEL [WIDTH HEIGHT]]`.

A phrase plays from a file without a sound device. The audio server and the network work as usual,
in their own processes; only the window's process is measured. With `sound` instead of a model, the
audio server is measured without and with a window, through a JACK server without hardware.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ...engine.python_process import module_command

SECONDS = 10.0
SETTLE_MS = 3000


def measure(model: str, width: int = 1280, height: int = 720) -> dict[str, Any]:
    """Measure the frame rate and the load of the window's process.

    Args:
        model: the network that is drawn.
        width, height: of the window, in pixels.

    Returns:
        frames per second, share of one core, CPU time per frame, and time to the first paint.
    """
    begin = time.perf_counter()
    import soundfile
    from PySide6.QtTest import QTest

    from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
    from ...engine.parameter_values import ParameterSet
    from ..app import application, open_controller
    from ..main_window import MainWindow
    from ..state.settings import WindowSettings

    made = application()
    controller = open_controller(ParameterSet(model=model, target="auto"), join=False)
    window = MainWindow(controller, WindowSettings())
    window._begun = True  # a file is played instead of a device
    window.resize(width, height)
    window.show()
    made.processEvents()
    first_paint, first_paint_cpu = time.perf_counter() - begin, time.process_time()
    window.network.begin()
    window.status_poller.start()
    phrase = controller.session.folder / "phrase.wav"
    soundfile.write(phrase, short_phrase().T, SAMPLE_RATE)
    window.audio_server.play_file(phrase)
    while not (window.network.picture.layers and window.controller.playing):
        QTest.qWait(50)
    QTest.qWait(SETTLE_MS)
    frames = _count_paints(window.network.view)
    wall, cpu = time.perf_counter(), time.process_time()
    QTest.qWait(round(1000 * SECONDS))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    layers = window.network.picture.layers
    window.stop_and_quit()
    return {
        "model": model,
        "layers": len(layers),
        "units": sum(layer.units for layer in layers.values()),
        "size": [width, height],
        "frames_per_second": round(len(frames) / wall, 1),
        "core_share": round(cpu / wall, 3),
        "cpu_ms_per_frame": round(1000 * cpu / max(1, len(frames)), 1),
        "first_paint_seconds": round(first_paint, 2),
        "first_paint_cpu_seconds": round(first_paint_cpu, 2),
    }


def measure_sound(rounds: int = 4) -> dict[str, Any]:
    """Measure the audio callback without and with a window, in turns.

    Args:
        rounds: how often each is measured.

    Returns:
        percentiles of the callback in milliseconds: the median over the rounds, and each round.
    """
    from ...engine.live.session import Session
    from ...engine.parameter_values import ParameterSet
    from .screenshots import jack_server, playing_phrase

    names = ("p50", "p99", "p999")
    found: dict[str, list[list[float]]] = {"without": [], "with": []}

    def record(kind: str) -> None:
        time.sleep(SETTLE_MS / 1000)
        session.reset_measurements()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(0.5)
            session.supervise()
        status = session.status()
        assert status is not None
        found[kind].append([getattr(status.block_ms, name) for name in names])

    server = f"innerear-benchmark-{os.getpid()}"
    with jack_server(server), Session(parameters=ParameterSet()) as session:
        session.start(keep_alive=True)
        with playing_phrase(server):
            for _ in range(rounds):
                record("without")
                window = subprocess.Popen(module_command("innerear.cli", "gui"))
                record("with")
                window.kill()
                window.wait()
    medians = {
        kind: dict(zip(names, map(statistics.median, zip(*rows, strict=True)), strict=True))
        for kind, rows in found.items()
    }
    return {"median_ms": medians, "rounds_ms": found}


def _count_paints(view: Any) -> list[float]:
    from PySide6.QtCore import QEvent, QObject

    times: list[float] = []

    class Counter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                times.append(time.perf_counter())
            return False

    view.paint_counter = Counter(view)
    view.installEventFilter(view.paint_counter)
    return times


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_RUNTIME_DIR"] = os.environ["XDG_CONFIG_HOME"] = str(Path(home))
        name, *size = sys.argv[1:] or ["samplecnn-instruments"]
        found = measure_sound() if name == "sound" else measure(name, *map(int, size))
        print(json.dumps(found, indent=2))
