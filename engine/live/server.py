"""The audio server: runs the main loop, answers clients, and ends when it is asked to.

Its process begins in `__main__.py`. It shares what lies in the folder with its clients: the shared
state (parameters, status, heartbeat), the newest sound, the settings (what to open) and its
address. Its first line on stdout says that it plays, or why it cannot.
"""

import gc
import json
import os
import secrets
import select
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..control.control_dispatcher import ControlDispatcher
from ..control.control_state_file import ControlStateFile
from ..control.requests import (
    OpenDevices,
    OpenFile,
    Quit,
    Request,
    ResetMeasurements,
    SetFilePlayback,
    read_request,
)
from ..errors import DeviceError, InnerearError
from ..io.file_stream import FileStream
from ..ipc.begin_again import begin_again
from ..ipc.inference_process import WorkerProcess
from ..ipc.large_blocks import give_back_large_blocks
from ..ipc.priority import ask_for_priority
from ..ipc.processes import birth_of
from ..ipc.remote_errors import error_data
from ..ipc.rpc import RequestServer
from ..ipc.shared_files import STATE_FILE
from ..ipc.shared_parameters import SharedParameterSet
from ..ipc.shared_state import SharedState, SoundMemory
from ..python_process import module_command
from ..replay.performance_log import PerformanceLog
from .audio_callback import AudioCallback
from .heartbeat import Heartbeat
from .host.host_link import HostLink
from .howl_guard import HowlGuard
from .inference_pool import InferencePool
from .membership import SERVER, Membership, has_server, remove_abandoned
from .message_log import MessageLog
from .processor_supervisor import PREPARE_SECONDS, ProcessorSupervisor
from .registry import registered
from .reporter import Reporter
from .server_address import ServerAddress, has_address, remove_address, save_address
from .server_settings import ServerSettings, read_settings, save_settings
from .stream_supervisor import StreamSupervisor

POLL_SECONDS = 0.02
GAP_SECONDS = 0.02
"""How long a round of the main loop may be put off until a block of sound has been processed."""


class AudioServer:
    """Plays until a client, a signal or a lost client ends it."""

    def __init__(
        self, folder: Path, settings: ServerSettings, reserve: WorkerProcess | None = None
    ) -> None:
        """Join the folder's shared state; open nothing yet. `main` has the arguments."""
        self._folder = folder
        self._shared_state = SharedState(folder / STATE_FILE)
        self._heartbeat = Heartbeat(self._shared_state)
        self._heartbeat.start()
        self.parameters = SharedParameterSet(self._shared_state.block)
        self._messages = MessageLog(settings.messages)
        self.say = self._messages.say
        self._log = PerformanceLog(Path(settings.log)) if settings.log else None
        self._log_problem = ""
        self._callback = AudioCallback()
        self._pool = InferencePool(
            self.parameters, folder / STATE_FILE, folder, settings.device, reserve
        )
        self._processors = ProcessorSupervisor(
            self.parameters, self._pool, self._callback, self.say
        )
        self._control_state = ControlStateFile(folder, self.say)
        self._dispatcher = ControlDispatcher(
            self.parameters, self._clear, self._set_transport, self._control_state.state
        )
        self._host = self._join_host() if settings.host else None
        self._streams = StreamSupervisor(
            folder,
            settings,
            self._callback,
            self._heartbeat,
            self.say,
            begin=self._begin,
            restart=self._restart,
            host=self._host,
        )
        self._howl_guard = HowlGuard(self.parameters, self._callback, self.say)
        self._reporter = Reporter(
            self._shared_state,
            self._callback,
            self._streams,
            self._processors,
            self._dispatcher,
            self._messages,
        )
        self._ended = self._quits = False
        self._secret = secrets.token_hex(16)
        self._requests = RequestServer(self._secret, self._answer)

    def open(self) -> None:
        """Open the device and load the network; sound goes through from here on.

        Raises:
            InnerearError: a device, or something that the parameters name, is missing.
        """
        if self._host is not None:
            self._heartbeat.also.append(self._host.beat)
            self._host.prepare()
        self._pool.keep_reserve()
        self._streams.open()
        self._prepare()
        self._control_state.follow(self._dispatcher)
        # A collection pauses everything for up to 136 ms; what start-up made can stay for good.
        gc.collect()
        gc.freeze()

    def run(self) -> None:
        """Answer, supervise and report until the end."""
        ask_for_priority()
        while not self._ended:
            self._heartbeat.step()
            self._requests.poll(POLL_SECONDS)
            if self._streams.stream is not None:
                self._streams.stream.wait_for_gap(GAP_SECONDS)
            self.parameters.poll()  # what clients turn moves the morph and a controller's lights
            for message in self._dispatcher.poll(self._streams.stream is not None):
                self.say(message)
            self._align_beat()
            self._watch_client()
            if self._streams.stream is not None or not self._processors.building:
                self._streams.poll()
            self._processors.poll(self._streams.stream)
            if self._host is not None:
                settled = self._processors.settled
                self._host.serve(self._streams.stream, self._callback.newest, settled)
            self._streams.settle()
            self._watch_log()
            self._control_state.keep(self._dispatcher)
            if self._streams.hears_a_room:
                self._howl_guard.poll()
            else:
                self._howl_guard.pause()
            self._reporter.poll()

    def end(self) -> None:
        """Let `run` return at its next round."""
        self._ended = True

    def close(self) -> None:
        """End everything that was started."""
        self._control_state.keep(self._dispatcher, at_once=True)
        with self._heartbeat.doing("ending", PREPARE_SECONDS):
            self._streams.close()  # the device is free for the next server at once
            self._processors.wait()
            if self._log is not None:
                self._log.close()
            self._processors.close()
            self._dispatcher.close()
            self._requests.close()
        # Else another server plays already, or is just being started.
        if self._quits and not (
            has_address(self._folder) or has_server(self._folder, besides=os.getpid())
        ):
            self._heartbeat.announce_end()
        self._heartbeat.close()

    @property
    def address(self) -> ServerAddress:
        """What a client needs in order to ask for something."""
        pid = os.getpid()
        return ServerAddress(self._requests.port, self._secret, pid, birth_of(pid))

    def _answer(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        request = read_request(data)
        match request:
            case Quit():
                self._quits = True
                remove_address(self._folder)  # at once: who asks may kill what ends slowly
                self.end()
            case ResetMeasurements():
                self._reset_measurements()
            case OpenDevices() | OpenFile():
                self._reopen(request)
            case SetFilePlayback():
                self._set_playback(request)
            case _:
                return self._dispatcher.answer(request)
        return {}

    def _reset_measurements(self) -> None:
        stream, crossfader = self._streams.stream, self._callback.crossfader
        if stream is not None:
            stream.durations.reset()
            stream.xruns = 0
        if crossfader is not None:
            crossfader.processor.reset_age_counts()

    def _reopen(self, request: Request) -> None:
        """Open other devices or another file; go on with those before where that cannot be."""
        before = self._streams.settings
        if before.host:
            raise DeviceError("A plug-in's host brings the sound here; nothing else can be opened.")
        try:
            self._streams.reopen(_settings_for(request, before))
            save_settings(self._folder, self._streams.settings)  # for a restart
        finally:
            if self._callback.crossfader is None and self._streams.stream is not None:
                self._prepare()

    def _prepare(self) -> None:
        stream = self._streams.stream
        if stream is not None:
            with self._heartbeat.doing("loading the network", PREPARE_SECONDS):
                self._processors.prepare(stream)

    def _set_playback(self, request: SetFilePlayback) -> None:
        stream = self._streams.stream
        if not isinstance(stream, FileStream):
            raise DeviceError(
                "The file waits for the sound device."
                if self._streams.file is not None
                else "No file plays."
            )
        playback = stream.playback
        if request.seconds is not None:
            playback.seek(round(request.seconds * playback.sample_rate))
        if request.playing is not None:
            playback.playing = request.playing
        if request.looping is not None:
            playback.looping = request.looping

    def _set_transport(self, playing: bool) -> None:
        """Play or pause the file, where one plays; called by any thread."""
        stream = self._streams.stream
        if isinstance(stream, FileStream):
            stream.playback.playing = playing

    def _clear(self) -> None:
        if self._callback.crossfader is not None:
            self._callback.crossfader.clear()

    def _join_host(self) -> HostLink:
        return HostLink(
            self._folder,
            self.parameters,
            self._callback,
            self._pool.prepare_inline,
            self._dispatcher.midi.handle,
            self.say,
        )

    def _align_beat(self) -> None:
        beats = self._dispatcher.beats(self._streams.musical_position)
        if self._callback.crossfader is not None and beats is not None:
            self._callback.crossfader.align_beat(beats)

    def _watch_client(self) -> None:
        """End with the client that started the server, or, kept alive, with the folder."""
        if self._streams.settings.keep_alive:
            # No client can join any more where the folder is gone.
            self._ended = self._ended or not self._folder.exists()
            return
        if self._ended:
            return
        stdin = sys.stdin.fileno()
        if select.select([stdin], [], [], 0)[0] and not os.read(stdin, 1):
            self._ended = True
            if self._host is not None:  # no client waits for a host that is gone
                remove_address(self._folder)
                self._host.leave()

    def _begin(self, memory: SoundMemory) -> None:
        self._processors.begin(memory)
        if self._log is None:
            return
        try:
            self._pool.log = self._log.begin(memory)
        except InnerearError as problem:  # better to play without a log than not at all
            self._pool.log = None
            self.say(f"The performance is not logged: {problem}")

    def _watch_log(self) -> None:
        problem = self._log.problem if self._log is not None else ""
        if problem and problem != self._log_problem:
            self.say(problem)
        self._log_problem = problem

    def _restart(self) -> None:
        """Start this process again, in place: the only help where PortAudio hangs."""
        settings = replace(
            self._streams.settings.at(self._streams.file),
            resumed=True,
            lost_device=self._streams.lost_device,
            messages=self._messages.messages,
        )
        save_settings(self._folder, settings)
        self._reporter.publish()
        self._heartbeat.announce_restart()
        begin_again(module_command(__package__, str(self._folder)))


def _settings_for(request: Request, before: ServerSettings) -> ServerSettings:
    """Return the settings that a request to open something else asks for."""
    match request:
        case OpenFile():
            return replace(
                before,
                input_device=None,
                output_device=request.output_device,
                sample_rate=request.sample_rate,
                channels=None,
                sidechain=(),
                connect=True,
                file=request.path,
                looping=request.looping,
                place=None,
            )
        case OpenDevices():
            return replace(
                before,
                input_device=request.input_device,
                output_device=request.output_device,
                sample_rate=request.sample_rate,
                channels=request.channels,
                sidechain=request.sidechain,
                connect=request.connect,
                file="",
                looping=True,
            )
    raise TypeError(f"{request!r} opens nothing")


def main(folder: Path, reserve: WorkerProcess | None = None) -> None:
    """Play from a folder until the end.

    Args:
        folder: that the server shares with its clients.
        reserve: a network's process that was started before.
    """
    give_back_large_blocks()
    member = Membership(folder, SERVER)
    remove_abandoned(folder.parent)  # a plug-in's, whose window was killed after its host, say
    settings = read_settings(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the client
    server = AudioServer(folder, settings, reserve)
    signal.signal(signal.SIGTERM, lambda *_: server.end())
    try:
        try:
            server.open()
        except InnerearError as problem:
            if not (settings.resumed or settings.host):
                print(json.dumps(error_data(problem)), flush=True)
                return
            server.say(str(problem))
        save_address(folder, server.address)
        print(json.dumps(server.address.as_dict()), flush=True)
        with registered(folder, stays=settings.keep_alive or settings.host):
            server.run()
    finally:
        server.close()
        member.leave()
