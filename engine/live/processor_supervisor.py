"""Prepares the processor that the parameters ask for, and replaces networks that fail."""

import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import InnerearError
from ..ipc.remote_source import RemoteSource
from ..ipc.shared_parameters import SharedParameterSet
from ..ipc.shared_state import SoundMemory
from ..packs.pack import available_packs
from ..parameter import Value
from ..parameter_values import structural_values
from ..targets.target import target_options
from .audio_callback import AudioCallback
from .inference_pool import InferencePool
from .stream_supervisor import Stream

PREPARE_SECONDS = 150.0
"""Preparing that takes longer counts as hanging: two networks may be loaded, one after another."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 60.0
"""Where nothing plays, what could not be prepared is tried again, after pauses that grow."""
STRUCTURAL_REST_SECONDS = 0.06
"""A knob that is being turned has to rest before a new processor is prepared."""


class ProcessorSupervisor:
    """Owns the processors of an audio server; the server's main loop calls everything here.

    What takes long while sound goes through is done by a thread, one thing at a time.
    """

    def __init__(
        self,
        parameters: SharedParameterSet,
        pool: InferencePool,
        callback: AudioCallback,
        say: Callable[[str], None],
    ) -> None:
        """Get ready; nothing is prepared yet.

        Args:
            parameters: that processors follow.
            pool: makes processors.
            callback: plays them.
            say: shows a message to people.
        """
        self.sources: list[RemoteSource] = []
        """Where the dreams of the newest processor come from."""
        self._parameters, self._pool, self._callback = parameters, pool, callback
        self._say = say
        self._structural: dict[str, Value] = {}
        self._wanted: tuple[dict[str, Value], float] = ({}, 0.0)
        self._failed: dict[str, Value] | None = None
        self._pause, self._next_try = FIRST_PAUSE_SECONDS, 0.0
        self._builder: threading.Thread | None = None

    @property
    def building(self) -> bool:
        """Whether a processor is being prepared, or a network replaced."""
        return self._builder is not None and self._builder.is_alive()

    @property
    def settled(self) -> bool:
        """Whether what plays is what the parameters ask for, as far as that can be had."""
        wanted = structural_values(self._parameters)
        return not self.building and wanted in (self._structural, self._failed)

    def prepare(self, stream: Stream) -> None:
        """Prepare a processor for the present parameters and fade to it; keep a process in reserve.

        That may take `PREPARE_SECONDS`.

        Raises:
            InnerearError: something that the parameters name is missing.
        """
        self.wait()
        try:
            self._prepare(stream, structural_values(self._parameters))
        finally:
            self.keep_reserve()

    def begin(self, memory: SoundMemory) -> None:
        """End the networks: sound of another shape comes, which they cannot be used for.

        Args:
            memory: see `AudioCallback.begin`.
        """
        before, builder = self._callback.begin(memory), self._builder
        self.sources = []
        if before is None:
            return

        def close() -> None:
            if builder is not None:  # it may replace one of them
                builder.join()
            before.close()

        threading.Thread(target=close, daemon=True).start()

    def keep_reserve(self) -> None:
        """Start a network's process for the next change, in a thread."""
        threading.Thread(target=self._keep_reserve, daemon=True).start()

    def poll(self, stream: Stream | None) -> None:
        """Start the work that is due: replace a network, or prepare another processor.

        Args:
            stream: that plays; None while a device is waited for.
        """
        self._close_retired()
        self._watch_networks()
        if stream is not None and not self.building:
            self._watch_structure(stream)

    def wait(self) -> None:
        """Wait for what is being prepared."""
        if self._builder is not None:
            self._builder.join()

    def close(self) -> None:
        """End all networks; nothing may be in preparation."""
        if self._callback.crossfader is not None:
            self._callback.crossfader.close()
        self._pool.close()

    def _keep_reserve(self) -> None:
        with suppress(InnerearError):  # said where a process is needed, and cannot be started
            self._pool.keep_reserve()

    def _prepare(self, stream: Stream, structural: dict[str, Value]) -> None:
        if structural != self._failed:
            self._pause = FIRST_PAUSE_SECONDS
        self._failed = structural
        try:
            processor, sources = self._pool.prepare(
                structural, stream.sample_rate, stream.prepared_block_size, stream.channels
            )
        finally:
            self._next_try = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        self._failed = None
        if not self._callback.play(processor, self._pool.log):
            processor.close()
            return
        self._structural, self.sources = structural, sources
        shape = sources[0].channel.shape
        self._parameters.options.update(
            model=tuple(available_packs()),
            layer=tuple(shape.layers),
            target=target_options(shape.classes),
        )
        if shape.warning:
            self._say(shape.warning)

    def _close_retired(self) -> None:
        crossfader = self._callback.crossfader
        while crossfader is not None and crossfader.retired:
            threading.Thread(target=crossfader.retired.popleft().close, daemon=True).start()

    def _watch_networks(self) -> None:
        if self.building:
            return
        for source in self.sources:
            if problem := self._pool.failed(source):
                self._say(f"{problem}; the last dream is held until another is there.")
                self._in_background(self._pool.replace, source, dict(self._structural))
                return

    def _watch_structure(self, stream: Stream) -> None:
        crossfader, now = self._callback.crossfader, time.monotonic()
        wanted = structural_values(self._parameters)
        if crossfader is None:
            if wanted != self._failed or now > self._next_try:
                self._in_background(self._prepare, stream, wanted)
            return
        block_changed = crossfader.newest.block_size != stream.prepared_block_size
        if wanted == self._structural and not block_changed:
            return
        if wanted != self._wanted[0]:
            self._wanted = wanted, now
        elif now - self._wanted[1] > STRUCTURAL_REST_SECONDS:
            self._in_background(self._change, stream, wanted)

    def _change(self, stream: Stream, wanted: dict[str, Value]) -> None:
        try:
            self._prepare(stream, wanted)
        except Exception:
            for id, value in self._structural.items():  # the knobs show what plays
                if self._parameters[id] == wanted[id]:
                    self._parameters.set(id, value)
            raise

    def _in_background(self, work: Callable[..., None], *arguments: Any) -> None:
        def run() -> None:
            try:
                work(*arguments)
            except InnerearError as problem:
                self._say(str(problem))
            except Exception as problem:  # else nobody would hear of it
                traceback.print_exc()
                self._say(f"No network could be prepared: {type(problem).__name__}: {problem}")
            self._keep_reserve()

        self._builder = threading.Thread(target=run, daemon=True)
        self._builder.start()
