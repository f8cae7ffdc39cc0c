"""The command line, run inside the test's own process, and sounds for it."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `innerear` with the given arguments."""

    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def refused(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs `innerear`, expects one line and status 2, and returns it.

    Nothing in the test's folder may appear, vanish or change.
    """

    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def refused(*arguments: object) -> str:
        before = contents()
        outcome = run(*arguments)
        assert outcome.status == 2
        assert outcome.out == ""
        assert outcome.err.startswith("innerear: error: ")
        assert outcome.err.count("\n") == 1
        assert outcome.err.endswith("\n")
        assert contents() == before
        return outcome.err

    return refused


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Return a stereo file with a second of a low tone, then a second of a high one."""
    seconds = np.arange(32_000) / 16_000
    hertz = np.where(seconds < 1, 240, 4000)
    sound = 0.5 * np.sin(2 * np.pi * hertz * seconds)
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack((sound, sound), axis=1), 16_000, "PCM_16")
    return path


def _nan(path: Path) -> None:
    sound = np.zeros((20_000, 1), np.float32)
    sound[15_000] = np.nan
    soundfile.write(path, sound, 16_000, "FLOAT")


def _cut_off(path: Path) -> None:
    soundfile.write(path, np.zeros((20_000, 1)), 16_000, "PCM_16")
    path.write_bytes(path.read_bytes()[:9000])


BAD_SOUNDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such file"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "text": (lambda path: path.write_text("no sound\n" * 99), "not a sound file"),
    "cut off": (_cut_off, "cut off"),
    "no samples": (lambda path: soundfile.write(path, np.zeros((0, 1)), 16_000), "0 samples"),
    "not a number": (_nan, "sample 15000"),
    "too slow": (lambda path: soundfile.write(path, np.zeros(9), 4000), "8 to 192 kHz"),
}


@pytest.fixture(params=BAD_SOUNDS)
def bad_sound(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """Return a file that is no usable sound, and a word that the complaint must have."""
    make, words = BAD_SOUNDS[request.param]
    path = tmp_path / "bad.wav"
    make(path)
    return path, words


CONTENT = np.random.default_rng(0).bytes(300_000)
"""What the server on this machine sends where a test says nothing else."""


@dataclass
class Server:
    """What the server on this machine sends, and what it was asked for."""

    url: str = ""
    content: bytes = CONTENT
    status: int = 200
    breaks_after: list[int] = field(default_factory=list)
    """Bytes of each answer after which the connection is cut; then none is."""
    knows_ranges: bool = True
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            told.ranges.append(wanted)
            start = int(re.findall(r"bytes=(\d+)-", wanted)[0]) if wanted else 0
            start = start if told.knows_ranges else 0
            body = told.content[start:] if told.status == 200 else b"no"
            self.send_response(206 if start else told.status)
            self.send_header("Content-Length", str(len(body)))
            if start:
                size = len(told.content)
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.end_headers()
            if told.breaks_after:
                body = body[: told.breaks_after.pop(0)]
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    told.url = f"http://127.0.0.1:{http.server_address[1]}/yamnet.h5"
    yield told
    http.shutdown()
    http.server_close()
