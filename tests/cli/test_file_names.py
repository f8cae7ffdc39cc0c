"""Names of files that are not UTF-8 are read, written, and printed as they are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from innerear.cli.shared.output import to_json
from innerear.engine.ipc.shared_arrays import SharedText

from ..thinning import thinned
from .conftest import Run

NAME = os.fsdecode(b"b\xe9lls")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")


@pytest.fixture
def odd(tone: Path) -> Path:
    """Return a sound whose name is not UTF-8."""
    return tone.rename(tone.with_name(f"{NAME}.wav"))


COMMANDS = ("hear", "hear --figure", "render", "dream --figure")


@pytest.mark.parametrize("command", thinned(COMMANDS, COMMANDS[1:3]))
def test_a_sound_is_read_and_written(
    run: Run, toy_pack: Path, odd: Path, tmp_path: Path, command: str
) -> None:
    word, *options = command.split()
    written = [tmp_path / f"{NAME}-out{suffix}" for suffix in (".flac", ".png")]
    given = [odd] if word == "hear" else [odd, written[0]]
    for option in options:
        given += [option, written[1]]
    outcome = run(word, *given, "--model", toy_pack)
    assert outcome.status == 0, outcome.err
    assert all(path.is_file() for path in given if isinstance(path, Path))


def test_its_name_is_printed_as_it_is(toy_pack: Path, odd: Path, tmp_path: Path) -> None:
    def innerear(*arguments: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "innerear.cli", *arguments],
            env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
            capture_output=True,
            check=False,
        )

    heard = innerear("hear", odd, "--model", toy_pack)
    assert heard.returncode == 0, heard.stderr
    assert b"b\xe9lls.wav: 2.00 s" in heard.stdout
    missing = innerear("hear", tmp_path / f"no-{NAME}.wav")
    assert missing.returncode == 2
    assert b"no-b\xe9lls.wav: there is no such file" in missing.stderr


def test_json_stays_unicode(run: Run, toy_pack: Path, odd: Path, tmp_path: Path) -> None:
    options = ("--model", toy_pack, "--target-sound", odd, "--json")
    outcome = run("render", odd, tmp_path / "out.wav", *options)
    outcome.out.encode("utf-8")
    assert json.loads(outcome.out)["heard"] == f"what {NAME}.wav sounds like"
    assert to_json("née") == '"née"'


def test_it_is_shared_between_processes() -> None:
    memory = np.zeros(8 + 10, np.uint8)
    writer, reader = SharedText(memory), SharedText(memory)
    writer.set(NAME)
    assert reader.get() == NAME
    writer.set("ab" + "ü" * 9)
    assert reader.get() == "ab" + "ü" * 4
