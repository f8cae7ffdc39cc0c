"""Measures a step of the offline recursion against the paper's loop written plainly in torch."""

import functools
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ...engine.analysis.dream_settings import dream_settings
from ...engine.analysis.offline_dream import OfflineDream
from ...engine.arrays import Float
from ...engine.cores import cores
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.resample import resample
from ...engine.dsp.windows import Stitcher
from ...engine.packs.pack import Pack
from ...exporters.capture.threads import torch_threads
from ...models.networks.front_ends import YAMNET_HOP
from ...models.networks.listener import Listener
from ...models.networks.restore import restore
from ...models.networks.yamnet import PATCH_FRAMES, YAMNet

Task = Callable[[], object]

SECONDS = 3.42
"""Of sound, as in the paper."""
HOP_SECONDS = 0.1
STEP = 0.02
"""Small, so that many steps leave a sound that a network still hears something in."""
COMBINATIONS = ("add", "filter")
WIN_LENGTH, HOP_LENGTH, N_FFT = 2048, 128, 4096
_WARM_UP = 2


@dataclass(frozen=True)
class DreamRow:
    """Seconds for one step: lower quartiles, as what else the machine does can only add to them.

    Attributes:
        what: was measured.
        model: name of the pack.
        windows: whose gradients each step takes.
        threads: that ours could use; the baseline had one or as many, whichever was faster.
        ours_s: by Innerear.
        baseline_s: by the paper's loop in torch.
        ratio: baseline_s / ours_s.
        ours_cpu_s: time that ours had on processors, all threads together; on a busy machine it
            says more.
        baseline_cpu_s: the same of the baseline, at its least.
    """

    what: str
    model: str
    windows: int
    threads: int
    ours_s: float
    baseline_s: float
    ratio: float
    ours_cpu_s: float
    baseline_cpu_s: float

    def as_dict(self) -> dict[str, str | int | float]:
        """Return the row as data."""
        return asdict(self)


class PapersLoop:
    """DreamSound's loop in eager torch: float32, all windows of the sound in one batch."""

    def __init__(
        self, listener: Listener, sound: Float, hop: int, beyond: tuple[int, int] = (0, 0)
    ) -> None:
        """Start from a sound.

        Args:
            listener: the network.
            sound: (samples,) at its rate.
            hop: samples between two windows.
            beyond: samples of silence that the windows hold before and after the sound.
        """
        self.sound = torch.from_numpy(sound)
        self._listener, self._hop, self._beyond = listener, hop, beyond
        self._hann = torch.hann_window(WIN_LENGTH)

    def gradient(self) -> Tensor:
        """Return the gradient of the strongest class's activation, summed over windows."""
        waveform = self.sound.detach().requires_grad_(True)
        output = self._outputs(waveform)
        activations = self._listener.scores(output).mean(2)
        strongest = activations.mean(0).argmax()
        gradient: Tensor
        (gradient,) = torch.autograd.grad(activations[:, strongest].sum(), waveform)
        return gradient

    def step(self, combine: str) -> None:
        """Take one step of "add", or of "filter" as the paper's listing has it."""
        gradient = self.gradient()
        gradient = gradient / (gradient.std() + 1e-8)
        if combine == "add":
            self.sound = self.sound + STEP * gradient
            return
        x, y = self._stft(self.sound), self._stft(0.01 * gradient)
        power = y.abs() ** 2
        power = power * (power > 0.1)
        self.sound = torch.istft(
            x + power * y, N_FFT, HOP_LENGTH, WIN_LENGTH, self._hann, length=len(self.sound)
        )

    def _outputs(self, waveform: Tensor) -> Tensor:
        """Return the output before its last non-linearity for each window."""
        waveform = nn.functional.pad(waveform, self._beyond)
        if isinstance(self._listener, YAMNet):
            # As the published model: the spectrogram of all of the sound, cut into patches.
            return self._listener.trunk(self.patches(waveform))["output"]
        windows = waveform.unfold(0, self._listener.window, self._hop)
        maps: dict[str, Tensor] = self._listener(windows)
        return maps["output"]

    def patches(self, waveform: Tensor) -> Tensor:
        """Return YAMNet's log-mel patches of a sound, [windows, 64, 96]."""
        assert isinstance(self._listener, YAMNet)
        frames: Tensor = self._listener.log_mel(waveform[None])
        return frames.unfold(2, PATCH_FRAMES, self._hop // YAMNET_HOP)[0].permute(1, 0, 2)

    def _stft(self, signal: Tensor) -> Tensor:
        return torch.stft(signal, N_FFT, HOP_LENGTH, WIN_LENGTH, self._hann, return_complex=True)


def benchmark_dream(
    pack: Pack,
    threads: int | None = None,
    repetitions: int = 20,
    progress: Callable[[int], None] = lambda done: None,
) -> list[DreamRow]:
    """Measure steps of some combinations, and the gradient alone, in turns.

    Args:
        pack: with an architecture in its manifest; at 0.1 s between windows, the paper's.
        threads: for ours; by default as many as there are cores. The baseline is measured with one
            and with as many.
        repetitions: of each.
        progress: called with the number of measurements done, of 3 times `repetitions`.

    Returns:
        One row for the gradient alone (forward and backward through every window), which is the
        floor of a step, and one for each of `COMBINATIONS`.

    Raises:
        ModelError: where the torch network cannot be built again.
    """
    threads = threads or cores()
    listener = restore(pack)
    phrase = resample(short_phrase().mean(axis=0), SAMPLE_RATE, pack.sample_rate)
    hop = round(HOP_SECONDS * pack.sample_rate)
    sound = phrase[: round(SECONDS * pack.sample_rate)].astype(np.float32)
    # Both hear the very same windows: those beyond the ends of the sound too.
    stitcher = Stitcher(len(sound), pack.window, hop)
    count, before = stitcher.count, stitcher.inside.start * hop
    beyond = before, pack.window + (count - 1) * hop - before - len(sound)

    def ours(combine: str) -> OfflineDream:
        settings = dream_settings(combine=combine, step=STEP, hop_ms=1000 * HOP_SECONDS)
        return OfflineDream(sound, pack.sample_rate, pack, settings, workers=threads)

    def measured(what: str, mine: Task, papers: Task) -> DreamRow:
        times = _in_turns(mine, papers, threads, repetitions, lambda: progress(next(done)))
        wall, cpu = np.quantile(times, 0.25, axis=1).T.tolist()
        best = min(wall[1:])
        return DreamRow(
            what, pack.name, count, threads, wall[0], best, best / wall[0], cpu[0], min(cpu[1:])
        )

    done = itertools.count(1)
    rows = [
        measured(
            "the gradient alone",
            ours("add").next_gradient,
            PapersLoop(listener, sound, hop, beyond).gradient,
        )
    ]
    for combine in COMBINATIONS:
        papers = functools.partial(PapersLoop(listener, sound, hop, beyond).step, combine)
        rows.append(measured(f"a step of {combine}", ours(combine).advance, papers))
    return rows


def _in_turns(
    ours: Task,
    papers: Task,
    threads: int,
    repetitions: int,
    progress: Callable[[], None],
) -> list[list[tuple[float, float]]]:
    """Return the times, wall and processors', of ours, and the paper's on one thread and on all."""
    times: list[list[tuple[float, float]]] = [[], [], []]
    for number in range(-_WARM_UP, repetitions):
        for place, (task, count) in enumerate(((ours, 1), (papers, 1), (papers, threads))):
            with torch_threads(count):
                start, cpu_start = time.perf_counter(), time.process_time()
                task()
                taken = time.perf_counter() - start, time.process_time() - cpu_start
            if number >= 0:
                times[place].append(taken)
        if number >= 0:
            progress()
    return times
