"""`innerear render` keeps what it must, repeats itself to the byte, and refuses in one line."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.io.audio_files import read_sound
from innerear.engine.parameter import Parameter
from innerear.engine.parameters import PARAMETERS

from .conftest import Run

Refused = Callable[..., str]
NUMBERS = [parameter for parameter in PARAMETERS.values() if parameter.kind == "number"]


def noise(path: Path, samples: int, sample_rate: int, channels: int, subtype: str) -> Path:
    uniform = np.random.default_rng(0).uniform(-0.5, 0.5, (samples, channels))
    soundfile.write(path, uniform, sample_rate, subtype)
    return path


@pytest.mark.parametrize(
    ("suffix", "subtype"), [(".wav", "PCM_16"), (".flac", "PCM_24"), (".ogg", "VORBIS")]
)
@pytest.mark.parametrize(
    ("sample_rate", "channels", "samples"),
    [(8_000, 1, 1), (22_050, 2, 999), (48_000, 2, 24_001), (192_000, 1, 100_000)],
)
def test_length_channels_and_rate_stay(
    run: Run,
    toy_pack: Path,
    tmp_path: Path,
    suffix: str,
    subtype: str,
    sample_rate: int,
    channels: int,
    samples: int,
) -> None:
    source = noise(tmp_path / f"in{suffix}", samples, sample_rate, channels, subtype)
    outcome = run("render", source, tmp_path / f"out{suffix}", "--model", toy_pack)
    assert (outcome.status, outcome.err) == (0, "")
    dreamed, rate = read_sound(tmp_path / f"out{suffix}")
    assert dreamed.shape == (channels, samples)
    assert rate == sample_rate


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_twice_the_same_gives_the_same_bytes(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path, suffix: str
) -> None:
    for name in "ab":
        out = tmp_path / f"{name}{suffix}"
        outcome = run("render", tone, out, "--model", toy_pack, "--target", "Middle tone")
        assert outcome.status == 0
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("alignment", ["live", "echo", "aligned"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_mix_0_is_the_input_bit_for_bit(
    run: Run, toy_pack: Path, tmp_path: Path, alignment: str, subtype: str
) -> None:
    source = noise(tmp_path / "in.wav", 30_001, 44_100, 2, subtype)
    options = ("--model", toy_pack, "--mix", "0", "--alignment", alignment)
    assert run("render", source, tmp_path / "out.wav", *options).status == 0
    np.testing.assert_array_equal(read_sound(tmp_path / "out.wav")[0], read_sound(source)[0])
    if subtype != "FLOAT":
        assert run("render", source, tmp_path / "out.flac", *options).status == 0
        np.testing.assert_array_equal(read_sound(tmp_path / "out.flac")[0], read_sound(source)[0])


def test_the_dream_is_heard(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    outcome = run("render", tone, tmp_path / "out.wav", "--model", toy_pack, "--step", "1.5")
    assert outcome.status == 0
    assert f"wrote {tmp_path / 'out.wav'}: 2.00 s at 16000 Hz" in outcome.out
    change = read_sound(tmp_path / "out.wav")[0] - read_sound(tone)[0]
    assert np.sqrt(np.mean(change**2)) > 0.01


def test_the_report_says_what_was_done(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    options = ("--report", tmp_path / "report.json", "--json", "--block", 480, "--seed", 7)
    outcome = run(
        "render", tone, tmp_path / "out.wav", "--model", toy_pack, *options, "--step", "0.25"
    )
    assert (outcome.status, outcome.err) == (0, "")
    report = json.loads(outcome.out)
    assert report == json.loads((tmp_path / "report.json").read_text())
    assert (report["samples"], report["sample_rate"], report["channels"]) == (32_000, 16_000, 2)
    assert (report["block_size"], report["seed"], report["nan_resets"]) == (480, 7, 0)
    assert report["parameters"]["step"] == 0.25
    assert set(report["parameters"]) == set(PARAMETERS)
    assert report["dreams"]["count"] > 0
    assert set(report["block_ms"]) == {"p50", "p99", "p999", "max"}
    assert {"latency_samples", "peak_dbfs", "budget_ratio_p999", "realtime_factor"} <= set(report)


def test_settings_that_leave_the_sound_as_it_is_are_told(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    combined = ("--combine", "mask", "--parameterisation", "filter", "--json")
    outcome = run("render", tone, tmp_path / "out.wav", "--model", toy_pack, *combined)
    assert outcome.status == 0
    assert "mask" in json.loads(outcome.out)["problem"]
    outcome = run("render", tone, tmp_path / "two.wav", "--model", toy_pack, *combined[:-1])
    assert outcome.err.startswith("innerear: ")
    assert "mask" in outcome.err


def test_a_bad_sound_is_one_line_and_nothing_is_written(
    refused: Refused, toy_pack: Path, bad_sound: tuple[Path, str], tmp_path: Path
) -> None:
    path, words = bad_sound
    report = tmp_path / "report.json"
    message = refused("render", path, tmp_path / "out.wav", "--model", toy_pack, "--report", report)
    assert words in message
    assert str(path) in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--layer", "tnes"), "Did you mean tones?"),
        (("--target", "Low tome"), "Did you mean Low tone"),
        (("--target", "99"), "99"),
        (("--model", "no-such-model"), "There is no model 'no-such-model'"),
        (("--combine", "gat"), "Did you mean gate"),
        (("--drive", "gradent"), "Did you mean gradient"),
        (("--alignment", "aligne"), "Did you mean aligned"),
        (("--n-fft", "1000"), "1000"),
        (("--target", "sound"), "needs a target sound"),
        (("--target-sound", "nowhere.wav"), "nowhere.wav: there is no such file"),
        (("--step", "much"), "0 to 2"),
        (("--step", "nan"), "0 to 2"),
        (("--thresold-db", "-40"), "Did you mean --threshold-db"),
        (("--block", "0"), "--block"),
        (("--block", "many"), "--block"),
        (("--report", "nowhere/report.json"), "does not exist"),
    ],
)
def test_an_unknown_name_or_value_is_one_line(
    refused: Refused,
    toy_pack: Path,
    tone: Path,
    tmp_path: Path,
    options: tuple[str, str],
    words: str,
) -> None:
    given = options if options[0] == "--model" else ("--model", toy_pack, *options)
    assert words in refused("render", tone, tmp_path / "out.wav", *given)


def test_a_number_may_have_its_unit(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    typed = ("--delay-ms", "250ms", "--range-db", "12 dB", "--mix", "0,5", "--json")
    outcome = run("render", tone, tmp_path / "out.wav", "--model", toy_pack, *typed)
    assert (outcome.status, outcome.err) == (0, "")
    found = json.loads(outcome.out)["parameters"]
    assert (found["delay_ms"], found["range_db"], found["mix"]) == (250.0, 12.0, 0.5)


@pytest.mark.parametrize("parameter", NUMBERS, ids=lambda parameter: parameter.id)
def test_every_number_says_its_range(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, parameter: Parameter
) -> None:
    for value in (parameter.minimum - 1, parameter.maximum + 1):
        options = ("--model", toy_pack, parameter.flag, value)
        message = refused("render", tone, tmp_path / "out.wav", *options)
        assert parameter.range_text in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere/out.wav", "does not exist"),
        ("out.aac", ".wav, .flac, .ogg, .mp3, .aiff or .aif"),
        ("tone.wav/out.wav", "not a folder"),
        (".", "no suffix"),
    ],
)
def test_an_output_that_cannot_be_is_one_line(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, name: str, words: str
) -> None:
    assert words in refused("render", tone, tmp_path / name, "--model", toy_pack)


@pytest.mark.parametrize("command", ["render", "live"])
def test_every_parameter_is_a_flag_with_its_default(run: Run, command: str) -> None:
    text = " ".join(run(command, "--help").out.split())
    for parameter in PARAMETERS.values():
        assert f"{parameter.flag} " in text
        assert " ".join(parameter.meaning.split()) in text
        if parameter.kind == "switch":
            assert f"--no-{parameter.id}" in text
        else:
            default = "none" if parameter.default == "" else parameter.default
            assert f"[default: {default}]" in text


def test_an_existing_output_stays_when_rendering_fails(
    refused: Refused, toy_pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.wav").write_text("the older one")
    sound = np.zeros((20_000, 1), np.float32)
    sound[15_000] = np.nan
    soundfile.write(tmp_path / "in.wav", sound, 16_000, "FLOAT")
    refused("render", tmp_path / "in.wav", tmp_path / "out.wav", "--model", toy_pack)
    assert (tmp_path / "out.wav").read_text() == "the older one"


@pytest.mark.parametrize(("signal_number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_stopped_midway_leaves_nothing_behind(
    toy_pack: Path, tmp_path: Path, signal_number: int, status: int
) -> None:
    source = noise(tmp_path / "in.wav", 300 * 16_000, 16_000, 1, "PCM_16")
    command = [sys.executable, "-m", "innerear.cli", "render", source, tmp_path / "out.wav"]
    # Where the tests themselves run in the background, children would inherit a deaf ear.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen([*command, "--model", toy_pack], stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    while len(list(tmp_path.iterdir())) == 1 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal_number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == [source]


def test_a_target_sound_alone_is_the_target(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    options = ("--model", toy_pack, "--target-sound", tone, "--json")
    outcome = run("render", tone, tmp_path / "out.wav", *options)
    assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(outcome.out)["heard"] == "what tone.wav sounds like"
    outcome = run("render", tone, tmp_path / "other.wav", *options, "--target", "Low tone")
    assert json.loads(outcome.out)["heard"] == "Low tone"


def test_a_target_sound_that_is_none_is_one_line(
    refused: Refused, toy_pack: Path, tone: Path, bad_sound: tuple[Path, str], tmp_path: Path
) -> None:
    path, words = bad_sound
    options = ("--model", toy_pack, "--target-sound", path)
    assert words in refused("render", tone, tmp_path / "out.wav", *options)
