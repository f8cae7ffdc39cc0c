"""The host of a plug-in in place of a sound device: it brings blocks, and plays what comes back."""

import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np

from ...arrays import Float
from ...dsp.ring_buffer import RingBuffer
from ...errors import InnerearError
from ...io.devices import Timing
from ...ipc.host_channel import HostBlock, HostChannel
from ...ipc.priority import ask_for_priority
from ...plugin.processor import Processor
from .host_control import HostControl

WAIT_SECONDS = 0.2
_LATE_SECONDS = 0.25
"""A block that is later than this is not worth catching up with."""
_LONGEST_DELAY_SECONDS = 2.0
_LOOK_SECONDS = 0.002


class Player(Protocol):
    """What plays live, as the stream needs it."""

    @property
    def latency_samples(self) -> int | None:
        """Of what is heard; None while nothing plays."""

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """See `Process`."""

    def align_beat(self, beats: float) -> None:
        """See `Processor.align_beat`."""


class HostStream(Timing):
    """Gives each block of a host to a function, and the host what that returns.

    While the host renders offline, it waits for each block, and a processor of its own makes the
    sound, which computes its dreams on schedule: the same sound and settings give the same bytes.
    """

    pauses = True

    def __init__(
        self,
        player: Player,
        channel: HostChannel,
        control: HostControl,
        offline: Callable[[int, int], Processor],
        say: Callable[[str], None],
    ) -> None:
        """Start.

        Args:
            player: makes the sound that is heard as it is made.
            channel: shared with the plug-in.
            control: sets what comes with a block.
            offline: returns a prepared processor for a rate in hertz and a number of channels.
            say: shows a message to people.
        """
        super().__init__(player.process)
        self._player, self._channel, self._control = player, channel, control
        self._make_offline, self._say = offline, say
        self.input_name = self.output_name = "the plug-in's host"
        self.sample_rate, self.channels = channel.sample_rate, channel.channels
        self._route = np.arange(self.channels)
        self._delay = RingBuffer(self.channels, round(_LONGEST_DELAY_SECONDS * self.sample_rate))
        self._offline: Processor | None = None
        self._generation = self._valid_from = 0
        self._gap = True
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="innerear-host", daemon=True)
        self._thread.start()

    @property
    def prepared_block_size(self) -> int | None:
        """None: a host may change the size of its blocks at any time."""
        return None

    @property
    def active(self) -> bool:
        """Whether it answers the host."""
        return self._thread.is_alive()

    @property
    def has_changed(self) -> bool:
        """Whether the host has begun a stream of another rate or other channels."""
        wanted = self._channel.sample_rate, self._channel.channels
        return wanted != (self.sample_rate, self.channels)

    def announce(self, latency_samples: int, settled: bool) -> None:
        """Tell the host the latency of what plays, which only grows while a stream lasts.

        Args:
            latency_samples: of the newest processor.
            settled: whether that is what the parameters ask for; a new stream waits for it.
        """
        generation, before = self._channel.generation, self._channel.latency
        if self.has_changed:
            return
        if self._channel.ready == generation:
            if latency_samples > before:
                self._channel.announce(generation, latency_samples)
        elif settled:
            self._channel.announce(generation, latency_samples)

    def close(self) -> None:
        """Stop answering; the host plays the dry sound from here on."""
        self._ended.set()
        self._channel.wake()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        ask_for_priority()
        while not self._ended.is_set():
            self._channel.wait(WAIT_SECONDS)
            while not self._ended.is_set() and self._plays_next():
                pass
        self._end_offline()

    def _plays_next(self) -> bool:
        """Play the oldest block that waits, whatever happens: the host would wait for ever."""
        first = self._channel.next()
        try:
            return self._play_next()
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
            block = self._channel.next()
            if block is not None and first is not None and block.start == first.start:
                self._skip(block)
            return True

    def _play_next(self) -> bool:
        """Play the oldest block that waits; return False where there is none for this stream."""
        block = self._channel.next()
        if block is None or self.has_changed:
            return False
        if block.offline:
            self._await_state()
        self._control.begin_block(block)
        if block.generation != self._generation:
            self._generation, self._gap = block.generation, True
            self._end_offline()
        if block.generation != self._channel.generation:
            self._skip(block)
        elif block.offline:
            self._play_offline(block)
        else:
            self._end_offline()
            self._play_live(block)
        return True

    def _await_state(self) -> None:
        """Wait until the main loop has taken the state that the host wants: a bounce begins so."""
        while self._control.awaits_state and not self._ended.wait(_LOOK_SECONDS):
            self._end_offline()

    def _play_live(self, block: HostBlock) -> None:
        lost = not self._channel.is_there(block, round(_LATE_SECONDS * self.sample_rate))
        if lost and self.counting:
            self.xruns += 1
        if lost or self._channel.ready != block.generation or self._player.latency_samples is None:
            self._skip(block)
            return
        if block.playing and block.tempo_bpm > 0.0:
            self._player.align_beat(block.beats)
        sink = np.empty((block.samples, self.channels), np.float32)
        self.play(self._channel.sound(block, self.channels), sink, self._route)
        self._give_back(block, sink.T, self._player.latency_samples or 0)

    def _play_offline(self, block: HostBlock) -> None:
        try:
            if self._offline is None:
                self._offline = self._make_offline(self.sample_rate, self.channels)
                self._gap = True
            processor = self._offline
            if block.playing and block.tempo_bpm > 0.0:
                processor.align_beat(block.beats)
            sound = processor.process(self._channel.sound(block, self.channels))
        except InnerearError as problem:
            self._say(str(problem))
            self._skip(block)
            return
        except Exception as error:  # the host would wait for ever
            self.failure = f"{type(error).__name__}: {error}"
            self._skip(block)
            return
        if self._channel.ready != block.generation:
            self._channel.announce(block.generation, processor.latency_samples)
        self.block_size = block.samples
        self.blocks += 1
        self._give_back(block, sound, processor.latency_samples)

    def _give_back(self, block: HostBlock, sound: Float, latency_samples: int) -> None:
        """Hand sound over, delayed until its latency is the announced one."""
        self._delay.write(sound)
        missing = max(0, self._channel.latency - latency_samples)
        if self._gap:
            self._gap, self._valid_from = False, block.start + self._channel.latency
        late = min(missing, self._delay.capacity - block.samples)
        self._channel.give_back(block, self._delay.read(block.samples, late), self._valid_from)

    def _skip(self, block: HostBlock) -> None:
        self._gap = True
        self._channel.done(block)

    def _end_offline(self) -> None:
        if self._offline is not None:
            self._offline.close()
            self._offline, self._gap = None, True
