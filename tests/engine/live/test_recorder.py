"""Recording from shared memory: whole at every moment, never over something, honest about gaps."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.errors import AudioFileError, DeviceError
from innerear.engine.io.crash_safe_writer import open_growing
from innerear.engine.ipc.shared_state import SoundMemory
from innerear.engine.live import recorder as module
from innerear.engine.live.recorder import Recorder, default_recording

RATE = 8000


@pytest.fixture
def memory(tmp_path: Path) -> SoundMemory:
    return SoundMemory(tmp_path / "sound", 2, RATE, create=True)


def sound(samples: int, seed: int = 0) -> np.ndarray:
    """Return noise of 24 bits, so that both formats keep it exactly."""
    steps = np.random.default_rng(seed).integers(-(2**23), 2**23, (2, samples))
    return (steps / 2**23).astype(np.float32)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_what_is_played_meanwhile_is_in_the_files(
    memory: SoundMemory, tmp_path: Path, suffix: str
) -> None:
    before, during, dry = sound(700), sound(3 * RATE, 1), sound(3 * RATE, 2)
    memory.input.write(before)
    memory.output.write(before)
    recorder = Recorder(lambda: memory, tmp_path / f"out{suffix}", with_input=True)
    for at in range(0, during.shape[1], 1000):
        memory.input.write(dry[:, at : at + 1000])
        memory.output.write(during[:, at : at + 1000])
        time.sleep(0.01)
    done = recorder.stop()
    assert (done.seconds, done.problem, done.active) == (3.0, "", False)
    np.testing.assert_array_equal(read(done.path), during)
    assert done.input_path == tmp_path / f"out-input{suffix}"
    np.testing.assert_array_equal(read(done.input_path), dry)
    assert soundfile.info(done.path).subtype == ("PCM_24" if suffix == ".flac" else "FLOAT")


def test_nothing_is_written_over(memory: SoundMemory, tmp_path: Path) -> None:
    for name in ("out.flac", "other-input.flac"):
        (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(AudioFileError, match="there already"):
        Recorder(lambda: memory, tmp_path / "out.flac")
    with pytest.raises(AudioFileError, match=r"other-input\.flac is there already"):
        Recorder(lambda: memory, tmp_path / "other.flac", with_input=True)
    assert not (tmp_path / "other.flac").exists()
    assert (tmp_path / "out.flac").read_bytes() == b"mine"


def test_what_cannot_be_recorded_is_said(memory: SoundMemory, tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"\.flac or \.wav"):
        Recorder(lambda: memory, tmp_path / "out.mp3")
    with pytest.raises(AudioFileError, match="does not exist"):
        Recorder(lambda: memory, tmp_path / "no" / "out.flac")
    with pytest.raises(DeviceError, match="Nothing plays"):
        Recorder(lambda: None, tmp_path / "out.flac")
    assert [path.name for path in tmp_path.iterdir()] == ["sound"]


def test_what_came_too_fast_is_silence_and_said(
    memory: SoundMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder sleeps while 12 s pass through the memory, which holds 8."""
    monkeypatch.setattr(module, "POLL_SECONDS", 60.0)
    recorder = Recorder(lambda: memory, tmp_path / "out.wav")
    played = sound(12 * RATE)
    for at in range(0, played.shape[1], RATE):
        memory.input.write(played[:, at : at + RATE])
        memory.output.write(played[:, at : at + RATE])
    done = recorder.stop()
    found = read(done.path)
    lost = round(done.lost_seconds * RATE)
    assert 4 * RATE <= lost <= 6 * RATE
    assert "could not be recorded in time" in done.problem
    assert not found[:, :lost].any()
    np.testing.assert_array_equal(found[:, lost:], played[:, lost:])


def test_it_goes_on_when_the_audio_server_is_started_again(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    memories = [SoundMemory(path, 2, RATE, create=True)]
    recorder = Recorder(lambda: memories[-1], tmp_path / "out.wav")
    parts = sound(RATE), sound(RATE, 1)
    for part in parts:
        memories[-1].input.write(part)
        memories[-1].output.write(part)
        written = sum(p.shape[1] for p in parts[: len(memories)]) / RATE
        wait_for(lambda written=written: recorder.status.seconds == written)
        path.unlink()
        memories.append(SoundMemory(path, 2, RATE, create=True))
    done = recorder.stop()
    np.testing.assert_array_equal(read(done.path), np.concatenate(parts, axis=1))


@pytest.mark.parametrize("with_input", [False, True])
def test_at_another_rate_it_goes_on_in_a_new_part(tmp_path: Path, with_input: bool) -> None:
    path = tmp_path / "sound"
    memories = [SoundMemory(path, 2, RATE, create=True)]
    (tmp_path / "out-2.flac").write_bytes(b"mine")
    recorder = Recorder(lambda: memories[-1], tmp_path / "out.flac", with_input)
    parts, files = (sound(RATE), sound(2 * RATE, 1)), []
    for number, part in enumerate(parts):
        memories[-1].input.write(part)
        memories[-1].output.write(part)
        wait_for(lambda seconds=number + 1: recorder.status.seconds == seconds)
        files.append((recorder.status.path, recorder.status.input_path))
        path.unlink()
        memories.append(SoundMemory(path, 2, 2 * RATE, create=True))
    done = recorder.stop()
    assert (done.seconds, done.problem, done.part) == (2.0, "", 3)
    assert [path.name for path, _ in files] == ["out.flac", "out-3.flac"]
    for part, beside in zip(parts, files, strict=True):
        for file in beside[: 1 + with_input]:
            np.testing.assert_array_equal(read(file), part)
    assert (tmp_path / "out-2.flac").read_bytes() == b"mine"
    assert soundfile.info(files[1][0]).samplerate == 2 * RATE


def test_a_new_part_that_cannot_be_made_ends_the_recording(tmp_path: Path) -> None:
    path, music = tmp_path / "sound", tmp_path / "music"
    music.mkdir()
    memories = [SoundMemory(path, 2, RATE, create=True)]
    recorder = Recorder(lambda: memories[-1], music / "out.wav")
    (music / "out.wav").unlink()
    music.rmdir()
    path.unlink()
    memories.append(SoundMemory(path, 2, 2 * RATE, create=True))
    wait_for(lambda: not recorder.status.active)
    assert "The recording stopped: " in recorder.stop().problem


GROW = """
import sys, time
import numpy as np
from pathlib import Path
from innerear.engine.io.crash_safe_writer import open_growing
sound = np.load(sys.argv[2])
file = open_growing(Path(sys.argv[1]), 8000, 2)
for at in range(0, sound.shape[1], 800):
    file.write(sound[:, at : at + 800])
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_a_killed_program_leaves_a_whole_file(tmp_path: Path, suffix: str) -> None:
    path, given = tmp_path / f"out{suffix}", sound(10 * RATE)
    np.save(tmp_path / "sound.npy", given)
    command = [sys.executable, "-c", GROW, str(path), str(tmp_path / "sound.npy")]
    program = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stdout.readline() == b"written\n"
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    program.stdout.close()
    found = read(path)
    # FLAC holds its last frame of 4096 samples back: at 48 kHz less than a tenth of a second.
    missing = given.shape[1] - found.shape[1]
    assert missing == 0 if suffix == ".wav" else 0 < missing <= 4096
    np.testing.assert_array_equal(found, given[:, : found.shape[1]])


FILL = """
import resource, sys
import numpy as np
from pathlib import Path
from innerear.engine.errors import AudioFileError
from innerear.engine.io.crash_safe_writer import open_growing
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
sound = np.load(sys.argv[2])
file = open_growing(Path(sys.argv[1]), 8000, 2)
try:
    for at in range(0, sound.shape[1], 800):
        file.write(sound[:, at : at + 800])
except AudioFileError as problem:
    print(problem)
file.close()
"""


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_a_full_disk_leaves_a_whole_file(tmp_path: Path, suffix: str) -> None:
    """A limit on the size of files stands in for the disk: both fail in the same call."""
    path, given = tmp_path / f"out{suffix}", sound(10 * RATE)
    np.save(tmp_path / "sound.npy", given)
    command = [sys.executable, "-c", FILL, str(path), str(tmp_path / "sound.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the disk is full" in done.stdout
    found = read(path)
    assert found.shape[1] > 20_000
    np.testing.assert_array_equal(found, given[:, : found.shape[1]])


def test_flac_counts_its_samples_while_it_grows(tmp_path: Path) -> None:
    path, given = tmp_path / "out.flac", sound(20_000)
    file = open_growing(path, RATE, 2)
    for at in range(0, given.shape[1], 777):
        file.write(given[:, at : at + 777])
        counted = soundfile.info(path).frames
        written = min(at + 777, given.shape[1])
        if counted < 2**62:  # no frame is there yet
            assert written - 4097 <= counted < written
            np.testing.assert_array_equal(read(path), given[:, :counted])
    file.close()
    np.testing.assert_array_equal(read(path), given)


def test_the_default_name_is_free(tmp_path: Path) -> None:
    first = default_recording(tmp_path)
    first.touch()
    assert default_recording(tmp_path) != first
    assert first.suffix == ".flac"
