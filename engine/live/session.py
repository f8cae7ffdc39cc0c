"""The facade that every client calls: one network, its parameters, and the sound it works on.

The sound is made by an audio server in a process of its own (`server.py`), which a session starts
or joins; parameters and status lie in memory that both share.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..control.control_state import ControlState, read_control_state, save_control_state
from ..control.presets import load_preset
from ..control.requests import PlayPreset, Request
from ..errors import DeviceError, InnerearError
from ..files import check_output
from ..ipc.shared_files import STATE_FILE, make_shared_folder
from ..ipc.shared_parameters import SharedParameterSet
from ..ipc.shared_state import SharedState
from ..packs.pack import available_packs
from ..packs.resolve import PackOrName, load, model_of, resolve_pack
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..targets.target import Target, target_options
from ..targets.target_mix import uses_sound
from .live_status import LiveStatus
from .membership import Membership, remove_abandoned
from .recorder import Recorder, Recording, default_recording
from .registry import running_servers
from .server_connection import ServerConnection
from .server_requests import ServerRequests
from .server_settings import ServerSettings
from .shared_views import SharedViews

if TYPE_CHECKING:
    from ..plugin.render import Progress


class Session(ServerRequests, SharedViews):
    """A network with its parameters, playing live or rendering files.

    Examples:
        Play a sound file for a moment; with no sound device, too:

        >>> import tempfile
        >>> from pathlib import Path
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> from innerear.engine.io.audio_files import SoundWriter
        >>> phrase = Path(tempfile.mkdtemp()) / "phrase.wav"
        >>> with SoundWriter(phrase, SAMPLE_RATE, 2) as writer:
        ...     writer.write(short_phrase())
        >>> with innerear.Session("samplecnn-instruments") as session:
        ...     session.start_file(phrase)
        ...     session.set("target", "Brass")
        ...     status = session.status()
        >>> status.sample_rate
        44100
    """

    def __init__(
        self,
        pack: PackOrName | None = None,
        parameters: ParameterSet | None = None,
        device: str = "cpu",
    ) -> None:
        """Load a network.

        Args:
            pack: a model pack, its name, or several; by default what the parameters name.
            parameters: the initial values.
            device: where networks compute; see `load`.

        Raises:
            InnerearError: an unknown model, a layer or target that it does not have, or a target
                sound that cannot be used.
        """
        values = (parameters or ParameterSet()).as_dict()
        values["target_sound"] = _absolute(values["target_sound"])
        if pack is not None:
            values["model"] = model_of(resolve_pack(pack))
        self._device = device
        self.pack = load(str(values["model"]), device=device)
        self._check_words(str(values["layer"]), str(values["target"]))
        if uses_sound(str(values["target"])):
            self._check_sound(str(values["target_sound"]))
        self._begin(make_shared_folder(), values)
        self._name_options()

    @classmethod
    def attach(cls, folder: Path | None = None) -> Self:
        """Join an audio server that plays already, started with `keep_alive`.

        Args:
            folder: of the server; by default the one that was started last.

        Raises:
            DeviceError: none plays.
        """
        running = running_servers()
        if folder is None and not running:
            raise DeviceError("No audio engine plays; start one first.")
        session = cls.__new__(cls)
        session._begin(folder or running[0], None)
        with ExitStack() as unless_it_joins:
            # A member that plays no part would keep the folder for as long as this process runs.
            unless_it_joins.callback(session.detach)
            session._server.join()
            session._device = session._server.settings.device
            session.pack = load(session.parameters.text("model"), device=session._device)
            session._name_options()
            unless_it_joins.pop_all()
        return session

    def _begin(self, folder: Path, values: Mapping[str, Value] | None) -> None:
        """Make the shared memory in `folder`; without values, join what is there."""
        self.folder = folder
        """What this session and its audio server share."""
        self._shared_state = SharedState(folder / STATE_FILE, create=values is not None)
        self.parameters = SharedParameterSet(self._shared_state.block, values)
        self._server = ServerConnection(folder, self._shared_state)
        self._membership = Membership.of_client(folder)
        remove_abandoned(folder.parent)
        SharedViews.__init__(self)
        self._recorder: Recorder | None = None

    def set(self, id: str, value: Value) -> None:
        """Set one parameter; on an error nothing changes.

        Raises:
            InnerearError: an unknown parameter, value, model, layer or target, or a target sound
                that cannot be used.
        """
        if id == "target_sound":
            value = _absolute(value)
            self._check_sound(value)
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
        sidechain: Sequence[int] = (),
        connect: bool = True,
    ) -> None:
        """Play live, from a sound input to an output; see `open_stream`.

        Args:
            input_device, output_device, sample_rate, channels, connect: see `open_stream`.
            keep_alive: whether the server keeps playing when this program ends or is killed.
            log: a new folder, in which the performance is logged for `replay`.
            sidechain: channels of the input, from 1, that are the target sound; see `open_stream`.

        Raises:
            DeviceError: PortAudio or the device is missing, or cannot be opened.
            InnerearError: something that the parameters name is missing.
        """
        self.stop()
        self._server.start(
            ServerSettings(
                input_device,
                output_device,
                sample_rate,
                channels,
                tuple(sidechain),
                connect,
                self._device,
                keep_alive=keep_alive,
                log=_new_log(log),
            )
        )

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

        While it plays, `set_file_playback` pauses, seeks and loops, and `open_file` plays another.

        Args:
            path: see `FileStream`, as for the rest.
            keep_alive: whether the server keeps playing when this program ends or is killed.
            log: a new folder, in which the performance is logged for `replay`.

        Raises:
            InnerearError: the file, a device or something that the parameters name cannot be used.
        """
        self.stop()
        self._server.start(
            ServerSettings(
                output_device=output_device,
                sample_rate=sample_rate,
                device=self._device,
                file=str(path.resolve()),
                looping=looping,
                keep_alive=keep_alive,
                log=_new_log(log),
            )
        )

    def start_again(self) -> None:
        """Play what played last, after the audio server has ended.

        Raises:
            InnerearError: it cannot be played any more.
        """
        self.stop()
        self._server.start(self._server.last_settings)

    def stop(self) -> None:
        """Stop playing, if something plays; waits until the audio server has ended."""
        self.stop_recording()
        self._server.stop()
        self._sound = None

    def detach(self) -> None:
        """Disconnect from a server that is kept alive; another session may attach to it."""
        self.stop_recording()
        self._server.detach()
        self._membership.leave()

    def close(self) -> None:
        """Stop playing; delete what was shared, unless another client uses it."""
        self.stop()
        self._membership.leave()

    @property
    def is_lost(self) -> bool:
        """Whether the audio server has ended or hangs; never waits. `supervise` helps."""
        return self._server.is_lost

    @property
    def restarts(self) -> int:
        """How often this session had to start the audio server again."""
        return self._server.restarts

    def supervise(self) -> None:
        """Start the audio server again where it has ended or hangs.

        A client's loop calls this several times a second; it returns at once unless `is_lost`. A
        restart waits until the new server answers: up to `START_SECONDS` of `heartbeat.py` for its
        first heartbeat, then as long as its heart beats, which is limited for each thing that it
        does. So a loop that must not wait, such as a window's, calls it in a thread. Any thread may
        call it. Of several sessions one restarts the server, and the others connect to the new one.

        Raises:
            InnerearError: it cannot be started again; nothing plays then.
        """
        self._server.supervise()

    def status(self) -> LiveStatus | None:
        """Return what the audio server reported last; None where none was started.

        Changes nothing, and never waits.
        """
        return self._newest_status() if self._server.is_open else None

    @property
    def control_state(self) -> ControlState:
        """The preset that was chosen last, and the slots of the morph.

        While nothing plays it can be set: the audio server begins with it.
        """
        return read_control_state(self.folder)

    @control_state.setter
    def control_state(self, state: ControlState) -> None:
        save_control_state(self.folder, state)

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
        """End the recording; return its final state, or None where there was none."""
        return None if self._recorder is None else self._recorder.stop()

    @property
    def recording(self) -> Recording | None:
        """The state of the newest recording; None where there was none."""
        return None if self._recorder is None else self._recorder.status

    def play_preset(self, name: str) -> dict[str, Any]:
        """Set all parameters to a preset.

        Returns:
            the controls `before` and `after`, for `restore_controls`; empty while nothing plays.

        Raises:
            InnerearError: there is no such preset, or it cannot be played here.
        """
        preset = load_preset(name)
        preset.check_words()
        answer: dict[str, Any] = {}
        if self._server.is_open:
            answer = self._ask(PlayPreset(name))
        else:
            preset.apply(self.parameters)
        self.pack = load(self.parameters.text("model"), device=self._device)
        self._name_options()
        return answer

    def render(
        self,
        source: Path,
        destination: Path,
        *,
        progress: "Progress | None" = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Render a sound file; see `render_file`."""
        from ..plugin.render import render_file

        return render_file(
            source, destination, self.parameters, pack=self.pack, progress=progress, **settings
        )

    def __enter__(self) -> Self:
        """Return the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop playing."""
        self.close()

    def _ask(self, request: Request) -> dict[str, Any]:
        return self._server.ask(request)

    def _name_options(self) -> None:
        """Offer the names of models, layers and classes as the parameters' options."""
        self.parameters.options.update(
            model=tuple(available_packs()),
            layer=tuple(self.pack.layers),
            target=target_options(self.pack.classes),
        )

    def _check_sound(self, file: str) -> None:
        if file:
            from ..dreaming.target_sound import read_target_sound

            read_target_sound(file, self.pack.sample_rate)

    def _check_words(self, layer: str, target: str) -> None:
        Target(self.pack.layers, self.pack.classes, layer, target)


def _absolute(file: Value) -> str:
    """Return a file's name that means the same in every process; empty for none."""
    text = str(file).strip()
    return str(Path(text).expanduser().resolve()) if text else ""


def _new_log(folder: Path | None) -> str:
    """Return the folder of a new log, as settings hold it; empty for none."""
    if folder is None:
        return ""
    if folder.exists():
        raise InnerearError(f"{folder} is there already; name another folder")
    check_output(folder)
    return str(folder.resolve())
