"""Performance logs: what is written is what is played again; what is wrong is refused in a line.

`tests/realtime/test_replay.py` has whole performances, with processes and real JACK.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest
import soundfile

from innerear.cli import main
from innerear.engine.dreaming.dream import Dream
from innerear.engine.errors import InnerearError
from innerear.engine.ipc.inference_channel import ChannelShape, InferenceChannel
from innerear.engine.ipc.remote_source import RemoteSource
from innerear.engine.ipc.shared_state import SoundMemory
from innerear.engine.live.audio_callback import AudioCallback
from innerear.engine.parameter_values import ParameterSet, Snapshot, structural_values
from innerear.engine.parameterisations import Form
from innerear.engine.plugin.crossfader import Crossfader
from innerear.engine.plugin.processor import Processor
from innerear.engine.replay.events import EVENTS_FILE, PART_FILE, VERSION
from innerear.engine.replay.logging_processor import LoggingProcessor
from innerear.engine.replay.performance_log import PerformanceLog
from innerear.engine.replay.replay import replay

RATE, BLOCK, N_FFT, BLOCKS = 16_000, 128, 1024, 250


FORMS: tuple[Form, ...] = get_args(Form)


def perform(
    folder: Path,
    model: str,
    work: Path,
    before_block: Callable[[int, Processor], None] = lambda block, processor: None,
) -> np.ndarray:
    """Log a performance whose dreams are drawn by chance; return what was heard.

    The network's side of the shared memory is written here, from the same thread, so that no
    process is needed; the memory, the processor and the log are the real ones.
    """
    chance = np.random.default_rng(0)
    shape = ChannelShape(
        "toy", 16_000, 1600, {"output": 3}, ["a", "b", "c"], RATE, N_FFT, 1000, 400
    )
    memory = SoundMemory(work / "sound", 2, RATE, create=True)
    log = PerformanceLog(folder)
    part = log.begin(memory)
    links: list[InferenceChannel] = []

    def processor(parameters: ParameterSet) -> LoggingProcessor:
        structural = structural_values(parameters)
        logged = part.new_processor()

        def make(*_: Any) -> RemoteSource:
            links.append(InferenceChannel(work / f"link-{len(links)}", shape, create=True))
            worker: Any = SimpleNamespace(wake=lambda: None, close=lambda: None)
            source = RemoteSource(worker, links[-1])
            logged.add_source(source)
            # Somebody turns a knob while the network loads, between the values of `prepare` and
            # those of its `reset`.
            parameters.set("mix", chance.uniform(0.8, 0.9))
            return source

        made = LoggingProcessor(logged, parameters=parameters, pinned=structural, source=make)
        made.prepare(RATE, BLOCK, 2)
        return made

    parameters = ParameterSet(model=model, feedback=0.5, target="Middle tone")
    callback = AudioCallback()
    callback.memory = memory
    callback.crossfader = crossfader = Crossfader(processor(parameters), part)
    heard = []
    for block in range(BLOCKS):
        if block % 7 == 3:
            for link in links:
                spectrum = chance.uniform(0, 1, N_FFT // 2 + 1).astype(np.float32)
                form = FORMS[int(chance.integers(len(FORMS)))]
                odd = (("b", 0.5), ("b\udce9lls.wav", np.inf))[block % 14 == 3]
                link.publish(Dream(spectrum, link.feed.end, *odd, form=form))
                link.tape.write(chance.uniform(-0.1, 0.1, (1, 7 * BLOCK)).astype(np.float32))
        if block % 10 == 0:
            parameters.set("step", chance.uniform(0.2, 2.0))
        if block == 60:
            crossfader.clear()
        if block == 80:
            crossfader.align_beat(3.25)
            parameters.set("beat", "1/16")
        if block == 120:
            parameters.set("alignment", "aligned")
            crossfader.swap(processor(parameters))
        before_block(block, crossfader.processor)
        size = BLOCK if block < 200 else 64
        heard.append(callback.process(chance.uniform(-0.5, 0.5, (2, size)).astype(np.float32)))
    log.close()
    return np.concatenate(heard, axis=1)


@pytest.fixture(scope="module")
def performance(
    toy_pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, np.ndarray]:
    folder = tmp_path_factory.mktemp("performance")
    return folder / "log", perform(folder / "log", str(toy_pack), folder)


@pytest.fixture
def log(performance: tuple[Path, np.ndarray], tmp_path: Path) -> Path:
    """Return a copy of the log, to be spoilt."""
    shutil.copytree(performance[0], tmp_path / "log")
    return tmp_path / "log"


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (log / "part-001" / EVENTS_FILE).read_text().splitlines()]


def write_events(log: Path, changed: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(event) + "\n" for event in changed)
    (log / "part-001" / EVENTS_FILE).write_text(text)


@pytest.mark.parametrize("version", range(2, VERSION))
def test_a_log_of_every_version_before_is_read(log: Path, version: int, tmp_path: Path) -> None:
    file = log / "part-001" / PART_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), "version": version}))
    replay(log, tmp_path / "again.wav")
    assert np.abs(read(tmp_path / "again.wav")).max() > 0.1


def test_a_replay_is_the_performance_bit_for_bit(
    performance: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    folder, heard = performance
    done = replay(folder, tmp_path / "again.wav", report=tmp_path / "report.json")
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), heard)
    assert (done["samples"], done["swaps"], done["exact"]) == (heard.shape[1], 1, True)
    assert done["changes"] > 20
    assert json.loads((tmp_path / "report.json").read_text()) == done


def test_values_that_are_read_between_blocks_change_nothing(
    performance: tuple[Path, np.ndarray], toy_pack: Path, tmp_path: Path
) -> None:
    def read_values(block: int, processor: Processor) -> None:
        if block % 3 == 1:
            processor.parameters.as_dict()
            Snapshot(processor.parameters)

    heard = perform(tmp_path / "log", str(toy_pack), tmp_path, read_values)
    np.testing.assert_array_equal(heard, performance[1])
    replay(tmp_path / "log", tmp_path / "again.wav")
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), heard)


def test_a_reset_between_blocks_is_replayed(
    performance: tuple[Path, np.ndarray], toy_pack: Path, tmp_path: Path
) -> None:
    def reset(block: int, processor: Processor) -> None:
        if block in (50, 51, 110):
            processor.reset()

    heard = perform(tmp_path / "log", str(toy_pack), tmp_path, reset)
    assert not np.array_equal(heard, performance[1])
    replay(tmp_path / "log", tmp_path / "again.wav")
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), heard)


def test_a_parameter_that_a_log_does_not_know_has_its_default(
    performance: tuple[Path, np.ndarray], log: Path, tmp_path: Path
) -> None:
    found = events(log)
    for event in found:
        for values in (event.get("values", {}), event.get("structural", {})):
            for id in ("colour", "lookahead_ms"):  # never set in this performance
                values.pop(id, None)
    write_events(log, found)
    replay(log, tmp_path / "again.wav")
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), performance[1])


@pytest.mark.parametrize("kind", ["state", "values", "cue", "swap"])
def test_every_kind_of_event_matters(
    performance: tuple[Path, np.ndarray], log: Path, tmp_path: Path, kind: str
) -> None:
    """Without any of them the replay is another one, so the test above cannot pass by chance."""
    found = events(log)
    at = [
        number
        for number, event in enumerate(found)
        if event["event"] == kind and event.get("call") != 0  # not those of preparing
    ]
    # The last swap; the clear, which is the first cue; of the others some in the middle.
    left_out = {"swap": at[-1:], "cue": at[:1]}.get(kind, at[10:14])
    write_events(log, [event for number, event in enumerate(found) if number not in left_out])
    replay(log, tmp_path / "again.wav")
    assert not np.array_equal(read(tmp_path / "again.wav"), performance[1])


def test_what_was_being_written_when_all_was_killed_is_passed_over(
    performance: tuple[Path, np.ndarray], log: Path, tmp_path: Path
) -> None:
    path = log / "part-001" / EVENTS_FILE
    path.write_bytes(path.read_bytes() + b'{"event": "state", "sour')
    replay(log, tmp_path / "again.wav")
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), performance[1])


def test_with_other_settings_dreams_are_computed_anew(
    performance: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    folder, heard = performance
    for name in ("one.wav", "two.wav"):
        done = replay(folder, tmp_path / name, settings={"step": 2.0, "feedback": 0.0})
    assert not done["exact"]
    assert done["settings"] == {"step": 2.0, "feedback": 0.0}
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()
    found = read(tmp_path / "one.wav")
    assert found.shape == heard.shape
    assert not np.array_equal(found, heard)


def test_dreams_of_a_sidechain_are_replayed_but_not_computed_anew(
    toy_pack: Path, tmp_path: Path
) -> None:
    def aim(block: int, processor: Processor) -> None:
        if block == 50:
            processor.parameters.set("target", "sound*0.5 + Middle tone")

    log = tmp_path / "log"
    heard = perform(log, str(toy_pack), tmp_path, aim)
    assert replay(log, tmp_path / "again.wav")["exact"]
    np.testing.assert_array_equal(read(tmp_path / "again.wav"), heard)
    with pytest.raises(InnerearError, match="whose sound the log does not hold") as caught:
        replay(log, tmp_path / "other.wav", settings={"step": 0.5})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "other.wav").exists()
    done = replay(log, tmp_path / "other.wav", settings={"target_sound": tmp_path / "again.wav"})
    assert done["dreams"] > 0
    replay(log, tmp_path / "other.wav", settings={"target": "Low tone"})


def test_with_nothing_dreamed_the_dry_sound_is_left(
    performance: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    replay(performance[0], tmp_path / "dry.wav", settings={"mix": 0.0, "alignment": "echo"})
    dry = read(performance[0] / "part-001" / "input.wav")
    np.testing.assert_array_equal(read(tmp_path / "dry.wav"), dry)


def spoil(kind: str, **changes: Any) -> Callable[[Path], None]:
    """Return what changes the first event of a kind."""

    def change(log: Path) -> None:
        found = events(log)
        event = next(event for event in found if event["event"] == kind)
        event |= changes
        write_events(log, found)

    return change


def spoil_all(kind: str, **changes: Any) -> Callable[[Path], None]:
    """Return what changes all events of a kind."""

    def change(log: Path) -> None:
        found = [event | (changes if event["event"] == kind else {}) for event in events(log)]
        write_events(log, found)

    return change


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Return what changes a file of the part."""

    def work(log: Path) -> None:
        path = log / "part-001" / name
        path.write_bytes(change(path.read_bytes()))

    return work


def link_out(log: Path) -> None:
    """Let a file of the log be a link to one elsewhere."""
    path = log / "part-001" / "dreams-0.f32"
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda log: shutil.rmtree(log / "part-001"), "is no performance log"),
        (rewrite(PART_FILE, lambda text: text.replace(b'"version": 6', b'"version": 7')), "7"),
        (rewrite(PART_FILE, lambda text: text[:20]), "is no JSON"),
        (rewrite(PART_FILE, lambda text: text.replace(b"16000", b"1")), "sample_rate"),
        (rewrite(EVENTS_FILE, lambda text: b"[" * 100_000 + b"\n"), "JSON"),
        (rewrite(EVENTS_FILE, lambda text: b"x" * 300_000), "too long"),
        (rewrite(EVENTS_FILE, lambda text: b""), "nothing was played"),
        (rewrite("input.wav", lambda data: data[:4000]), "input.wav"),
        (rewrite("dreams-0.f32", lambda data: data[:100]), "dreams-0.f32 is too short"),
        (lambda log: (log / "part-001" / "tape-1-0.f32").unlink(), "tape-1-0.f32 is missing"),
        (link_out, "dreams-0.f32 is missing"),
        (spoil("state", feed=-1), "feed"),
        (spoil("state", dream=99_999), "there is no dream 99999"),
        (spoil("state", connection="../../etc"), "connection"),
        (spoil("state", source=50), "there is no source 50"),
        (spoil("source", tape_lag=10**12), "tape_lag"),
        (spoil("prepared", processor=5), "numbered in order"),
        (spoil("prepared", structural={"n_fft": 2**30}), "n_fft cannot be"),
        (spoil("prepared", structural={"step": 1.0}), "structural cannot have step"),
        (spoil("values", values={"step": 9.0}), "step"),
        (spoil("values", moment="block"), "the values of processor 0 are missing"),
        (spoil("values", moment="now"), "moment"),
        (spoil("blocks", samples=10**9), "samples"),
        (spoil("swap", block=3), "its beginning is missing"),
        (spoil("cue", event="shell"), "line"),
        (spoil_all("written", blocks=2**53 - 1), "its blocks are not as long as its sound"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(
    log: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    change: Callable[[Path], None],
    said: str,
) -> None:
    change(log)
    assert main(["replay", str(log), str(tmp_path / "out.wav")]) == 2
    error = capfd.readouterr().err
    assert error.startswith("innerear: error: ")
    assert error.count("\n") == 1
    assert said in error
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [("step=9", "step"), ("mood=blue", "mood"), ("step", "id=value"), ("target=Bras", "Bras")],
)
def test_settings_that_cannot_be_are_said_in_one_line(
    performance: tuple[Path, np.ndarray],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    settings: str,
    said: str,
) -> None:
    command = ["replay", str(performance[0]), str(tmp_path / "out.wav"), "--set", settings]
    assert main(command) == 2
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert not (tmp_path / "out.wav").exists()


def test_a_part_that_is_not_there_is_named(
    performance: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    with pytest.raises(InnerearError, match="has no part 2: it has 1"):
        replay(performance[0], tmp_path / "out.wav", part=2)


def test_the_command_says_what_it_did(
    performance: tuple[Path, np.ndarray], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(performance[0]), str(tmp_path / "out.wav")]) == 0
    first, second = capfd.readouterr().out.splitlines()
    assert first.endswith("s at 16000 Hz, as it was played")
    assert "1 of the model or the window" in second
