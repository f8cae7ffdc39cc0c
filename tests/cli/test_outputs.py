"""No command writes over what it reads, nor over other files unless it is told to."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.cli.shared.outputs import claim_outputs
from innerear.engine.analysis.dream_settings import dream_settings
from innerear.engine.errors import InnerearError
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plots.dream_files import dream_file
from innerear.engine.plugin.render import render_file

from .conftest import Run

Refused = Callable[..., str]
SPELLINGS = ("same", "symbolic link", "hard link", "detour")


def spelt(path: Path, how: str) -> Path:
    """Return another way to name a file."""
    if how == "same":
        return path
    if how == "detour":
        return path.parent / ".." / path.parent.name / path.name
    link = path.with_name(f"link{path.suffix}")
    if how == "hard link":
        os.link(path, link)
    else:
        link.symlink_to(path)
    return link


@pytest.mark.parametrize("how", SPELLINGS)
@pytest.mark.parametrize("force", [True, False])
def test_an_input_is_never_written_over(tmp_path: Path, how: str, force: bool) -> None:
    sound = tmp_path / "song.wav"
    sound.write_text("a song")
    with pytest.raises(InnerearError, match="what is read"):
        claim_outputs([spelt(sound, how)], [None, sound], force)


@pytest.mark.parametrize("how", SPELLINGS[1:])
def test_two_outputs_are_two_files(tmp_path: Path, how: str) -> None:
    first = tmp_path / "out.wav"
    if how != "detour":
        first.write_text("old")
    with pytest.raises(InnerearError, match="two outputs"):
        claim_outputs([first, spelt(first, how)], force=True)


def test_a_device_takes_two_outputs_and_asks_nothing() -> None:
    claim_outputs([Path(os.devnull), Path(os.devnull), None])


def test_a_link_to_nothing_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_text("a song")
    (tmp_path / "out.wav").symlink_to("nothing.wav")
    claim_outputs([tmp_path / "out.wav"], [tmp_path / "song.wav"])


@pytest.mark.parametrize("command", ["render", "dream"])
@pytest.mark.parametrize("how", SPELLINGS)
def test_a_sound_is_not_dreamed_onto_itself(
    refused: Refused, toy_pack: Path, tone: Path, command: str, how: str
) -> None:
    onto = spelt(tone, how)
    assert "what is read" in refused(command, tone, onto, "--model", toy_pack, "--force")


def test_windows_and_scripts_do_not_either(toy_pack: Path, tone: Path) -> None:
    before = tone.read_bytes()
    with pytest.raises(InnerearError, match="what is read"):
        render_file(tone, spelt(tone, "detour"), ParameterSet(), pack=load_pack(toy_pack))
    with pytest.raises(InnerearError, match="what is read"):
        dream_file(tone, spelt(tone, "detour"), dream_settings(steps=1), load_pack(toy_pack))
    assert tone.read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [
        ("render", "IN", "OUT", "--model", "PACK"),
        ("dream", "IN", "OUT", "--model", "PACK", "--steps", 1),
        ("auralise", "IN", "-o", "OUT", "--layer", "conv1", "--unit", 1),
        ("maximise", "PACK", "tones", 0, "-o", "OUT", "--steps", 1),
    ],
    ids=lambda command: command[0],
)
def test_an_existing_sound_is_replaced_only_by_force(
    run: Run, refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    out = tmp_path / "out.wav"
    out.write_text("years of work")
    words = {"IN": tone, "OUT": out, "PACK": toy_pack}
    given = [words.get(word, word) for word in command]
    assert "--force" in refused(*given)
    outcome = run(*given, "--force")
    assert outcome.status == 0, outcome.err
    assert out.read_bytes().startswith(b"RIFF")


@pytest.mark.parametrize(
    "option", [("--report", "there.json"), ("--figure", "there.png"), ("--every", 1)]
)
def test_everything_else_that_a_command_writes_is_kept_too(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, option: tuple[str, object]
) -> None:
    for name in ("there.json", "there.png", "out-1.wav"):
        (tmp_path / name).write_text("mine")
    name, value = option
    given = (name, tmp_path / str(value) if name != "--every" else value)
    words = refused("dream", tone, tmp_path / "out.wav", "--model", toy_pack, "--steps", 2, *given)
    assert "--force" in words


@pytest.mark.parametrize("name", ["--figure", "--csv"])
def test_a_table_does_not_replace_the_sound_it_is_about(
    refused: Refused, toy_pack: Path, tone: Path, name: str
) -> None:
    assert "what is read" in refused("hear", tone, "--model", toy_pack, name, tone)


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("n", False), ("", False)])
def test_a_terminal_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    goes_on: bool,
) -> None:
    there = tmp_path / "out.wav"
    there.write_text("old")
    typed = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    if goes_on:
        claim_outputs([there])
    else:
        with pytest.raises(InnerearError, match="stays as before"):
            claim_outputs([there])
    assert "Replace it?" in capsys.readouterr().err
    assert there.read_text() == "old"


def test_the_demo_replaces_what_is_its_own(
    run: Run, toy_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("demo-output", "mine"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "phrase.wav").write_text("old")
    outcome = run("demo", "mine")
    assert outcome.status == 2
    assert "phrase.wav is there already" in outcome.err
    assert run("demo", "--model", toy_pack).status == 0
    assert Path("demo-output", "phrase.wav").read_bytes().startswith(b"RIFF")
