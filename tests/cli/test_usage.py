"""A mistake in calling a command is one line; an error of ours keeps its traceback."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.cli import main
from innerear.cli.app import command
from innerear.cli.shared import errors
from innerear.engine.errors import ModelError
from innerear.engine.python_process import module_command

from .conftest import Run

Refused = Callable[..., str]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rendr"], "There is no command 'rendr'. Did you mean render?"),
        (["hear"], "'IN'"),
        (["hear", "in.wav", "--figur", "f.png"], "Did you mean --figure?"),
        (["hear", "in.wav", "--figure"], "'--figure' requires an argument"),
        (["hear", "in.wav", "more.wav"], "more.wav"),
        (["zzz"], "Valid are demo, "),
        (["models"], "Missing command"),
        (["models", "lst"], "Did you mean list?"),
        (["--hlp"], "Did you mean --help?"),
    ],
)
def test_a_mistyped_command_is_one_line(refused: Refused, arguments: list[str], words: str) -> None:
    assert words in refused(*arguments)


def commands(group: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, child in getattr(group, "commands", {}).items():
        found += commands(child, (*path, name))
    return found


@pytest.mark.parametrize("path", commands(command()), ids=" ".join)
def test_every_command_has_help_with_examples(run: Run, path: tuple[str, ...]) -> None:
    outcome = run(*path, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: {' '.join(('innerear', *path))} ")
    _, _, examples = outcome.out.partition("\nExamples:\n")
    assert examples
    for line in examples.splitlines():
        assert line.startswith("  innerear ")


def test_no_arguments_show_the_help(run: Run) -> None:
    assert run() == run("--help")


def test_the_version(run: Run) -> None:
    assert run("--version").out.startswith("innerear 0.")


def fail_with(problem: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise problem

    monkeypatch.setattr("innerear.engine.io.devices.find_devices", fail)


def test_an_error_of_the_user_is_one_line(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(ModelError("two\nlines."), monkeypatch)
    assert refused("devices") == "innerear: error: two lines.\n"


def test_a_full_disk_is_one_line(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), monkeypatch)
    assert "No space left" in refused("devices")


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.EACCES])
def test_a_name_that_the_system_refuses_is_one_line(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fail_with(OSError(number, os.strerror(number), "sounds/a.wav"), monkeypatch)
    assert f"sounds/a.wav: {os.strerror(number)}" in refused("devices")


@pytest.mark.parametrize(
    "command", [("hear",), ("models", "add"), ("models", "add", "yamnet", "--from")]
)
def test_a_name_that_is_too_long_is_one_line(refused: Refused, command: tuple[str, ...]) -> None:
    assert "a" * 300 in refused(*command, "a" * 300)


def test_an_error_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(ZeroDivisionError("ours"), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        main(["devices"])


def test_an_interrupt_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    outcome = run("devices")
    assert (outcome.status, outcome.err) == (errors.INTERRUPTED, "innerear: interrupted\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_the_end_of_the_process_or_of_its_terminal_unwinds(
    monkeypatch: pytest.MonkeyPatch, ending: signal.Signals
) -> None:
    def ended(*arguments: object) -> None:
        os.kill(os.getpid(), ending)
        time.sleep(60)

    before = signal.getsignal(ending)
    monkeypatch.setattr("innerear.engine.io.devices.find_devices", ended)
    with pytest.raises(SystemExit) as caught:
        main(["devices"])
    assert caught.value.code == 128 + ending
    assert signal.getsignal(ending) == before


def test_the_end_of_the_terminal_is_ignored_where_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*arguments: object) -> list[object]:
        os.kill(os.getpid(), signal.SIGHUP)
        return []

    monkeypatch.setattr("innerear.engine.io.devices.find_devices", end)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        assert run("devices").status == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "innerear.cli", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, **options)


def test_as_a_process() -> None:
    done = process("models", "info", "nothing-like-it")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("innerear: error: There is no model 'nothing-like-it'.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("redirected", "status"),
    [
        ("models list >&-", 0),
        ("models list 2>&-", 0),
        ("--help <&- >&- 2>&-", 0),
        ("nothing 2>&-", 2),
    ],
)
def test_streams_that_the_caller_has_closed_are_no_error(redirected: str, status: int) -> None:
    line = f"{sys.executable} -m innerear.cli {redirected}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, "")


def test_json_is_utf8_and_words_are_printed_whatever_the_terminal_takes(tmp_path: Path) -> None:
    options = {"env": {**os.environ, "PYTHONIOENCODING": "ascii", "XDG_DATA_HOME": str(tmp_path)}}
    saved = process("presets", "save", "grosse", "--title", "Größe ☃", **options)
    assert (saved.returncode, saved.stderr) == (0, "")
    line = [sys.executable, "-m", "innerear.cli", "presets", "show", "grosse", "--json"]
    shown = subprocess.run(line, capture_output=True, check=True, **options)
    assert json.loads(shown.stdout.decode("utf-8"))["title"] == "Größe ☃"
    assert process("presets", "list", **options).returncode == 0


def test_nothing_is_imported_from_the_working_folder(tmp_path: Path, toy_pack: Path) -> None:
    """Nor by the process that checks a stranger's pack."""
    for name in ("random", "numpy", "socket"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the folder was run')")
    done = subprocess.run(
        module_command("innerear.cli", "models", "add", str(toy_pack)),
        cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_has_enough_is_no_error() -> None:
    line = f"{sys.executable} -m innerear.cli models list --json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_full_disk_behind_stdout() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "innerear.cli", "models", "list", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("innerear: error: the output cannot be written: No space left")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["live", "--help"], ["models", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = ["numpy", "scipy", "rich", "torch", "onnxruntime", "sounddevice", "soundfile"]
    code = (
        "import sys; from innerear.cli import main; main(sys.argv[1:]);"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"
