"""Measures the window while it plays: `python -m innerear.gui.benchmark [MODEL [WIDTH HEIGHT]]`.

A phrase plays from a file, with no sound device, so the network and the sound work as they do on
stage, in processes of their own; what is measured is the window's process alone.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SECONDS = 10.0
SETTLE_MS = 3000


def measure(model: str, width: int = 1280, height: int = 720) -> dict[str, Any]:
    """Return frames a second, and the share of one core that the window takes.

    Args:
        model: whose network is drawn.
        width, height: of the window.
    """
    begin = time.perf_counter()
    import soundfile
    from PySide6.QtTest import QTest

    from ..engine.parameters import ParameterSet
    from ..engine.phrase import SAMPLE_RATE, short_phrase
    from .app import application, open_session
    from .desk import Desk
    from .main_window import MainWindow
    from .settings import Settings

    made = application()
    session = open_session(ParameterSet(model=model, target="auto"), join=False)
    window = MainWindow(Desk(session), Settings())
    window._begun = True  # a file is played instead of a device
    window.resize(width, height)
    window.show()
    made.processEvents()
    first_paint = time.perf_counter() - begin
    window.network.begin()
    window.pulse.start()
    phrase = session.folder / "phrase.wav"
    soundfile.write(phrase, short_phrase().T, SAMPLE_RATE)
    window.sound.play_file(phrase)
    while not (window.network.picture.layers and window.desk.playing):
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
    }


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
        print(json.dumps(measure(name, *map(int, size)), indent=2))
