"""Prepares processors whose networks run in other processes, and replaces networks that fail."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from ..defaults import SEED
from ..dreaming.dream import DreamSource
from ..errors import InnerearError
from ..ipc.inference_process import WorkerProcess
from ..ipc.remote_source import RemoteSource
from ..packs.resolve import load
from ..parameter import Value
from ..parameter_values import ParameterSet, Values, structural_values
from ..plugin.processor import Processor
from ..replay.logging_processor import LoggingProcessor
from ..replay.part_log import PartLog

HUNG_SECONDS = 2.0
"""A network whose process has made no step for so long is replaced."""


class InferencePool:
    """Makes processors for live play; one process waits in reserve, so that a change is quick.

    Every method may take seconds, so none is called by the audio callback.
    """

    def __init__(
        self,
        parameters: ParameterSet,
        shared_state: Path,
        folder: Path,
        device: str,
        reserve: WorkerProcess | None = None,
    ) -> None:
        """Get ready; no process is started yet.

        Args:
            parameters: that the processors follow.
            shared_state: the file that holds the same parameters.
            folder: for the files of the inference channels.
            device: where networks compute; see `load`.
            reserve: a process that was started before.
        """
        self._parameters, self._shared_state, self._folder = parameters, shared_state, folder
        self._device = device
        self.log: PartLog | None = None
        """Where the processors made from now on are logged; None for nowhere."""
        self._reserve = reserve
        self._taking = threading.Lock()
        self._seen: WeakKeyDictionary[RemoteSource, tuple[int, float]] = WeakKeyDictionary()

    def prepare(
        self,
        structural: Mapping[str, Value],
        sample_rate: int,
        block_size: int | None,
        channels: int,
    ) -> tuple[Processor, list[RemoteSource]]:
        """Return a processor that is ready to play, and the sources of its dreams.

        Args:
            structural: see `structural_values`.
            sample_rate, block_size, channels: of the stream; see `Processor.prepare`.

        Raises:
            InnerearError: the model, the layer or the target is wrong.
        """
        sources: list[RemoteSource] = []

        def make(values: Values, sample_rate: int, n_fft: int) -> DreamSource:
            worker = self._take_reserve()
            try:
                channel = worker.listen(structural, sample_rate, self._device)
            except BaseException:
                worker.close()
                raise
            source = RemoteSource(worker, channel)
            if log is not None:
                log.add_source(source)
            sources.append(source)
            return source

        log = self.log.new_processor() if self.log is not None else None
        settings: dict[str, Any] = {"source": make, "pinned": structural}
        if log is None:
            processor = Processor(parameters=self._parameters, **settings)
        else:
            processor = LoggingProcessor(log, parameters=self._parameters, **settings)
        try:
            processor.prepare(sample_rate, block_size, channels)
        except BaseException:
            for source in sources:
                source.close()
            raise
        return processor, sources

    def prepare_inline(self, sample_rate: int, channels: int) -> Processor:
        """Return a processor that computes its dreams within `process`, on schedule, as `render`.

        Args:
            sample_rate, channels: of the stream, whose blocks may vary.

        Raises:
            InnerearError: the model, the layer or the target is wrong.
        """
        pinned = structural_values(self._parameters)
        pack = load(str(pinned["model"]), device=self._device)
        processor = Processor(pack, self._parameters, seed=SEED, pinned=pinned)
        processor.prepare(sample_rate, None, channels)
        return processor

    def keep_reserve(self) -> None:
        """Start a process for the next change, unless one waits already."""
        with self._taking:
            if self._reserve is not None and not self._reserve.alive:
                self._reserve.close()
                self._reserve = None
            if self._reserve is None:
                self._reserve = WorkerProcess(self._shared_state, self._folder)

    def failed(self, source: RemoteSource) -> str:
        """Return what is wrong with the process of a source, in words; empty when nothing is."""
        if not source.worker.alive:
            return "The network's process ended"
        steps, now = source.channel.steps, time.monotonic()
        before, since = self._seen.get(source, (-1, now))
        if steps != before:
            self._seen[source] = (steps, now)
            return ""
        return "The network hangs" if now - since > HUNG_SECONDS else ""

    def replace(self, source: RemoteSource, structural: Mapping[str, Value]) -> None:
        """Give a source another process, with the same network.

        Raises:
            InnerearError: the network cannot be loaded any more.
        """
        worker = self._take_reserve()
        try:
            channel = worker.listen(structural, source.channel.shape.sample_rate, self._device)
        except InnerearError:
            worker.close()
            raise
        source.replace(worker, channel).close()

    def close(self) -> None:
        """End the process in reserve."""
        with self._taking:
            if self._reserve is not None:
                self._reserve.close()
                self._reserve = None

    def _take_reserve(self) -> WorkerProcess:
        with self._taking:
            taken, self._reserve = self._reserve, None
        if taken is not None:
            if taken.alive:
                return taken
            taken.close()
        return WorkerProcess(self._shared_state, self._folder)
