"""`innerear live` from end to end: a second client plays into it and records what comes out."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.cli.shared.schemas import LiveReport

from ..thinning import thinned
from .conftest import LOOP_SAMPLES, PERIOD, RATE, JackServer, Probe, running, start_server

COMMAND = [sys.executable, "-m", "innerear.cli"]


def started(log: Path, seconds: float = 60) -> int:
    """Wait until the program says that it plays; return the latency that it declares."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        text = log.read_text()
        if "Ctrl-C ends" in text:
            return int(text.partition("latency ")[2].partition(" samples")[0])
        time.sleep(0.05)
    raise AssertionError(f"live did not start:\n{log.read_text()}")


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (2, samples)).astype(np.float32)


# Each alignment, and the shortest and longest windows.
PLAYED = (
    ("live", 1024), ("zero-latency", 1024), ("echo", 1024), ("aligned", 512),
    ("live", 256), ("live", 4096), ("aligned", 4096),
)  # fmt: skip


@pytest.mark.parametrize(("alignment", "n_fft"), thinned(PLAYED, [PLAYED[1], PLAYED[3]]))
def test_mix_0_delays_by_the_latency_and_changes_nothing(
    jack_server: JackServer,
    probe: Probe,
    toy_pack: Path,
    tmp_path: Path,
    alignment: str,
    n_fft: int,
) -> None:
    window = ["--alignment", alignment, "--n-fft", str(n_fft)]
    options = ["live", "--model", str(toy_pack), "--mix", "0", *window]
    log = tmp_path / "log"
    sound = noise(4 * RATE)
    with running([*COMMAND, *options], jack_server, log):
        latency = started(log)
        probe.connect()
        recorded = probe.play_and_record(sound)
    delay = latency + LOOP_SAMPLES
    np.testing.assert_array_equal(recorded[:, delay:], sound[:, :-delay])


def test_the_dream_is_heard(
    jack_server: JackServer, probe: Probe, toy_pack: Path, tmp_path: Path
) -> None:
    """A tone that nobody plays is dreamed into noise, by a network that hears tones."""
    options = ["live", "--model", str(toy_pack), "--target", "Middle tone", "--colour", "0"]
    log = tmp_path / "log"
    sound = 0.2 * noise(6 * RATE)
    with running([*COMMAND, *options], jack_server, log):
        started(log)
        probe.connect()
        # In step with the clock, so that the worker has the time that it has on a stage.
        recorded = probe.play_and_record(sound, freewheel=False)
    # By level in a band, so that a period lost on a busy machine does not matter.
    # The whole stays as loud as it was: the tone rises by as much as the rest can fall.
    wanted, other = (tone_level(recorded, hz) / tone_level(sound, hz) for hz in (1000, 3000))
    assert wanted > 1.3
    assert other < 0.8 * wanted


def tone_level(sound: np.ndarray, hertz: float) -> float:
    """Return the level in the 100 Hz around a frequency, over the last half of a sound."""
    half = sound[0, sound.shape[1] // 2 :]
    frequencies = np.fft.rfftfreq(len(half), 1 / RATE)
    spectrum = np.abs(np.fft.rfft(half * np.hanning(len(half))))
    return float(np.sqrt(np.sum(spectrum[np.abs(frequencies - hertz) < 50] ** 2)))


def test_json_at_the_end_says_how_it_went(jack_server: JackServer, toy_pack: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "live", "--model", str(toy_pack), "--seconds", "1", "--json"],
        env=jack_server.environment,
        input="step 0.5\nstep 9\nmood blue\nmix\nn_fft 512\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    LiveReport.model_validate(report, strict=True)
    assert (report["sample_rate"], report["block_size"]) == (RATE, PERIOD)
    assert report["parameters"]["step"] == 0.5
    introduction, headphones, *said = done.stderr.splitlines()
    assert introduction.startswith("system -> toy-tones -> system: 48000 Hz, blocks of 128, ")
    assert "use headphones" in headphones
    assert said[0] == "step is 0.5"
    assert "0 to 2" in said[1]
    assert "There is no parameter 'mood'" in said[2]
    assert said[3].startswith("mix is 1.0: ")
    assert said[4] == "n_fft is 512"


def test_six_channels_stay_apart(
    require: Callable[..., None], toy_pack: Path, tmp_path: Path
) -> None:
    require("jackd", "libjack", "portaudio")
    channels = 6
    with start_server(f"innerear-six-{os.getpid()}", tmp_path / "jack.log", channels) as server:
        probe = Probe(server, channels)
        options = ["live", "--model", str(toy_pack), "--mix", "0", "--channels", str(channels)]
        with running([*COMMAND, *options], server, tmp_path / "log"):
            latency = started(tmp_path / "log")
            probe.connect()
            sound = np.random.default_rng(0).uniform(-0.5, 0.5, (channels, 2 * RATE))
            recorded = probe.play_and_record(sound.astype(np.float32))
        probe.close()
    delay = latency + LOOP_SAMPLES
    np.testing.assert_array_equal(recorded[:, delay:], sound.astype(np.float32)[:, :-delay])


def test_devices_lists_the_server(jack_server: JackServer) -> None:
    done = subprocess.run(
        [*COMMAND, "devices", "--json"],
        env=jack_server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (device,) = json.loads(done.stdout)["devices"]
    assert (device["name"], device["host_api"]) == ("system", "JACK Audio Connection Kit")
    assert (device["inputs"], device["outputs"]) == (2, 2)


REFUSED = [
    (["--input", "sytem"], "Did you mean system?"),
    (["--rate", "22050"], "22050 Hz"),
    (["--target", "Low tome"], "Did you mean Low tone"),
    (["--channels", "3"], "--channels"),
    (["--no-connect", "--input", "system"], "--no-connect"),
    (["--file", "x.wav", "--input", "system"], "leave --input and --channels out"),
    (["--osc-host", "0.0.0.0"], "give its port with --osc"),
    (["--morph", "0.5"], "name that with --morph-to"),
]


@pytest.mark.parametrize(("options", "words"), thinned(REFUSED, REFUSED[:1]))
def test_what_cannot_play_is_one_line(
    jack_server: JackServer, toy_pack: Path, options: list[str], words: str
) -> None:
    done = subprocess.run(
        [*COMMAND, "live", "--model", str(toy_pack), *options],
        env=jack_server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("innerear: error: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def test_without_a_server_there_is_no_device(require: Callable[..., None], toy_pack: Path) -> None:
    require("portaudio")
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}

    def innerear(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    listed = innerear("devices", "--json")
    if json.loads(listed.stdout)["devices"]:
        pytest.skip("this machine has a sound card")
    assert innerear("devices").stdout.startswith("No sound device was found. Start a JACK")
    live = innerear("live", "--model", str(toy_pack))
    assert live.returncode == 2
    assert live.stderr.startswith("innerear: error: No sound input was found.")
    assert live.stderr.count("\n") == 1


def test_without_portaudio_the_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    done = subprocess.run(
        [*COMMAND, "devices"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "apt install libportaudio2" in done.stderr
    assert done.stderr.count("\n") == 1
