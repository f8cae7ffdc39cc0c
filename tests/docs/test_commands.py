"""Every command of the documents is run on short sounds, or read by the command line's parser."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from innerear.cli import app, main

from ..thinning import thinned
from .fences import (
    PAGES,
    PROGRAMS,
    ROOT,
    all_fences,
    fences,
    first_word,
    inline_commands,
    module_exists,
    name_of,
    words_of,
)

RATE = 16_000
SECONDS = 0.25

# Two pages take half of the time of all.
RUN_OFTEN = [page for page in PAGES if page.name not in ("listening.md", "first-study.md")]

PRINTED = (
    "class    sounds  recognised",
    "conv1 of stftcnn-instruments against",
    "dreams: http://127.0.0.1:8765/",
    "excited   on noise",
    "excited  on noise",
    "phrase.wav -> stftcnn-robust,crnn-robust",
    "the phrase       demo-output/phrase.wav",
    "whistle to my-judge",
    "wrote dreamed.wav: 10 steps",
)
"""How the blocks begin that show what a program prints."""

CHEAPER = {
    "dream": ("--steps", "2", "--force"),
    "maximise": ("--steps", "3", "--force"),
    "render": ("--force",),
    "auralise": ("--force",),
}
"""Command -> options that go behind what the document says: fewer steps, old files replaced."""

ONLY_READ = {
    "auralise song.wav --layer conv5 --unit all": "64 sounds and a large figure",
    "bench": "it measures for minutes",
    "demo": "seconds; run by tests/cli/test_demo_command.py",
    "desktop": "it changes the desktop; run by tests/cli/test_desktop_command.py",
    "devices": "what it prints depends on the machine; tests/cli has it",
    "dream --paper": "eight figures: minutes; run by tests/engine/plots/test_paper.py",
    "export": "seconds of torch; run by tests/cli/test_export_command.py",
    "filters": "needs torch; run by tests/cli/test_filters_command.py",
    "gui": "it opens a window; tests/gui",
    "library": "needs a library; run by tests/cli/library",
    "live": "it plays until it is stopped; run by tests/cli/live and tests/realtime",
    "midi": "needs a controller; run by tests/cli/midi",
    "models add stftcnn12-instruments": "a checkout has it; tests/cli/test_models_add_packed.py",
    "models add yamnet": "it asks the network; run by tests/cli/test_models_add.py",
    "plugin": "it compiles, and writes where hosts look; run by tests/plugin",
    "replay": "needs a log of live play; run by tests/engine/replay",
    "spectra": "minutes; run by tests/cli/test_spectra_command.py",
    "teach": "seconds of torch; run by tests/cli/test_teach_command.py",
    "train": "minutes to hours; run by tests/cli/test_train_command.py",
}
"""Beginning of a command -> why it is not run here."""

OWN_MODELS = ("bells", "my-sounds", "my-robust")
"""Models that only the commands before, which are only read, would make."""


@cache
def command() -> Any:
    return app.command()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with the files that the documents take for granted."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "demo-output").mkdir()
    time = np.arange(round(SECONDS * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * 220 * part * time) / part for part in range(1, 9))
    for name in ("song", "trumpet", "bells", "brass", "demo-output/phrase"):
        soundfile.write(tmp_path / f"{name}.wav", 0.2 * sound, RATE)
    (tmp_path / "onsets.txt").write_text("0.1\n0.3\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed_lines(page: Path) -> list[str]:
    return [line for fence in fences(page) if fence.is_typed for line in fence.lines]


def reason_to_only_read(words: list[str]) -> str | None:
    """Return why a command (its words behind `innerear`) is not run, or nothing."""
    model = words[words.index("--model") + 1] if "--model" in words else ""
    if model in OWN_MODELS:
        return "the model is made by a command that is only read"
    text = " ".join(words)
    return next(
        (why for start, why in ONLY_READ.items() if f"{text} ".startswith(f"{start} ")), None
    )


def parse(words: list[str]) -> Any:
    """Read a command as the command line does, without running it; return its context."""
    each, context = command(), None
    name = "innerear"
    while True:
        context = each.make_context(name, list(words), parent=context)
        if not hasattr(each, "commands"):
            return context
        name, each, words = each.resolve_command(context, [*context._protected_args, *context.args])


def find(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that words name, and the words behind its name."""
    each, rest = command(), list(words)
    while rest and hasattr(each, "commands") and not rest[0].startswith("-"):
        assert rest[0] in each.commands, words
        each = each.commands[rest.pop(0)]
    return each, rest


def flags_of(each: Any) -> set[str]:
    options = (flag for one in each.params for flag in (*one.opts, *one.secondary_opts))
    return {*options, "--help", "-h"}


def test_every_block_is_of_a_known_kind() -> None:
    """So no command escapes: a block is typed, or printed, or its language says what it is."""
    for fence in all_fences():
        assert fence.language in ("", "sh", "python", "json", "toml"), fence
        if fence.language in ("", "sh") and not fence.is_typed:
            assert fence.lines[0].startswith(PRINTED), f"{fence.page}: {fence.lines[0]}"
        if fence.is_typed:
            for line in fence.lines:
                assert first_word(line) in PROGRAMS, f"{fence.page}: {line}"


def test_every_reason_to_only_read_is_needed() -> None:
    lines = [line for page in PAGES for line in typed_lines(page)]
    lines = [line for line in lines if first_word(line) == "innerear"]
    reasons = {reason_to_only_read(words_of(line)[1:]) for line in lines}
    assert set(ONLY_READ.values()) <= reasons


@pytest.mark.parametrize("page", thinned(PAGES, RUN_OFTEN), ids=name_of)
def test_the_commands_of_a_page_run(
    page: Path, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for line in typed_lines(page):
        if first_word(line) != "innerear":
            continue
        words = words_of(line)[1:]
        if reason_to_only_read(words):
            parse(words)
            continue
        status = main([*words, *CHEAPER.get(words[0], ())])
        assert status == 0, f"{line}\n{capfd.readouterr().err}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_running_text_have_their_options(page: Path) -> None:
    for line in inline_commands(page):
        each, rest = find(words_of(line)[1:])
        flags = [word.split("=")[0] for word in rest if word.startswith("-")]
        assert set(flags) <= flags_of(each), line


def test_examples_in_help_texts_are_read() -> None:
    seen = 0
    for each in _all_commands(command()):
        for line in (each.epilog or "").strip().splitlines():
            words = words_of(line.strip().split("|")[0])
            if "--help" not in words:
                parse(words[1:])
                seen += 1
    assert seen > 50


def _all_commands(group: Any) -> Iterator[Any]:
    yield group
    for each in getattr(group, "commands", {}).values():
        yield from _all_commands(each)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_other_programs_are_called_as_they_can_be(page: Path) -> None:
    """Targets of make and modules of Python exist."""
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in typed_lines(page):
        words = words_of(line)
        if words[0] == "make":
            assert f"\n{words[1]}:" in targets, line
        assert module_exists(words), line
