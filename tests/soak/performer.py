"""Does what a schedule says to an audio server that plays, as musicians and accidents do."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from pythonosc.osc_message_builder import OscMessageBuilder

from innerear.engine.control.presets import available_presets, load_preset
from innerear.engine.errors import InnerearError
from innerear.engine.live.live_status import LiveStatus
from innerear.engine.live.osc_client import OscClient
from innerear.engine.live.server_address import read_address
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import structural_values
from innerear.engine.parameters import PARAMETERS

from .sources import sources
from .stage import Stage

MODELS = (
    "samplecnn-instruments",
    "stftcnn-robust",
    "cqtcnn-instruments",
    "wavelet-instruments",
    "crnn-robust",
    "samplecnn-instruments,crnn-instruments:0.5",
    "stftcnn-robust,crnn-robust,samplecnn-digits:0.3",
)
CLIENT = """
import sys, time
from pathlib import Path
from innerear.engine.errors import DeviceError
from innerear.engine.live.session import Session
session = None
while session is None:
    try:
        session = Session.attach(Path(sys.argv[1]))
    except DeviceError:  # the audio engine was killed, and is being started again
        time.sleep(0.2)
while True:
    session.status()
    session.activations()
    time.sleep(0.05)
"""
OPEN_FILE_SECONDS = 8.0
RECORD_SECONDS = 10.0
NUMBERS = tuple(id for id, each in PARAMETERS.items() if each.kind in ("number", "duration"))


class SilenceFailure(Exception):
    """Sound was heard where there must be none."""


class Performer:
    """Does one action after another; what is to follow an action later is done in time."""

    def __init__(self, session: Session, stage: Stage) -> None:
        self.session, self.stage = session, stage
        self.later: list[tuple[float, str, Callable[[], object]]] = []
        self.presets = [name for name in available_presets() if _is_playable(name)]
        self._bound_pid = 0
        self.actions: dict[str, Callable[[random.Random], object]] = {
            "midi burst": self._midi_burst,
            "midi rubbish": self._midi_rubbish,
            "preset": lambda chance: self.session.play_preset(chance.choice(self.presets)),
            "model": lambda chance: self.session.set("model", chance.choice(MODELS)),
            "parameters": self._parameters,
            "drive": self._structure,
            "morph": self._morph,
            "panic": self._panic,
            "mute": self._mute,
            "bypass": self._bypass,
            "source": lambda chance: self.stage.play(chance.choice(list(sources()))),
            "target sound": self._target_sound,
            "osc": self._osc,
            "requests": self._requests,
            "record": self._record,
            "record to a full disk": self._record_full,
            "client comes and is killed": self._client,
            "window comes": lambda chance: self.stage.window.start(),
            "kill the window": lambda chance: self.stage.window.kill(),
            "kill a network": self._kill_network,
            "kill the audio server": self._kill_server,
            "kill the sound card": lambda chance: self.stage.kill_card(chance.random() < 0.3),
            "library": self._library,
            "plug-in": self._plugin,
            "file": self._file,
        }

    def status(self) -> LiveStatus:
        """Return the audio server's status; raises where nothing plays."""
        status = self.session.status()
        if status is None or not status.pid:
            raise InnerearError("nothing plays")
        return status

    def do(self, action: str, chance: random.Random) -> str:
        """Do an action; return what came of it, empty where nothing is to be said."""
        return str(self.actions[action](chance) or "")

    def do_what_is_due(self) -> list[str]:
        """Do what follows earlier actions; return what was done."""
        now = time.monotonic()
        due = [each for each in self.later if each[0] <= now]
        self.later = [each for each in self.later if each[0] > now]
        done = []
        for _, name, what in due:
            try:
                what()
                done.append(name)
            except InnerearError as problem:
                done.append(f"{name}: {problem}")
        return done

    def _after(self, seconds: float, name: str, what: Callable[[], object]) -> None:
        self.later.append((time.monotonic() + seconds, name, what))

    def _midi_burst(self, chance: random.Random) -> str:
        """200 messages in a second, to every number that a knob can turn."""
        pid = self.status().pid
        if pid != self._bound_pid:
            for number, id in enumerate(NUMBERS):
                loud = id in ("input_db", "output_db")
                self.session.midi_bind(
                    {
                        "control": {"kind": "cc", "number": number},
                        "parameter": id,
                        "takeover": "jump",
                        "range": [0.3, 1.0] if loud else [0.0, 1.0],
                    },
                    keep=False,
                )
            self._bound_pid = pid
        for _ in range(20):
            messages = [
                (0xB0, chance.randrange(len(NUMBERS)), chance.randrange(128)) for _ in range(10)
            ]
            self.stage.send_midi(map(bytes, messages))
            time.sleep(0.05)
        return ""

    def _midi_rubbish(self, chance: random.Random) -> None:
        """Messages that break off, that begin nowhere, and that never end."""
        rubbish = [chance.randbytes(chance.randrange(1, 40)) for _ in range(60)]
        rubbish += [b"\xf0" + chance.randbytes(200), b"\xb0", b"\xb0\xff\xff", b"\xf8" * 20]
        self.stage.send_midi(rubbish)

    def _parameters(self, chance: random.Random) -> None:
        for id in chance.sample(NUMBERS, 3):
            if id in ("input_db", "output_db"):
                continue
            parameter = PARAMETERS[id]
            self.session.set(
                id, parameter.minimum + chance.random() * (parameter.maximum - parameter.minimum)
            )

    def _structure(self, chance: random.Random) -> str:
        """Choose another drive, alignment or the like; what does not go together is refused."""
        structural = set(structural_values(self.session.parameters))
        ids = [
            id
            for id, each in PARAMETERS.items()
            if each.kind == "choice" and (id in structural or id == "combine")
        ]
        id = chance.choice(ids)
        value = chance.choice(PARAMETERS[id].choices)
        self.session.set(id, value)
        return f"{id} = {value}"

    def _morph(self, chance: random.Random) -> None:
        for slot in ("a", "b"):
            name = chance.choice(self.presets)
            self.session.set_slot(slot, name, load_preset(name).values())
        for step in range(8):
            self.session.set("morph", step / 8)
            time.sleep(0.05)
        self.session.toggle_slot()

    def _panic(self, chance: random.Random) -> str:
        if not self.status().playing or not self.stage.hears():
            return "nothing is heard"
        pid = self.status().pid
        self.session.parameters.set("silenced", True)
        try:
            time.sleep(0.3)  # in which the sound fades, and what JACK holds goes by
            silent_from = time.time()
            time.sleep(1.5)
            reports = self.stage.reports_since(silent_from)
            if self.status().pid == pid and any(report["peak"] > 0.0 for report in reports):
                raise SilenceFailure(f"{max(each['peak'] for each in reports)} in a panic")
            return f"{sum(report['samples'] for report in reports)} silent samples"
        finally:
            self.session.parameters.set("silenced", False)

    def _mute(self, chance: random.Random) -> None:
        id = chance.choice(["mute", "dim"])
        self.session.set(id, True)
        self._after(2.0, f"no more {id}", lambda: self.session.set(id, False))

    def _bypass(self, chance: random.Random) -> None:
        id = chance.choice(["bypass", "freeze"])
        self.session.set(id, True)
        self._after(3.0, f"no more {id}", lambda: self.session.set(id, False))

    def _target_sound(self, chance: random.Random) -> None:
        self.session.set("target_sound", str(self.stage.sound))
        self.session.set("target", "sound")
        self._after(8.0, "target is automatic", lambda: self.session.set("target", "auto"))

    def _osc(self, chance: random.Random) -> str:
        with OscClient(self.session.folder, port=0) as osc:
            address = ("127.0.0.1", osc.server.port)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
                for _ in range(20):
                    id = chance.choice(NUMBERS)
                    builder = OscMessageBuilder(f"/innerear/{id}")
                    builder.add_arg(chance.choice([chance.random(), 1e30, float("nan"), "words"]))
                    sending.sendto(builder.build().dgram, address)
                    sending.sendto(chance.randbytes(chance.randrange(1, 200)), address)
            time.sleep(0.5)
        return ""

    def _requests(self, chance: random.Random) -> str:
        """JSON that is none, of the wrong secret, of the wrong shape, and that breaks off."""
        address = read_address(self.session.folder)
        rightful = {"secret": address.secret}
        lines = [
            chance.randbytes(100).replace(b"\n", b""),
            b"{}",
            b"[" * 5000,
            json.dumps({"secret": "guess", "do": "quit"}).encode(),
            json.dumps({**rightful, "do": "nothing like it"}).encode(),
            json.dumps({**rightful, "do": "play-preset", "preset": 7}).encode(),
            json.dumps({**rightful, "do": "midi-bind", "binding": {"x": [1]}}).encode(),
            json.dumps({**rightful, "do": "set-slot", "slot": "a", "preset": "none"}).encode(),
        ]
        answers = 0
        for line in chance.sample(lines, len(lines)):
            with socket.create_connection(("127.0.0.1", address.port), 5) as connection:
                connection.settimeout(10)
                connection.sendall(line + b"\n")
                answers += bool(connection.recv(65_536))
        with socket.create_connection(("127.0.0.1", address.port), 5) as connection:
            connection.sendall(b'{"secret": "half a li')
        return f"{answers} answers"

    def _record(self, chance: random.Random) -> None:
        path = self.stage.folder / f"recording{chance.choice(['.wav', '.flac'])}"
        self.session.start_recording(path, with_input=chance.random() < 0.5)

        def end() -> None:
            self.session.stop_recording()
            for made in self.stage.folder.glob("recording*"):
                made.unlink()

        self._after(RECORD_SECONDS, "the recording ends", end)

    def _record_full(self, chance: random.Random) -> str:
        if self.stage.tiny_disk is None:
            return "left out: no disk of a megabyte can be made by this user"
        self.session.start_recording(self.stage.tiny_disk / "recording.wav")

        def end() -> None:
            made = self.session.stop_recording()
            for path in self.stage.tiny_disk.glob("recording*"):
                path.unlink()
            if made is not None and not made.problem:
                raise InnerearError("the full disk was not noticed")

        self._after(RECORD_SECONDS, "the recording on the full disk ends", end)
        return ""

    def _client(self, chance: random.Random) -> None:
        client = self.stage.start(
            "client", [sys.executable, "-c", CLIENT, str(self.session.folder)]
        )
        self._after(2.0 + 6.0 * chance.random(), "the client is killed", lambda: _kill(client))

    def _kill_network(self, chance: random.Random) -> str:
        pids = self.status().network_pids
        if not pids:
            return "none runs"
        pid = chance.choice(pids)
        how = chance.choice([signal.SIGKILL, signal.SIGSTOP])
        os.kill(pid, how)
        return f"{how.name} to {pid}"

    def _kill_server(self, chance: random.Random) -> str:
        pid = self.status().pid
        os.kill(pid, signal.SIGKILL)
        return str(pid)

    def _library(self, chance: random.Random) -> str:
        page = self.stage.library_page
        if not page:
            return "left out: no library could be built and served; see its log"
        said = []
        for path in ("", "items", "../../etc/passwd", "%00", "items?where=" + "(" * 500):
            try:
                with urlopen(page + path, timeout=20) as answer:
                    said.append(answer.status)
            except HTTPError as refused:
                refused.close()
                said.append(refused.code)
        if any(status >= 500 for status in said):
            raise InnerearError(f"the library's page answers {said}")
        return str(said)

    def _plugin(self, chance: random.Random) -> str:
        if self.stage.plugin is None:
            return f"left out: {self.stage.why_no_plugin}"
        if self.stage.plugin.is_running:
            self.stage.plugin.kill()
        else:
            self.stage.plugin.start()
        return ""

    def _file(self, chance: random.Random) -> None:
        self.session.open_file(self.stage.sound)
        self._after(OPEN_FILE_SECONDS, "the input again", self.session.open_devices)


def _kill(process: subprocess.Popen[Any]) -> None:
    process.kill()
    process.wait()


def _is_playable(name: str) -> bool:
    try:
        load_preset(name).check_words()
    except InnerearError:
        return False
    return True
