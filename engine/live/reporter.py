"""Publishes how an audio server is doing, and what its network hears."""

import os
import time
from dataclasses import replace

from ..control.control_dispatcher import ControlDispatcher
from ..ipc.shared_state import MOST_STATUS_BYTES, SharedState
from ..plugin.status import ProcessorStatus
from .audio_callback import AudioCallback
from .live_status import BlockTimes, LiveStatus
from .message_log import MessageLog
from .processor_supervisor import ProcessorSupervisor
from .stream_supervisor import Stream, StreamSupervisor

REPORT_SECONDS = 0.05
PERCENTILES_SECONDS = 0.5


class Reporter:
    """Reads all parts of a server and writes into the shared state; called by its main loop."""

    def __init__(
        self,
        shared_state: SharedState,
        callback: AudioCallback,
        streams: StreamSupervisor,
        processors: ProcessorSupervisor,
        dispatcher: ControlDispatcher,
        messages: MessageLog,
    ) -> None:
        """Get ready; nothing is published yet."""
        self._shared_state, self._callback = shared_state, callback
        self._streams, self._processors = streams, processors
        self._dispatcher, self._messages = dispatcher, messages
        self._next_report = self._next_percentiles = 0.0
        self._block_ms = BlockTimes()
        self._processor_status: ProcessorStatus | None = None

    def poll(self) -> None:
        """Publish the activations, and the status where it is due."""
        for source in self._processors.sources[:1]:
            self._shared_state.write_activations(source.activations())
            dream = source.newest
            is_filter = dream.form == "log-gain" and dream.spectrum.any()
            self._shared_state.write_filter(dream.spectrum if is_filter else None)
        now = time.monotonic()
        if now > self._next_percentiles:
            self._next_percentiles = now + PERCENTILES_SECONDS
            self._measure()
        if now > self._next_report:
            self._next_report = now + REPORT_SECONDS
            self.publish()

    def publish(self) -> None:
        """Publish the status now."""
        status = self.status()
        text = status.to_json()
        if len(text) > MOST_STATUS_BYTES:  # thousands of classes; a client has the pack itself
            text = replace(status, classes=()).to_json()
        self._shared_state.write_status(text)

    def status(self) -> LiveStatus:
        """Return how the server is doing."""
        stream, control = self._streams.stream, self._dispatcher.status()
        sources = self._processors.sources
        status = LiveStatus(
            playing=stream is not None and self._callback.crossfader is not None,
            messages=self._messages.messages,
            lost_device=self._streams.lost_device,
            file=self._streams.file,
            changing=self._processors.building,
            network_restarts=sum(source.replacements for source in sources),
            preset=control.preset,
            slots=control.slots,
            requested=control.requested,
            sync=control.sync,
            midi=control.midi,
            pid=os.getpid(),
            network_pids=tuple(source.worker.pid for source in sources),
        )
        if stream is not None:
            status = self._with_stream(status, stream)
        return self._with_processor(status)

    def _measure(self) -> None:
        """Compute what is too costly for each report."""
        stream, crossfader = self._streams.stream, self._callback.crossfader
        durations = stream.durations.summary_ms() if stream is not None else {}
        self._block_ms = BlockTimes(**durations)
        self._processor_status = crossfader.processor.status if crossfader is not None else None

    def _with_stream(self, status: LiveStatus, stream: Stream) -> LiveStatus:
        return replace(
            status,
            input=stream.input_name,
            output=stream.output_name,
            sample_rate=stream.sample_rate,
            channels=stream.channels,
            block_size=stream.block_size,
            blocks=stream.blocks,
            xruns=stream.xruns,
            realtime=stream.realtime,
            block_ms=self._block_ms,
            problem=stream.failure,
        )

    def _with_processor(self, status: LiveStatus) -> LiveStatus:
        crossfader, sources = self._callback.crossfader, self._processors.sources
        processor = self._processor_status
        if crossfader is None or processor is None or not sources:
            return status
        newest, shape = sources[0].newest, sources[0].channel.shape
        return replace(
            status,
            latency_samples=crossfader.processor.latency_samples,
            model=shape.model,
            layers=dict(shape.layers),
            classes=tuple(shape.classes),
            target=newest.target,
            objective=newest.objective,
            dreams=processor.dreams,
            nan_resets=processor.nan_resets,
            limited=processor.limited,
            problem=status.problem or processor.problem,
        )
