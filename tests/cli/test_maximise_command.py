"""`innerear maximise`, run on a pack whose answers are known."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from .conftest import Run

Refused = Callable[..., str]
STILL = ("--jitter-ms", 0)  # the toy pack's units know the phase


def peak_hz(path: Path) -> float:
    sound, rate = soundfile.read(path)
    return float(np.abs(np.fft.rfft(sound)).argmax() * rate / len(sound))


def test_one_unit(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    out, figure, report = (tmp_path / name for name in ("out.wav", "out.png", "out.json"))
    outcome = run(
        "maximise", toy_pack, "tones", 2, "-o", out, *STILL,
        "--figure", figure, "--report", report,
    )  # fmt: skip
    assert (outcome.status, outcome.err) == (0, "")
    assert peak_hz(out) == 1000
    assert figure.read_bytes().startswith(b"\x89PNG")
    (found,) = json.loads(report.read_text())["found"]
    assert found["at_end"] > 5 * abs(found["at_start"])
    assert found["weights"] == {"tones:2": 1.0}
    assert (found["dead"], found["file"]) == (False, str(out))
    assert str(out) in outcome.out


def test_several_units_get_a_file_each(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    outcome = run("maximise", toy_pack, "output", "all", "-o", tmp_path / "a.wav", *STILL, "--json")
    assert outcome.status == 0, outcome.err
    names = {Path(each["file"]).name: each for each in json.loads(outcome.out)["found"]}
    assert set(names) == {"a-Low-tone.wav", "a-High-tone.wav", "a-Middle-tone.wav"}
    assert peak_hz(tmp_path / "a-High-tone.wav") == 4000


def test_a_class_or_a_mix_needs_no_unit(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    assert run("maximise", toy_pack, "middle", "-o", out, *STILL).status == 0
    assert peak_hz(out) == 1000
    mix = "output:High tone=1,tones:2=-1"
    assert run("maximise", toy_pack, mix, "-o", out, "--force", *STILL).status == 0
    magnitude = np.abs(np.fft.rfft(soundfile.read(out)[0]))
    assert magnitude[400] > 5 * np.median(magnitude)  # 4 kHz


def test_the_same_seed_gives_the_same_bytes(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.wav", "two.wav", "other.wav")]
    for path, seed in zip(paths, (7, 7, 8), strict=True):
        options = ("--steps", 20, "--noise-db", -30, "--gain-db", 6, "--mask-octaves", 0.5)
        assert (
            run("maximise", toy_pack, "tones", 0, "-o", path, "--seed", seed, *options).status == 0
        )
    one, two, other = (path.read_bytes() for path in paths)
    assert one == two
    assert one != other


def test_the_process_in_a_folder_and_a_picture(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    out, folder, picture = tmp_path / "out.wav", tmp_path / "steps", tmp_path / "steps.png"
    for place in (folder, picture):
        options = ("-o", out, "--force", "--steps", 5, *STILL, "--process", place)
        outcome = run("maximise", toy_pack, "tones", 0, *options)
        assert outcome.status == 0, outcome.err
    names = sorted(path.name for path in folder.iterdir())
    middle = [f"{number:04d}.wav" for number in range(1, 5)]
    assert names == ["0000-start.wav", *middle, "0005-end.wav", "process.png"]
    assert (folder / "0005-end.wav").read_bytes() == out.read_bytes()
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tones", "3"), "units 0 to 2, not 3"),
        (("tons", "1"), "Did you mean tones"),
        (("Lw tone",), "There is no class 'Lw tone'. Did you mean Low tone"),
        (("tones",), "Which unit of 'tones'"),
        (("tones:1=x",), "must be a number"),
        (("tones", "1", "--parameterisation", "wavefrm"), "Did you mean waveform"),
        (("tones", "1", "--optimiser", "adm"), "Did you mean adam"),
        (("tones", "1", "--steps", "0"), "--steps"),
        (("tones", "1", "--seed", "-1"), "--seed"),
        (("tones", "0,1", "--process", "steps"), "--process shows one unit, not 2"),
        (("tones", "1", "--figure", "out.bmp"), "ends in .png"),
        (("tones", "1", "--report", "nowhere/r.json"), "nowhere does not exist"),
    ],
)
def test_what_cannot_be(
    refused: Refused, toy_pack: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused("maximise", toy_pack, *arguments, "-o", tmp_path / "out.wav")


def test_where_nothing_can_be_written(refused: Refused, toy_pack: Path, tmp_path: Path) -> None:
    assert "end it in .wav" in refused("maximise", toy_pack, "tones", 1, "-o", tmp_path / "out.aac")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").write_text("mine")
    words = refused(
        "maximise", toy_pack, "tones", 1, "-o", tmp_path / "o.wav", "--process", tmp_path / "full"
    )
    assert "a new folder" in words
