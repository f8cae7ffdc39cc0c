"""What a soak plays on: a sound card of software, an ear, and programs beside the audio server."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ..realtime.conftest import _end_with_the_tests as end_with_this_process
from .counters import MARK
from .hearing import GAP_SAMPLES
from .sources import RATE

PERIOD = 256
ENDING_SECONDS = 20.0
KEPT_REPORTS = 40
CHECKOUT = Path(__file__).resolve().parents[2]


class Companion:
    """A program that comes and is killed, again and again."""

    def __init__(self, stage: "Stage", name: str, command: list[str]) -> None:
        self._stage, self._name, self._command = stage, name, command
        self._process: subprocess.Popen[Any] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start it, unless it runs; return what came of it."""
        if self.is_running:
            return "it runs already"
        self._process = self._stage.start(self._name, self._command)
        return ""

    def kill(self) -> str:
        """Kill it, if it runs; return what came of it."""
        if self._process is None:
            return "it does not run"
        ended = self._process.poll()
        self._process.kill()
        self._process.wait()
        self._process = None
        return "" if ended is None else f"it had ended by itself with {ended}"


class Stage:
    """Everything around the audio server; `close` ends it all."""

    def __init__(self, folder: Path, mark: str, apart: bool, plugin: Path | None) -> None:
        """Set the stage.

        Args:
            folder: for all that is written; it is there.
            mark: of the processes; see `counters.MARK`.
            apart: whether this process has a /dev/shm of its own.
            plugin: the folder of the plug-in's built bundles; None to go without.
        """
        self.folder, self._apart = folder, apart
        self._name = f"soak-{os.getpid()}"
        homes = {
            name: folder / name.lower()
            for name in ("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        }
        for home in homes.values():
            home.mkdir(mode=0o700)
        self.temporary = homes["TMPDIR"]
        self.logs = folder / "logs"
        self.logs.mkdir()
        os.environ.update({name: str(home) for name, home in homes.items()})
        os.environ.update(
            {
                MARK: mark,
                "JACK_DEFAULT_SERVER": self._name,
                "JACK_NO_AUDIO_RESERVATION": "1",
                "JACK_NO_START_SERVER": "1",
                "INNEREAR_MIDI_API": "jack",
                "QT_QPA_PLATFORM": "offscreen",
            }
        )
        self.sound = folder / "sound.flac"
        time_s = np.arange(5 * RATE) / RATE
        tone = 0.3 * np.sin(2 * np.pi * 330 * time_s) * np.exp(-3 * (time_s % 1.0))
        soundfile.write(self.sound, tone, RATE)
        self.tiny_disk = self._mount_tiny_disk() if apart else None
        self._card: subprocess.Popen[Any] | None = None
        self._ear: subprocess.Popen[str] | None = None
        self.playing = "noise"
        self.reports: deque[dict[str, Any]] = deque(maxlen=KEPT_REPORTS)
        self.heard = {"samples": 0, "above": 0, "not_numbers": 0, "gaps": 0, "peak": 0.0}
        self.longest_gap = self.xruns = self.cards = 0
        self._xruns_before = 0
        cli = [sys.executable, "-m", "innerear.cli"]
        self.window = Companion(self, "window", [*cli, "gui"])
        self.library_page = ""
        self._library: subprocess.Popen[str] | None = None
        self.plugin, self.why_no_plugin = self._prepare_plugin(plugin)

    def start(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a program whose words go to a log, in the checkout."""
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                **{"stdin": subprocess.DEVNULL, "stdout": log, **options},
                stderr=log,
                cwd=CHECKOUT,
                start_new_session=True,
                preexec_fn=end_with_this_process,  # noqa: PLW1509 - it takes no lock
            )

    def start_card(self) -> None:
        """Start the sound card, and the ear that listens to it."""
        if self._apart:  # killed servers stay counted in there, and JACK has room for eight
            for path in Path("/dev/shm").glob("jack*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        driver = ["-d", "dummy", "-r", str(RATE), "-p", str(PERIOD), "-C", "2", "-P", "2"]
        self._card = self.start("card", ["jackd", "-R", "--name", self._name, *driver])
        self.cards += 1
        subprocess.run(
            ["jack_wait", "-s", self._name, "-w", "-t", "20"], capture_output=True, check=True
        )
        self._start_ear()

    def kill_card(self, softly: bool) -> str:
        """End the sound card, start it again after a moment; return how."""
        assert self._card is not None
        self._card.send_signal(signal.SIGTERM if softly else signal.SIGKILL)
        self._card.wait()
        self._end_ear()
        time.sleep(2.0)
        self.start_card()
        return "ended" if softly else "killed"

    def look_after(self) -> None:
        """Start the ear again where it has ended."""
        if self._ear is not None and self._ear.poll() is not None:
            self._end_ear()
            self._start_ear()

    def play(self, source: str) -> str:
        """Play another sound into the audio server; return which."""
        self.playing = source
        self._tell(f"source {source}")
        return source

    def send_midi(self, messages: Iterable[bytes]) -> None:
        """Send MIDI messages, of whatever bytes."""
        self._tell("midi " + " ".join(message.hex() for message in messages))

    def hears(self) -> bool:
        """Whether sound came in the last second."""
        return any(report["peak"] > 0 for report in self.reports_since(time.time() - 1.2))

    def reports_since(self, moment: float) -> list[dict[str, Any]]:
        """Return the ear's reports on sound after a moment."""
        return [each for each in tuple(self.reports) if each["time"] - 0.55 > moment]

    def prepare(self) -> None:
        """Build a small library and serve its page, where it can be; this takes a while."""
        cli = [sys.executable, "-m", "innerear.cli", "library"]
        place = str(self.folder / "library")
        made = [str(self.sound), "-o", place, "--model", "samplecnn-instruments"]
        few = ["--seconds", "1", "--workers", "0", "--judge", "none"]
        if self.start("library", [*cli, "build", *made, *few]).wait():
            return
        serve = [*cli, "serve", place, "--port", "0"]
        self._library = self.start("library", serve, stdout=subprocess.PIPE, text=True)
        assert self._library.stdout is not None
        found = re.search(r"http://\S+", self._library.stdout.readline())
        self.library_page = found[0] if found else ""

    def end_companions(self) -> None:
        """Kill what has joined the audio server, or has one of its own."""
        self.window.kill()
        if self.plugin is not None:
            self.plugin.kill()

    def close(self) -> None:
        """End everything."""
        self.end_companions()
        for process in (self._library, self._card):
            if process is not None:
                process.terminate()
                process.wait(ENDING_SECONDS)
        if self._library is not None and self._library.stdout is not None:
            self._library.stdout.close()
        self._end_ear()

    def _start_ear(self) -> None:
        self._ear = self.start(
            "ear",
            [sys.executable, "-m", "tests.soak.ear"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._xruns_before = self.xruns
        threading.Thread(target=self._listen, args=(self._ear,), daemon=True).start()
        self._tell(f"source {self.playing}")

    def _end_ear(self) -> None:
        if self._ear is not None:
            self._ear.kill()
            self._ear.wait()
            self._ear = None

    def _tell(self, order: str) -> None:
        if self._ear is not None and self._ear.stdin is not None:
            try:
                self._ear.stdin.write(order + "\n")
                self._ear.stdin.flush()
            except OSError:  # it went with its sound card; `look_after` starts another
                pass

    def _listen(self, ear: subprocess.Popen[str]) -> None:
        assert ear.stdout is not None
        for line in ear.stdout:
            report = json.loads(line)
            self.reports.append(report)
            for name in ("samples", "above", "not_numbers"):
                self.heard[name] += report[name]
            self.heard["peak"] = max(self.heard["peak"], report["peak"])
            self.xruns = self._xruns_before + report["xruns"]
            if report["source"] == "noise" and report["longest"] >= GAP_SAMPLES:
                self.heard["gaps"] += report["gaps"]
                self.longest_gap = max(self.longest_gap, report["longest"])
        ear.stdout.close()

    def _mount_tiny_disk(self) -> Path | None:
        place = self.folder / "tiny-disk"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
        return place if subprocess.run(mount, check=False).returncode == 0 else None

    def _prepare_plugin(self, built: Path | None) -> tuple[Companion | None, str]:
        if built is None:
            return None, "no built plug-in was named"
        from innerear.plugin.formats import FORMATS, FormatName
        from innerear.plugin.install import install

        place = self.folder / "plugin"
        (bundle,) = install([(FORMATS[FormatName.CLAP], place)], built)
        library = bundle / FORMATS[FormatName.CLAP].binary
        host = [sys.executable, "-m", "tests.soak.plugin_host", str(library)]
        return Companion(self, "plugin host", host), ""
