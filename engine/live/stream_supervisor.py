"""Opens the sound device or the file, notices when it stops, and opens it again."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import InnerearError
from ..io.devices import AudioStream, forget_devices
from ..io.file_stream import FileStream, find_output
from ..io.jack.client import SIDECHAIN
from ..io.jack.connections import Connections
from ..io.jack.fresh_look import new_process_finds_server
from ..io.jack_stream import JackStream
from ..io.open_stream import open_stream
from ..ipc.shared_files import remove_shared_file
from ..ipc.shared_state import SOUND_FILE, SoundMemory
from ..musical_position import MusicalPosition
from .audio_callback import AudioCallback
from .heartbeat import Heartbeat
from .host.host_link import HostLink
from .host.host_stream import HostStream
from .live_status import FileStatus
from .server_settings import ServerSettings

OPEN_SECONDS = 60.0
"""Opening that takes longer counts as hanging: PortAudio looks through all of the system, and a
long file is read and resampled."""
CLOSE_SECONDS = 1.0
LOST_SECONDS = 1.5
"""A device that brings no block for so long is lost."""
SETTLING_SECONDS = 0.5
"""What is lost or late so soon after everything has begun does not count."""
REOPEN_SECONDS = 1.0
"""Pause between two attempts to open a lost device."""
FIRST_LOOK_SECONDS = 3.0
"""After which a new process looks for a JACK server that this one does not find."""
LOOK_SECONDS = 10.0
"""Pause between two such looks."""
SEARCH_SECONDS = 3.0
"""Pause between two looks for a device while a file plays without one."""

JACK_SECONDS = 0.25
"""Pause between two looks at what our ports of a JACK server are connected to, and how late."""

Stream = AudioStream | JackStream | FileStream | HostStream


class StreamSupervisor:
    """Owns the stream of an audio server. The server's main loop calls everything here."""

    def __init__(
        self,
        folder: Path,
        settings: ServerSettings,
        callback: AudioCallback,
        heartbeat: Heartbeat,
        say: Callable[[str], None],
        begin: Callable[[SoundMemory], None],
        restart: Callable[[], None],
        host: HostLink | None = None,
    ) -> None:
        """Get ready; nothing is opened yet.

        Args:
            folder: of the server, for the shared sound.
            settings: what to open.
            callback: gets the stream's blocks.
            heartbeat: gets more time for what may take long.
            say: shows a message to people.
            begin: called with the new shared sound, where a stream has other channels or another
                rate than the one before; ends what played, and makes it the callback's.
            restart: starts the server's process again; the only help where PortAudio hangs, or
                JACK's library sees its server no more.
            host: opens the stream of a plug-in's host, where the settings say so.
        """
        self.settings = settings
        """What is open, or waited for."""
        self.stream: Stream | None = None
        """The open stream; None while a device is waited for."""
        self._folder, self._callback, self._heartbeat = folder, callback, heartbeat
        self._say, self._begin, self._restart = say, begin, restart
        self._host = host
        self._blocks_seen, self._block_time = 0, 0.0
        self._next_try = self._next_look = 0.0
        self._note = ""
        self._connections = Connections(folder)
        self._counts_from = math.inf
        self._file = settings.place
        self._next_jack_look = math.inf
        self.lost_device = settings.lost_device
        """Name of a device that has stopped and is not back yet; empty when none has."""

    @property
    def hears_a_room(self) -> bool:
        """Whether a microphone may hear what is played: no file does, nor a plug-in's host."""
        return isinstance(self.stream, AudioStream | JackStream)

    @property
    def file(self) -> FileStatus | None:
        """The file that plays, or that waits for a lost device; None where there is none."""
        if isinstance(self.stream, FileStream):
            self._file = _file_status(self.stream)
        file = self._file
        return file if file is not None and file.path == self.settings.file else None

    def open(self) -> None:
        """Open what the settings name.

        Raises:
            InnerearError: it cannot be opened.
        """
        with self._heartbeat.doing("opening the sound device", OPEN_SECONDS):
            stream = self._new_stream()
        try:
            self._share_sound(stream)
        except BaseException:  # no room: nobody would know of the stream, and it would go on
            stream.close()
            raise
        if stream.jack is not None:
            self._next_jack_look = math.inf
        if self.lost_device:  # also where this process is another than the one that lost it
            self._say("The sound device is back.")
            self.lost_device = ""
        if stream.note and stream.note != self._note:
            self._say(stream.note)
        self._note = stream.note
        stream.counting = False
        self._counts_from = math.inf
        self.stream = stream
        self._blocks_seen, self._block_time = stream.blocks, time.monotonic()
        self._next_try = self._block_time + SEARCH_SECONDS

    def _share_sound(self, stream: Stream) -> None:
        """Make a memory for a stream of another shape than that before, or where none is left."""
        memory, path = self._callback.memory, self._folder / SOUND_FILE
        shape = stream.channels, stream.sample_rate
        if memory is None or (memory.channels, memory.sample_rate) != shape or not path.exists():
            remove_shared_file(path)
            self._begin(SoundMemory(path, *shape, create=True))

    def poll(self) -> None:
        """Close a stream that has stopped; try to open one that was lost."""
        now = time.monotonic()
        if self.stream is not None and self.stream.jack is not None and now > self._next_look:
            self._next_look = now + JACK_SECONDS
            self.stream.jack.poll(self._latency_samples(self.stream))
        if self.stream is None:
            if now > self._next_try:
                self._try_again()
                self._next_try = time.monotonic() + REOPEN_SECONDS
        elif self._has_ended(self.stream):
            self._note_loss(self.stream)
        elif self.stream.pauses:
            self._follow_host(self.stream)
        elif self.stream.blocks != self._blocks_seen:
            self._blocks_seen, self._block_time = self.stream.blocks, now
            if now > self._next_try and self._is_unheard(self.stream):
                self._look_for_output()
                self._next_try = time.monotonic() + SEARCH_SECONDS
        elif now - self._block_time > LOST_SECONDS:
            self._note_loss(self.stream)

    def musical_position(self) -> MusicalPosition | None:
        """Return where JACK's transport is; None while it does not roll, or there is none."""
        jack = self.stream.jack if self.stream is not None else None
        return jack.musical_position() if jack is not None else None

    def settle(self) -> None:
        """Count lost blocks and load from `SETTLING_SECONDS` after the first dream sounds."""
        stream, crossfader = self.stream, self._callback.crossfader
        if stream is None or stream.counting:
            return
        now = time.monotonic()
        if crossfader is None or crossfader.processor.dreams_count == 0:
            self._counts_from = now + SETTLING_SECONDS
        self._counts_from = min(self._counts_from, now + SETTLING_SECONDS)
        if now >= self._counts_from:
            stream.counting = True
            if crossfader is not None:
                crossfader.processor.reset_age_counts()

    def reopen(self, settings: ServerSettings) -> None:
        """Open something else; where that cannot be, go on with what was open before.

        Raises:
            InnerearError: it cannot be opened.
        """
        if self.stream is not None and self.stream.jack is not None:
            self.stream.jack.poll(self._latency_samples(self.stream))  # what was rewired just now
        before, lost = self.settings.at(self.file), self.lost_device
        for side, names in (("input", ("in_", SIDECHAIN)), ("output", ("out_",))):
            if getattr(settings, f"{side}_device") != getattr(before, f"{side}_device"):
                self._connections.forget(*names)  # the new device's are wanted
        # What a client asks for need not wait for the device that was lost.
        self.settings, self.lost_device = settings, ""
        self._lose()
        try:
            with suppress(InnerearError):  # PortAudio is not installed; a file needs it not
                forget_devices()
            self.open()
        except InnerearError:
            self.settings, self.lost_device = before, lost
            with suppress(InnerearError):  # it is looked for from now on
                self.open()
            raise

    def close(self) -> bool:
        """Close the stream; return False where PortAudio hangs, as it does with its server."""
        stream, self.stream = self.stream, None
        if stream is None:
            return True
        closer = threading.Thread(target=stream.close, daemon=True)
        closer.start()
        closer.join(CLOSE_SECONDS)
        return not closer.is_alive()

    def _new_stream(self) -> Stream:
        wanted, process = self.settings, self._callback.process
        if self._host is not None:
            return self._host.open()
        if wanted.file:
            place = wanted.place or FileStatus(wanted.file)
            return FileStream(
                process,
                Path(wanted.file),
                wanted.output_device,
                wanted.sample_rate,
                wanted.looping,
                place.position_seconds,
                paused=not place.playing,
                needs_device=bool(self.lost_device),
                connections=self._connections,
            )
        return open_stream(
            process,
            self._connections,
            wanted.input_device,
            wanted.output_device,
            wanted.sample_rate,
            wanted.channels,
            wanted.sidechain,
            wanted.connect,
        )

    def _latency_samples(self, stream: Stream) -> int:
        """Return how many samples pass between in and output; 0 for a file, which has no input."""
        crossfader = self._callback.crossfader
        if crossfader is None or isinstance(stream, FileStream):
            return 0
        return crossfader.processor.latency_samples

    def _has_ended(self, stream: Stream) -> bool:
        """Whether JACK says so itself; other devices just bring no block any more."""
        return stream.jack is not None and stream.jack.ended

    def _note_loss(self, stream: Stream) -> None:
        self._say("The sound device has stopped; waiting until it comes back.")
        if stream.jack is not None:
            self._next_jack_look = time.monotonic() + FIRST_LOOK_SECONDS
        self.lost_device = stream.output_name
        self._lose()

    def _follow_host(self, stream: Stream) -> None:
        """Open the stream again where the host has begun one of another rate or other channels."""
        if isinstance(stream, HostStream) and stream.has_changed:
            self._lose()
            self.open()

    def _lose(self) -> None:
        self.settings = self.settings.at(self.file)
        if not self.close():
            self._restart()

    def _try_again(self) -> None:
        if not self.lost_device:  # it was missing when the server was started again
            self.lost_device = str(self.settings.output_device or "the system default device")
        if not self._is_back() and self._new_process_finds_jack() and not self._is_back():
            self._restart()

    def _is_back(self) -> bool:
        """Open the lost device, if it is there again."""
        with suppress(InnerearError):  # it is still missing
            with self._heartbeat.doing("looking for the sound device", OPEN_SECONDS):
                forget_devices()
            self.open()
            return True
        return False

    def _new_process_finds_jack(self) -> bool:
        """Say, every now and then, whether a new process finds the JACK server that was lost."""
        if time.monotonic() < self._next_jack_look:
            return False
        self._next_jack_look = time.monotonic() + LOOK_SECONDS
        with self._heartbeat.doing("looking for the JACK server", OPEN_SECONDS):
            return new_process_finds_server()

    def _is_unheard(self, stream: Stream) -> bool:
        return isinstance(stream, FileStream) and not stream.has_device

    def _look_for_output(self) -> None:
        """Play the file to a device, where one has come meanwhile; PortAudio has none open."""
        if not self._finds_output() and self._new_process_finds_jack() and not self._finds_output():
            self._restart()

    def _finds_output(self) -> bool:
        """Play the file to a device, if there is one."""
        with suppress(InnerearError):
            with self._heartbeat.doing("looking for a sound device", OPEN_SECONDS):
                forget_devices()
                found = find_output(self.settings.output_device)
            if found is not None:
                self._lose()
                self.open()
                self._say(f"The file plays to {found['name']} now.")
                return True
        return False


def _file_status(stream: FileStream) -> FileStatus:
    playback = stream.playback
    return FileStatus(
        str(stream.path),
        playback.position / playback.sample_rate,
        playback.samples / playback.sample_rate,
        playback.playing,
        playback.looping,
    )
