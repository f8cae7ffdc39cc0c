"""The facade that every front calls: one network, its knobs, and the sound it works on.

The sound is made by an instrument in a process of its own (`server.py`), which a session starts
or joins; parameters and status lie in memory that both share.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from .. import errors
from ..control.presets import load_preset
from ..errors import DeviceError, InnerearError
from ..files import check_output
from ..ipc.rpc import ControlClient
from ..ipc.shared_arrays import memory_folder
from ..ipc.shared_parameters import SharedParameterSet
from ..ipc.shared_state import SharedState, SoundMemory
from ..packs.gradient_source import Activations
from ..packs.pack import Pack, available_packs, load
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..plugin.render import Progress, render_file
from ..targets.target import Target
from .live_status import LiveStatus
from .recorder import Recorder, Recording, default_recording
from .registry import running_instruments
from .server_settings import ServerSettings, read_settings, save_settings

END_SECONDS = 5.0
SILENT_SECONDS = 5.0
"""An instrument that has reported nothing for so long hangs."""


class Session:
    """A network with its parameters, playing live or rendering files."""

    def __init__(
        self,
        pack: Pack | str | None = None,
        parameters: ParameterSet | None = None,
        device: str = "cpu",
    ) -> None:
        """Load a network.

        Args:
            pack: a model pack or its name; by default the one that the parameters name.
            parameters: their values are where the session's own begin.
            device: where networks compute; see `load`.

        Raises:
            InnerearError: an unknown model, or words in the parameters that it does not know.
        """
        values = (parameters or ParameterSet()).as_dict()
        if pack is not None:
            values["model"] = str(pack.folder) if isinstance(pack, Pack) else pack
        self._device = device
        self.pack = load(str(values["model"]), device=device)
        self._check_words(str(values["layer"]), str(values["target"]))
        folder = tempfile.mkdtemp(
            prefix="innerear-", dir=memory_folder(Path(tempfile.gettempdir()))
        )
        self._begin(Path(folder), values)
        self._name_options()

    @classmethod
    def attach(cls, folder: Path | None = None) -> Self:
        """Join an instrument that plays already, started with `keep_alive`.

        Args:
            folder: of the instrument; by default the one that was started last.

        Raises:
            DeviceError: none plays.
        """
        running = running_instruments()
        if folder is None and not running:
            raise DeviceError("No instrument plays; start one first.")
        session = cls.__new__(cls)
        session._begin(folder or running[0], None)
        session._settings = read_settings(session.folder)
        session._device = session._settings.device
        session.pack = load(session.parameters.text("model"), device=session._device)
        session._name_options()
        ready = json.loads((session.folder / "ready.json").read_text())
        session._client = ControlClient(ready["port"], ready["secret"])
        return session

    def _begin(self, folder: Path, values: Mapping[str, Value] | None) -> None:
        """Make the shared memory in `folder`; without values, join what is there."""
        self.folder = folder
        """What this session and its instrument share."""
        self._shared_state = SharedState(folder / "board", create=values is not None)
        self.parameters = SharedParameterSet(self._shared_state.block, values)
        self._detached = False
        self._process: subprocess.Popen[bytes] | None = None
        self._client: ControlClient | None = None
        self._sound: SoundMemory | None = None
        self._recorder: Recorder | None = None
        self._heartbeats, self._heartbeat_time = -1, time.monotonic()
        self._settings = ServerSettings()
        self.restarts = 0
        """How often the instrument itself had to be started again."""

    def set(self, id: str, value: Value) -> None:
        """Set one parameter; a word that the network does not know changes nothing.

        Raises:
            InnerearError: an unknown parameter, value, model, layer or target.
        """
        if id == "model":
            self.pack = load(str(value), device=self._device)
            self._name_options()
        words = {word: self.parameters.text(word) for word in ("layer", "target")}
        if id in words:
            words[id] = str(value)
            self._check_words(**words)
        self.parameters.set(id, value)

    def start(
        self,
        input_device: str | int | None = None,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
        keep_alive: bool = False,
        log: Path | None = None,
    ) -> None:
        """Play live, from a sound input to an output; see `AudioStream`.

        Args:
            input_device, output_device, sample_rate, channels: see `AudioStream`.
            keep_alive: play on when this program ends or is killed.
            log: a new folder, in which the performance is logged for `replay`.

        Raises:
            DeviceError: PortAudio or the device is missing, or cannot be opened.
            InnerearError: something that the parameters name is missing.
        """
        self.stop()
        self._settings = ServerSettings(
            input_device,
            output_device,
            sample_rate,
            channels,
            self._device,
            keep_alive=keep_alive,
            log=_new_log(log),
        )
        self._launch()

    def start_file(
        self,
        path: Path,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        looping: bool = True,
        keep_alive: bool = False,
        log: Path | None = None,
    ) -> None:
        """Play a sound file instead of an input, in a loop; with no sound device, too.

        While it plays, `request("file", ...)` takes `playing`, `looping` and `seconds` (to seek),
        and `request("open", file=...)` exchanges the file.

        Args:
            path: see `FileStream`, as for the rest.
            keep_alive: play on when this program ends or is killed.
            log: a new folder, in which the performance is logged for `replay`.

        Raises:
            InnerearError: the file, a device or something that the parameters name cannot be used.
        """
        self.stop()
        self._settings = ServerSettings(
            output_device=output_device,
            sample_rate=sample_rate,
            device=self._device,
            file=str(path.resolve()),
            looping=looping,
            keep_alive=keep_alive,
            log=_new_log(log),
        )
        self._launch()

    def stop(self) -> None:
        """End live playing, if it goes on."""
        self.stop_recording()
        if self._client is not None:
            with suppress(InnerearError):
                self._client.request("quit")
            self._client.close()
            self._client = None
        if self._process is not None:
            self._end(self._process)
            self._process = None
        self._sound = None

    def detach(self) -> None:
        """Let the instrument play on, where it lingers; another session may attach to it."""
        self.stop_recording()
        if self._client is not None:
            self._client.close()
            self._client = None
            self._detached = self._settings.keep_alive
        self._process = None

    def close(self) -> None:
        """Stop playing and give up what was shared."""
        self.stop()
        if not self._detached:
            shutil.rmtree(self.folder, ignore_errors=True)

    def status(self) -> LiveStatus | None:
        """Return how the instrument is doing; None when none was started.

        Also tells the parameters' observers what MIDI or another front has turned, and starts an
        instrument again that has died or hangs.
        """
        self.parameters.poll()
        if self._client is None:
            return None
        self._supervise()
        return self.glance()

    def glance(self) -> LiveStatus:
        """Return what the instrument said last about how it is doing, and do nothing about it."""
        return LiveStatus.from_report(self._shared_state.status())

    def activations(self) -> Activations:
        """Return what the network hears: layer -> (units,), the newest; empty when not playing."""
        return self._shared_state.activations(
            self._shared_state.status().get("model", {}).get("layers", {})
        )

    @property
    def sound(self) -> SoundMemory | None:
        """The newest seconds of input, dream and output; None when not playing."""
        report = self._shared_state.status()
        if self._client is None or "channels" not in report:
            return None
        shape = report["channels"], report["sample_rate"]
        sound = self._sound
        if sound is None or not sound.current or (sound.channels, sound.sample_rate) != shape:
            try:
                self._sound = sound = SoundMemory(self.folder / "sound", *shape)
            except InnerearError:  # it is just being made anew
                return None
        return sound

    def start_recording(self, path: Path | None = None, with_input: bool = False) -> Recording:
        """Record what is played; see `Recorder`.

        Args:
            path: a .flac or .wav that is not there yet; by default one named by the date, here.
            with_input: record the dry input too, in a second file.

        Raises:
            InnerearError: nothing plays, it records already, or the file cannot be made.
        """
        if self.recording is not None and self.recording.active:
            raise InnerearError(f"{self.recording.path} is being recorded already.")
        self._recorder = Recorder(
            lambda: self.sound, path or default_recording(Path.cwd()), with_input
        )
        return self._recorder.status

    def stop_recording(self) -> Recording | None:
        """End the recording; return how it went, or None where there was none."""
        return None if self._recorder is None else self._recorder.stop()

    @property
    def recording(self) -> Recording | None:
        """How the newest recording is doing, or went; None where there was none."""
        return None if self._recorder is None else self._recorder.status

    def request(self, do: str, **values: Any) -> dict[str, Any]:
        """Ask the instrument for something; see `AudioServer`.

        Raises:
            InnerearError: it refuses.
            DeviceError: it does not play.
        """
        if self._client is None:
            raise DeviceError("Nothing plays: start it first.")
        return self._client.request(do, **values)

    def action(self, name: str, *arguments: int) -> None:
        """Do what a button does: `panic`, `tap`, `next-preset` and so on; see `ACTIONS`.

        Raises:
            InnerearError: there is no such action, or nothing plays.
        """
        self.request("action", name=name, arguments=list(arguments))

    def play_preset(self, name: str) -> None:
        """Turn all knobs to where a preset wants them.

        Raises:
            InnerearError: there is no such preset, or it cannot be played here.
        """
        preset = load_preset(name)
        preset.check_words()
        if self._client is not None:
            self.request("preset", name=name)
        else:
            preset.apply(self.parameters)
        self.pack = load(self.parameters.text("model"), device=self._device)
        self._name_options()

    def render(
        self, source: Path, destination: Path, *, progress: Progress | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Render a sound file; see `render_file`."""
        return render_file(
            source, destination, self.parameters, pack=self.pack, progress=progress, **settings
        )

    def __enter__(self) -> Self:
        """Return the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop playing."""
        self.close()

    def _launch(self) -> None:
        save_settings(self.folder, self._settings)
        keep_alive = self._settings.keep_alive
        with (self.folder / "instrument.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.server", str(self.folder)],
                stdin=subprocess.DEVNULL if keep_alive else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C in our terminal is for us alone
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        process.stdout.close()
        if not line:
            self._end(process)
            log_text = (self.folder / "instrument.log").read_text(errors="replace").strip()
            said = log_text.rpartition("\n")[2]
            raise DeviceError(f"The instrument could not be started: {said or 'it said nothing'}")
        answer = json.loads(line)
        if "error" in answer:
            self._end(process)
            raise getattr(errors, answer["kind"], InnerearError)(answer["error"])
        self._process = process
        self._client = ControlClient(answer["port"], answer["secret"])
        self._heartbeats, self._heartbeat_time = self._shared_state.heartbeats, time.monotonic()
        if self._settings.resumed:  # it may have to wait for its device
            return
        deadline = time.monotonic() + SILENT_SECONDS
        while not self._shared_state.status().get("latency_samples", -1) >= 0:
            if time.monotonic() > deadline:
                raise DeviceError("The instrument reports nothing.")
            time.sleep(0.005)

    def _supervise(self) -> None:
        process, now = self._process, time.monotonic()
        if self._shared_state.heartbeats != self._heartbeats:
            self._heartbeats, self._heartbeat_time = self._shared_state.heartbeats, now
        hangs = now - self._heartbeat_time > SILENT_SECONDS
        if not hangs and (process is None or process.poll() is None):
            return
        if process is not None:
            self._end(process)
        self.restarts += 1
        said = "The instrument had stopped; it was started again."
        self._settings = replace(self._settings, resumed=True, said=(said,))
        self._launch()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _name_options(self) -> None:
        """Tell the parameters which names there are to choose from."""
        self.parameters.options.update(
            model=tuple(available_packs()),
            layer=tuple(self.pack.layers),
            target=("auto", "energy", *self.pack.classes),
        )

    def _check_words(self, layer: str, target: str) -> None:
        Target(self.pack.layers, self.pack.classes, layer, target)


def _new_log(folder: Path | None) -> str:
    """Return where a log is to be written, as settings hold it; nothing may be there yet."""
    if folder is None:
        return ""
    if folder.exists():
        raise InnerearError(f"{folder} is there already; name another folder")
    check_output(folder)
    return str(folder.resolve())
