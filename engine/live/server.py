"""The process that sounds: the device, the processor and its control; fronts come and go.

`python -m innerear.engine.live.server FOLDER`, started by `session.py`. What it shares lies in the
folder: `board` (parameters, status), `settings.json` (what to open). Its first line on stdout says
that it plays, or why it cannot.
"""

import gc
import json
import os
import secrets
import select
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..control.control_dispatcher import ControlDispatcher
from ..errors import DeviceError, InnerearError
from ..files import write_text
from ..io.devices import AudioStream, forget_devices
from ..io.file_stream import FileStream
from ..ipc.remote_source import RemoteSource
from ..ipc.rpc import ControlServer
from ..ipc.shared_parameters import SharedParameterSet, structural_values
from ..ipc.shared_state import SharedState, SoundMemory
from ..packs.pack import available_packs
from ..parameter import Value
from ..plugin.crossfader import Crossfader
from ..plugin.status import Status
from ..replay.writer import PerformanceLog
from .audio_callback import AudioCallback
from .inference_pool import InferencePool
from .registry import registered
from .server_settings import ServerSettings, read_settings, save_settings

LOOK_SECONDS = 0.02
LOST_SECONDS = 1.5
"""A device that brings no block for so long is lost."""
REOPEN_SECONDS = 1.0
CLOSE_SECONDS = 1.0
THREAD_SWITCH_SECONDS = 1e-4
REPORT_SECONDS = 0.05
PERCENTILES_SECONDS = 0.5
STRUCTURAL_REST_SECONDS = 0.06
"""A knob that is being turned has to rest before a new processor is prepared."""
MESSAGES_KEPT = 20


class AudioServer:
    """Plays until it is told to end."""

    def __init__(self, folder: Path, settings: ServerSettings) -> None:
        """Take the folder's shared_state; open nothing yet."""
        self._folder, self._settings = folder, settings
        self._shared_state = SharedState(folder / "board")
        self.parameters = SharedParameterSet(self._shared_state.block)
        self._pool = InferencePool(self.parameters, folder / "board", folder, settings.device)
        self._log = PerformanceLog(Path(settings.log)) if settings.log else None
        self._log_problem = ""
        self._callback = AudioCallback()
        self._stream: AudioStream | FileStream | None = None
        self._sources: list[RemoteSource] = []
        self._structural: dict[str, Value] = {}
        self._wanted: tuple[dict[str, Value], float] = ({}, 0.0)
        self._builder: threading.Thread | None = None
        self._messages: deque[tuple[int, str]] = deque(maxlen=MESSAGES_KEPT)
        self._message_count = 0
        self._blocks_seen, self._block_time = 0, 0.0
        self._next_try = 0.0
        self._next_report = self._next_percentiles = 0.0
        self._block_ms: dict[str, float] = {}
        self._inner: Status | None = None
        self._ended = False
        self.orphaned = False
        """Whether whoever started it has gone without a word."""
        self._dispatcher = ControlDispatcher(self.parameters, self._panic)
        for message in settings.said:
            self.say(message)
        self._secret = secrets.token_hex(16)
        self._control = ControlServer(self._secret, self._answer)

    def open(self) -> None:
        """Open the device and load the network; sound goes through from here on.

        Raises:
            InnerearError: a device, or something that the parameters name, is missing.
        """
        self._pool.keep_reserve()
        self._open_stream()
        self._prepare(structural_values(self.parameters))
        threading.Thread(target=self._pool.keep_reserve, daemon=True).start()
        # A collection pauses everything for up to 136 ms; what start-up made can stay for good.
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(THREAD_SWITCH_SECONDS)

    def run(self) -> None:
        """Answer, watch and report until the end."""
        _ask_for_priority()
        while not self._ended:
            self._control.poll(LOOK_SECONDS)
            self.parameters.poll()  # what fronts turn moves the morph and a controller's lights
            for message in self._dispatcher.poll():
                self.say(message)
            self._tell_beat()
            self._watch_parent()
            self._watch_device()
            self._watch_networks()
            self._watch_structure()
            self._watch_log()
            self._report()

    def close(self) -> None:
        """End everything that was started."""
        if self._builder is not None:
            self._builder.join()
        if self._stream is not None:
            self._try_to_close(self._stream)
        if self._log is not None:
            self._log.close()
        if self._callback.crossfader is not None:
            self._callback.crossfader.close()
        self._pool.close()
        self._dispatcher.close()
        self._control.close()

    @property
    def ready(self) -> dict[str, Any]:
        """What whoever started it needs in order to ask for something."""
        return {"port": self._control.port, "secret": self._secret, "pid": os.getpid()}

    def say(self, message: str) -> None:
        """Tell everybody who looks."""
        self._message_count += 1
        self._messages.append((self._message_count, message))

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        match request["do"]:
            case "quit":
                self._ended = True
            case "hello":
                return self.ready | {"folder": str(self._folder)}
            case "measure":
                self._measure_anew()
            case "open":
                self._reopen(request)
            case "file":
                self._turn_file(request)
            case do:
                answer = self._dispatcher.answer(do, request)
                if answer is None:
                    raise InnerearError(f"An instrument cannot {do!r}.")
                return answer
        return {}

    def _measure_anew(self) -> None:
        """Forget all durations, lost blocks and ages so far."""
        if self._stream is not None:
            self._stream.durations.reset()
            self._stream.xruns = 0
        if self._callback.crossfader is not None:
            self._callback.crossfader.processor.forget_ages()

    def _turn_file(self, request: Mapping[str, Any]) -> None:
        """Play, pause, seek or repeat the file that plays."""
        if not isinstance(self._stream, FileStream):
            raise DeviceError("No file plays.")
        playback = self._stream.playback
        if "seconds" in request:
            playback.seek(round(float(request["seconds"]) * playback.sample_rate))
        playback.playing = bool(request.get("playing", playback.playing))
        playback.looping = bool(request.get("looping", playback.looping))

    def _panic(self) -> None:
        if self._callback.crossfader is not None:
            self._callback.crossfader.panic()

    def _open_stream(self) -> None:
        stream = self._new_stream()
        memory = self._callback.memory
        shape = stream.channels, stream.sample_rate
        if memory is None or (memory.channels, memory.sample_rate) != shape:
            path = self._folder / "sound"
            path.unlink(missing_ok=True)
            self._callback.crossfader = None
            self._callback.memory = SoundMemory(path, *shape, create=True)
            self._begin_log(self._callback.memory)
        self._stream = stream
        self._blocks_seen, self._block_time = stream.blocks, time.monotonic()

    def _new_stream(self) -> AudioStream | FileStream:
        wanted, process = self._settings, self._callback.process
        if wanted.file:
            path = Path(wanted.file)
            return FileStream(
                process, path, wanted.output_device, wanted.sample_rate, wanted.looping
            )
        devices = wanted.input_device, wanted.output_device
        return AudioStream(process, *devices, wanted.sample_rate, wanted.channels)

    def _prepare(self, structural: dict[str, Value]) -> None:
        """Prepare a processor for what is asked and fade to it; may wait long."""
        assert self._stream is not None
        stream = self._stream
        processor, sources = self._pool.prepare(
            structural, stream.sample_rate, stream.block_size, stream.channels
        )
        self._structural, self._sources = structural, sources
        shape = sources[0].channel.shape
        self.parameters.options.update(
            model=tuple(available_packs()),
            layer=tuple(shape.layers),
            target=("auto", "energy", *shape.classes),
        )
        if shape.warning:
            self.say(shape.warning)
        if self._callback.crossfader is None:
            self._callback.crossfader = Crossfader(processor, self._pool.log)
        else:
            self._callback.crossfader.swap(processor)

    def _in_background(self, work: Any, *arguments: Any) -> None:
        def run() -> None:
            try:
                work(*arguments)
            except InnerearError as problem:
                self.say(str(problem))
            self._pool.keep_reserve()

        self._builder = threading.Thread(target=run, daemon=True)
        self._builder.start()

    @property
    def _building(self) -> bool:
        return self._builder is not None and self._builder.is_alive()

    def _tell_beat(self) -> None:
        crossfader, beats = self._callback.crossfader, self._dispatcher.beats()
        if crossfader is not None and beats is not None:
            crossfader.align_beat(beats)

    def _watch_parent(self) -> None:
        if self._settings.keep_alive:
            # Nobody can join any more where the folder is gone.
            self._ended = self._ended or not self._folder.exists()
            return
        if self._ended:
            return
        stdin = sys.stdin.fileno()
        if select.select([stdin], [], [], 0)[0] and not os.read(stdin, 1):
            self._ended = self.orphaned = True

    def _watch_structure(self) -> None:
        crossfader, now = self._callback.crossfader, time.monotonic()
        while crossfader is not None and crossfader.retired:
            threading.Thread(target=crossfader.retired.popleft().close, daemon=True).start()
        if self._building or self._stream is None or crossfader is None:
            return
        wanted = structural_values(self.parameters)
        changed = wanted != self._structural
        block_changed = crossfader.newest.block_size != self._stream.block_size
        if not changed and not block_changed:
            return
        if wanted != self._wanted[0]:
            self._wanted = wanted, now
        elif now - self._wanted[1] > STRUCTURAL_REST_SECONDS:
            self._in_background(self._change, wanted)

    def _change(self, wanted: dict[str, Value]) -> None:
        try:
            self._prepare(wanted)
        except InnerearError:
            for id, value in self._structural.items():  # the knobs show what plays
                if self.parameters[id] == wanted[id]:
                    self.parameters.set(id, value)
            raise

    def _watch_networks(self) -> None:
        if self._building:
            return
        for source in self._sources:
            if problem := self._pool.failed(source):
                self.say(f"{problem}; the last dream is held until another is there.")
                self._in_background(self._pool.replace, source, dict(self._structural))
                return

    def _begin_log(self, memory: SoundMemory) -> None:
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

    def _watch_device(self) -> None:
        now = time.monotonic()
        if self._stream is None:
            if now > self._next_try and not self._building:
                self._next_try = now + REOPEN_SECONDS
                self._try_again()
            return
        if self._stream.blocks != self._blocks_seen:
            self._blocks_seen, self._block_time = self._stream.blocks, now
        elif now - self._block_time > LOST_SECONDS:
            self.say("The sound device has stopped; waiting until it comes back.")
            self._lose_stream()

    def _lose_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        if not self._try_to_close(stream):
            self._restart()

    def _try_to_close(self, stream: AudioStream | FileStream) -> bool:
        """Close a stream; PortAudio hangs with its server, and then only a new process helps."""
        closer = threading.Thread(target=stream.close, daemon=True)
        closer.start()
        closer.join(CLOSE_SECONDS)
        return not closer.is_alive()

    def _restart(self) -> None:
        said = tuple(text for _, text in self._messages)
        self._settings = replace(self._settings, resumed=True, said=said)
        save_settings(self._folder, self._settings)
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # nobody waits for the first line again
        os.execv(sys.executable, [sys.executable, "-m", __spec__.name, str(self._folder)])

    def _try_again(self) -> None:
        try:
            forget_devices()
            self._open_stream()
        except DeviceError:
            return
        self.say("The sound device is back.")
        if self._callback.crossfader is None:
            self._in_background(self._prepare, structural_values(self.parameters))

    def _reopen(self, request: Mapping[str, Any]) -> None:
        """Open other devices; where they cannot be, go on with those before."""
        before = self._settings
        self._settings = replace(
            before,
            input_device=request.get("input_device"),
            output_device=request.get("output_device"),
            sample_rate=request.get("sample_rate"),
            channels=request.get("channels"),
            file=str(request.get("file", "")),
            looping=bool(request.get("looping", True)),
        )
        self._lose_stream()
        try:
            self._open_stream()
        except InnerearError:
            self._settings = before
            self._open_stream()
            raise
        finally:
            if self._callback.crossfader is None and self._stream is not None:
                self._prepare(structural_values(self.parameters))

    def _report(self) -> None:
        for source in self._sources[:1]:
            self._shared_state.write_activations(source.activations())
        now = time.monotonic()
        if now > self._next_report:
            self._next_report = now + REPORT_SECONDS
            self._shared_state.write_status(self._status())

    def _status(self) -> dict[str, Any]:
        crossfader, stream = self._callback.crossfader, self._stream
        if (now := time.monotonic()) > self._next_percentiles:
            self._next_percentiles = now + PERCENTILES_SECONDS
            self._block_ms = stream.durations.summary_ms() if stream is not None else {}
            self._inner = crossfader.processor.status if crossfader is not None else None
        status: dict[str, Any] = {
            "playing": stream is not None and crossfader is not None,
            "messages": list(self._messages),
            "changing": self._building,
            "network_restarts": sum(source.replacements for source in self._sources),
            **self._dispatcher.status(),
            "pid": os.getpid(),
            "network_pids": [source.worker.pid for source in self._sources],
        }
        if stream is not None:
            status |= {
                "input": stream.input_name,
                "output": stream.output_name,
                "sample_rate": stream.sample_rate,
                "channels": stream.channels,
                "block_size": stream.block_size,
                "blocks": stream.blocks,
                "xruns": stream.xruns,
                "realtime": stream.realtime,
                "block_ms": self._block_ms,
                "failure": stream.failure,
            }
        if isinstance(stream, FileStream):
            playback = stream.playback
            status["file"] = {
                "path": str(stream.path),
                "position_seconds": playback.position / playback.sample_rate,
                "duration_seconds": playback.samples / playback.sample_rate,
                "playing": playback.playing,
                "looping": playback.looping,
            }
        inner = self._inner
        if crossfader is not None and self._sources and inner is not None:
            newest = self._sources[0].newest
            shape = self._sources[0].channel.shape
            status |= {
                "latency_samples": crossfader.processor.latency_samples,
                "model": {
                    "name": shape.model,
                    "layers": dict(shape.layers),
                    "classes": list(shape.classes),
                },
                "target": newest.target,
                "objective": newest.objective,
                "dreams": inner.dreams_report,
                "nan_resets": inner.nan_resets,
                "limited": inner.limited,
                "problem": inner.problem,
            }
        return status


def _ask_for_priority() -> None:
    """Let the calling thread run before other programs, if the system grants it.

    It shares the interpreter's lock with the callback: were it put aside while it holds that, the
    callback would wait for as long, whatever priority the callback has.
    """
    if not hasattr(os, "SCHED_RESET_ON_FORK"):
        return
    with suppress(OSError):  # without it the sound plays all the same
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK  # for this thread, not for those it starts
        os.sched_setscheduler(0, policy, os.sched_param(1))


def main(folder: Path) -> None:
    """Play from a folder until the end."""
    settings = read_settings(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the front's affair
    instrument = AudioServer(folder, settings)
    signal.signal(signal.SIGTERM, lambda *_: setattr(instrument, "_ended", True))
    try:
        try:
            instrument.open()
        except InnerearError as problem:
            if not settings.resumed:
                print(json.dumps({"error": str(problem), "kind": type(problem).__name__}))
                return
        write_text(folder / "ready.json", json.dumps(instrument.ready))
        print(json.dumps(instrument.ready), flush=True)
        with registered(folder) if settings.keep_alive else nullcontext():
            instrument.run()
    finally:
        instrument.close()
        if settings.keep_alive or instrument.orphaned:  # no front is left to tidy up
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)  # at once: PortAudio's own tidying up may hang with its server
