"""The audio callback keeps the rules of the real-time path, whatever is set and turned.

Here is all that live play has: shared parameters and sound, sources through an inference channel,
a crossfader. Only the network computes between blocks in this thread, and not in another process,
so that each run is the same.
"""

import itertools
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.dreaming.dream import DreamSource
from innerear.engine.drives import DRIVES
from innerear.engine.ipc.inference_channel import InferenceChannel
from innerear.engine.ipc.inference_loop import InferenceLoop
from innerear.engine.ipc.remote_source import RemoteSource
from innerear.engine.ipc.shared_files import STATE_FILE
from innerear.engine.ipc.shared_parameters import SharedParameterSet
from innerear.engine.ipc.shared_state import SOUND_FILE, SharedState, SoundMemory
from innerear.engine.live.audio_callback import AudioCallback
from innerear.engine.live.inference_pool import InferencePool
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.manifest import TEMPLATE_BINS, TEMPLATES_FILE
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.tracker import Tracker
from innerear.engine.parameter import Value
from innerear.engine.parameter_values import Values, structural_values
from innerear.engine.parameterisations import LIVE_PARAMETERISATIONS
from innerear.engine.plugin.crossfader import Crossfader
from innerear.engine.plugin.processor import Processor

from ...realtime_guard import RealtimeGuard
from ...thinning import each_once, thinned
from ...toy_pack import sign

RATE, CHANNELS = 48_000, 2


@pytest.fixture(scope="module")
def pack(toy_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Return the toy pack with templates, which `track` and `grains` need."""
    folder = tmp_path_factory.mktemp("packs") / "toy-templates"
    shutil.copytree(toy_pack, folder)
    bins = np.arange(TEMPLATE_BINS)
    rows = np.stack([np.exp(-(((bins - at) / 8) ** 2)) for at in (15, 256, 64)])
    layers = dict.fromkeys(("tones", "output"), rows.astype(np.float32))
    np.savez(folder / TEMPLATES_FILE, **layers)
    sign(folder, TEMPLATES_FILE)
    return load_pack(folder)


class _Worker:
    """The network's side of a channel, which computes when the test lets it."""

    pid, alive = 0, True

    def __init__(self, loop: InferenceLoop) -> None:
        self._loop = loop

    def wake(self) -> None:
        """Nothing: `compute` is called after each block."""

    def compute(self) -> None:
        self._loop.step()

    def close(self) -> None:
        """Nothing to end."""


class _Stage:
    """An audio callback, and what prepares processors for it."""

    def __init__(self, pack: Pack, folder: Path, block: int, values: Mapping[str, Value]) -> None:
        self._pack, self._folder, self._block = pack, folder, block
        state = SharedState(folder / STATE_FILE, create=True)
        self.parameters = SharedParameterSet(state.block, values)
        self._workers: list[_Worker] = []
        self.callback = AudioCallback()
        self.callback.memory = SoundMemory(folder / SOUND_FILE, CHANNELS, RATE, create=True)
        self.crossfader = self.callback.crossfader = Crossfader(self.prepare())

    def prepare(self) -> Processor:
        """Return a processor for the parameters as they are, as `InferencePool.prepare` does."""
        structural = structural_values(self.parameters)
        processor = Processor(parameters=self.parameters, source=self._source, pinned=structural)
        processor.prepare(RATE, self._block, CHANNELS)
        return processor

    def compute(self) -> None:
        """Let all networks do what is due."""
        for worker in self._workers:
            worker.compute()

    def _source(self, values: Values, sample_rate: int, n_fft: int) -> DreamSource:
        path = self._folder / f"link-{len(self._workers)}"
        network, tracker = OnnxGradientSource(self._pack), Tracker(self._pack)
        loop = InferenceLoop(self._pack, network, tracker, values, sample_rate, path)
        worker = _Worker(loop)
        self._workers.append(worker)
        return RemoteSource(worker, InferenceChannel(path, loop.channel.shape))


ALL_CASES = tuple(
    itertools.product(ALIGNMENTS, LIVE_COMBINATIONS, DRIVES, LIVE_PARAMETERISATIONS, (64, 128))
)
"""Every choice of alignment, combination, drive, parameterisation and block."""
OFTEN = [
    (alignment, combine, drive, parameterisation, block)
    for (alignment, parameterisation), combine, drive, block in each_once(
        [*itertools.product(ALIGNMENTS, LIVE_PARAMETERISATIONS)],
        LIVE_COMBINATIONS,
        DRIVES,
        (64, 128, 128),
    )
]
"""Those in which every alignment meets every parameterisation; each other choice is there too."""


@pytest.mark.parametrize(
    ("alignment", "combine", "drive", "parameterisation", "block"),
    thinned(ALL_CASES, OFTEN),
)
def test_the_callback_keeps_the_rules_of_the_real_time_path(
    realtime_guard: RealtimeGuard,
    pack: Pack,
    tmp_path: Path,
    alignment: str,
    combine: str,
    drive: str,
    parameterisation: str,
    block: int,
) -> None:
    """Also while knobs turn, a processor is exchanged, the drive changes and all is cleared."""
    stage = _Stage(
        pack,
        tmp_path,
        block,
        {
            "model": str(pack.folder), "alignment": alignment, "combine": combine, "drive": drive,
            "target": "Middle tone", "lookahead_ms": 50.0, "feedback": 0.3, "delay_ms": 40.0,
            "parameterisation": parameterisation,
        },
    )  # fmt: skip
    process = realtime_guard.watch(stage.callback.process)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (CHANNELS, 4096)).astype(np.float32)
    noise[:, 2048:2200] = np.nan  # a broken device
    turned: dict[int, Mapping[str, Value]] = {
        24: {"step": 1.7, "mix": 0.6, "output_db": 12.0, "smooth_ms": 50.0},
        32: {"delay_ms": "1/16", "threshold_db": -20.0, "target": "Low tone", "beat": "1/16"},
        40: {"freeze": True, "bypass": True},
        46: {"freeze": False, "bypass": False, "tempo_bpm": 200.0, "beat": "off"},
        70: {"drive": "grains" if drive == "gradient" else "gradient", "combine": "flip"},
    }
    swap_at, clear_at = 50, 94
    old = stage.crossfader.processor
    for start in range(0, 120 * 128, block):
        step, within = divmod(start, 128)
        if within == 0:
            for id, value in turned.get(step, {}).items():
                stage.parameters.set(id, value)
            if step == swap_at:
                stage.parameters.set("n_fft", 512)
                stage.crossfader.swap(stage.prepare())
            if step == clear_at:
                stage.crossfader.clear()
                stage.crossfader.align_beat(3.0)
        at = start % noise.shape[1]
        out = process(noise[:, at : at + block])
        assert np.isfinite(out).all()
        stage.compute()
    assert stage.crossfader.processor.dreams_count > 0
    assert list(stage.crossfader.retired) == [old]


def test_live_plays_channel_by_channel_with_networks_in_processes_of_their_own(
    realtime_guard: RealtimeGuard, pack: Pack, tmp_path: Path
) -> None:
    """What `InferencePool` makes, with the semaphores that wake a network's process."""
    values = {"model": str(pack.folder), "channel_mode": "each", "n_fft": 4096}
    state = tmp_path / STATE_FILE
    parameters = SharedParameterSet(SharedState(state, create=True).block, values)
    pool = InferencePool(parameters, state, tmp_path, "cpu")
    callback = AudioCallback()
    callback.memory = SoundMemory(tmp_path / SOUND_FILE, CHANNELS, RATE, create=True)
    processor, sources = pool.prepare(structural_values(parameters), RATE, 128, CHANNELS)
    callback.crossfader = Crossfader(processor)
    process = realtime_guard.watch(callback.process)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (CHANNELS, 128)).astype(np.float32)
    try:
        assert len(sources) == CHANNELS
        for _ in range(400):
            process(noise)
        assert all(source.problem == "" for source in sources)
    finally:
        callback.crossfader.close()
        pool.close()


def test_before_it_plays_it_is_silent(realtime_guard: RealtimeGuard) -> None:
    process: Any = realtime_guard.watch(AudioCallback().process)
    assert not process(np.ones((2, 128), np.float32)).any()


def test_a_block_of_another_shape_than_the_sounds_before_is_silent(tmp_path: Path) -> None:
    """A stream that was just opened may play before all is ready for it."""
    callback = AudioCallback()
    callback.memory = SoundMemory(tmp_path / SOUND_FILE, CHANNELS, RATE, create=True)
    callback.crossfader = cast(Any, object())  # which could not process it
    out = callback.process(np.ones((CHANNELS + 1, 64), np.float32))
    assert out.shape == (CHANNELS + 1, 64)
    assert not out.any()
