"""Measures cold starts: from the command to the first sound, and to the window's first paint."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.errors import DeviceError
from ...engine.io.audio_files import SoundWriter
from ...engine.python_process import module_command
from .measure_stream import jack_server

BLOCK = 256
_PAINTED = "painted"
_PLAYING = " -> "
"""In the first line of `innerear live`, which it prints as soon as sound goes through."""
# `innerear gui` as it is, but where it would wait for events it paints, says so and ends.
_WINDOW = f"""
import os, sys
from innerear.cli import main
from PySide6.QtWidgets import QApplication
def paint(*_):
    QApplication.processEvents()
    print({_PAINTED!r}, flush=True)
    os._exit(0)
QApplication.exec = paint
sys.exit(main(["gui", "--no-join", "--no-restore"]))
"""


@dataclass(frozen=True)
class Start:
    """How long one start took.

    Attributes:
        seconds: from the command until it was there.
        processor_seconds: of all its processes, until they had ended.
    """

    seconds: float
    processor_seconds: float


def benchmark_start(
    rounds: int,
    progress: Callable[[float], None] = lambda share: None,
    environment: Mapping[str, str] = os.environ,
) -> list[dict[str, Any]]:
    """Start live play and the window in turns, each from nothing.

    Args:
        rounds: how often each is started.
        progress: called with the share that is done.
        environment: of the processes.

    Returns:
        for each: `what`; the medians `seconds` and `processor_seconds`; `rounds_seconds`.

    Raises:
        DeviceError: one did not start.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="innerear-bench-")))
        phrase = home / "phrase.wav"
        with SoundWriter(phrase, SAMPLE_RATE, 2) as writer:
            writer.write(short_phrase())
        base = {**environment, "QT_QPA_PLATFORM": "offscreen"}
        base |= {f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
        base["XDG_RUNTIME_DIR"] = str(home)
        live = module_command("innerear.cli", "live")
        starts: dict[str, tuple[list[str], str, dict[str, str]]] = {
            "live, a file": ([*live, "--file", str(phrase)], _PLAYING, base),
            "the window": ([sys.executable, "-c", _WINDOW], _PAINTED, base),
        }
        with suppress(DeviceError):  # where there is no JACK, the file is what can be measured
            jack = stack.enter_context(jack_server(BLOCK))
            starts["live, through JACK"] = (live, _PLAYING, base | jack)
        found: dict[str, list[Start]] = {what: [] for what in starts}
        for _ in range(rounds):
            for what, (command, word, around) in starts.items():
                found[what].append(timed_start(command, word, around))
                done = sum(map(len, found.values()))
                progress(done / (rounds * len(starts)))
    return [
        {
            "what": what,
            "seconds": round(median(each.seconds for each in rows), 3),
            "processor_seconds": round(median(each.processor_seconds for each in rows), 3),
            "rounds_seconds": [round(each.seconds, 3) for each in rows],
        }
        for what, rows in found.items()
    ]


def timed_start(command: list[str], word: str, environment: Mapping[str, str]) -> Start:
    """Run a command until it prints a line with a word, which says that it is there; then end it.

    Raises:
        DeviceError: it ended without one.
    """
    before = _processor_seconds()
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        text=True,
    )
    assert process.stdout is not None
    line = "nothing was said"
    for line in process.stdout:
        if word in line:
            break
    seconds = time.perf_counter() - begun
    process.terminate()
    process.communicate()
    if word not in line:
        raise DeviceError(f"It did not start: {line.strip()}")
    return Start(seconds, _processor_seconds() - before)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
