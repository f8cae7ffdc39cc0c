"""Measures an exported dream beside the processor that it does the work of."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from ...engine.arrays import Float
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.resample import resample
from ...engine.packs.pack import Pack
from ...engine.plugin.processor import Processor
from ...exporters.capture.threads import torch_threads
from ...exporters.torchscript.nn_tilde import export_nn
from ...exporters.torchscript.settings import export_settings

BUFFERS = 512, 2048
RATE, N_FFT = 48_000, 1024
TURN_SECONDS, WARM_UP_SECONDS = 0.5, 1.0
LAYER, TARGET = "output", "auto"


@dataclass(frozen=True)
class ExportRow:
    """Seconds of sound for each second of computing, and the longest time for one buffer.

    Attributes:
        buffer: samples in each.
        what: was measured.
        times_real_time: by the clock.
        by_cpu_time: by the time that it had on processors.
        longest_ms: of all buffers after the warm-up.
    """

    buffer: int
    what: str
    times_real_time: float
    by_cpu_time: float
    longest_ms: float

    def as_dict(self) -> dict[str, str | int | float]:
        """Return the row as data."""
        return asdict(self)


@dataclass
class _Player:
    """Something that plays buffers, and what that took."""

    name: str
    play: Callable[[Float], object]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def benchmark_export(
    pack: Pack, seconds: float, progress: Callable[[int], None]
) -> Iterator[ExportRow]:
    """Yield a row for each size of buffer and each way to compute.

    Args:
        pack: whose dream it is.
        seconds: of sound, for each size.
        progress: called when a size is done.
    """
    phrase = resample(short_phrase(), SAMPLE_RATE, RATE)
    sound = np.resize(phrase, round((seconds + WARM_UP_SECONDS) * RATE))
    with tempfile.TemporaryDirectory() as folder, torch_threads(1), torch.inference_mode():
        file = Path(folder) / "dream.ts"
        export_nn(pack, export_settings(pack, LAYER, TARGET, RATE, N_FFT), file)
        for buffer in BUFFERS:
            players = [_exported(file), _processor(pack, buffer)]
            _play(players, sound, buffer)
            for player in players:
                yield _row(player, buffer)
            progress(1)


def _exported(file: Path) -> _Player:
    module = torch.jit.load(file)  # type: ignore[no-untyped-call]
    return _Player("TorchScript", lambda block: module.dream(torch.from_numpy(block)[None, None]))


def _processor(pack: Pack, buffer: int) -> _Player:
    processor = Processor(
        pack, parameterisation="filter", alignment="live", layer=LAYER, target=TARGET, feedback=0.0
    )
    processor.prepare(RATE, buffer, 1)
    return _Player("processor", lambda block: processor.process(block[np.newaxis]))


def _play(players: list[_Player], sound: Float, buffer: int) -> None:
    """Let all play the same sound, in turns."""
    turn = max(1, round(TURN_SECONDS * RATE / buffer)) * buffer
    for first in range(0, len(sound) - turn + 1, turn):
        for player in players:
            for start in range(first, first + turn, buffer):
                clock, cpu = time.perf_counter(), time.process_time()
                player.play(sound[start : start + buffer])
                player.wall.append(time.perf_counter() - clock)
                player.cpu.append(time.process_time() - cpu)


def _row(player: _Player, buffer: int) -> ExportRow:
    warm = round(WARM_UP_SECONDS * RATE / buffer)
    wall, cpu = player.wall[warm:], player.cpu[warm:]
    sound = len(wall) * buffer / RATE
    return ExportRow(buffer, player.name, sound / sum(wall), sound / sum(cpu), 1000 * max(wall))
