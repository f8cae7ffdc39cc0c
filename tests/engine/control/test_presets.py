"""Presets: what is refused, what is kept, and where."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control import presets
from innerear.engine.control.preset_file import SCHEMA_VERSION, parse_preset
from innerear.engine.control.presets import (
    Preset,
    available_presets,
    load_preset,
    name_of,
    playable_problem,
    remove_preset,
    rename_preset,
    save_preset,
    tag_preset,
)
from innerear.engine.errors import InnerearError, PresetError
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the user's presets, which does not exist yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "innerear" / "presets"


def _file(folder: Path, parameters: Mapping[str, object], **fields: object) -> Path:
    path = folder / "made.json"
    content = {
        "schema_version": SCHEMA_VERSION,
        "title": "Made",
        "parameters": parameters,
        **fields,
    }
    path.write_text(json.dumps(content))
    return path


def test_what_a_preset_leaves_out_is_the_default() -> None:
    values = Preset("half", {"step": 0.5}).values()
    assert values["step"] == 0.5
    assert values["colour"] == PARAMETERS["colour"].default
    assert set(values) == {id for id, parameter in PARAMETERS.items() if parameter.stored}


def test_a_preset_turns_every_knob_but_those_of_the_stage() -> None:
    knobs = ParameterSet(mix=0.3, tempo_bpm=90, input_db=6, morph=0.5, bypass=True, freeze=True)
    Preset("p", {"step": "0.5", "delay_ms": "1/8."}).apply(knobs)
    assert (knobs["step"], knobs["delay_ms"], knobs["mix"]) == (0.5, "1/8.", 1.0)
    stage = [knobs[id] for id in ("tempo_bpm", "input_db", "morph", "bypass", "freeze")]
    assert stage == [90.0, 6.0, 0.5, True, True]


def test_saved_and_loaded_is_the_same(own: Path) -> None:
    knobs = ParameterSet(step=0.7, delay_ms="1/4t", target="Brass*0.5 + conv5/3*0.5", n_fft=512)
    saved = Preset.of(knobs, "my-sound", "My sound", "Grüße: a line")
    path = save_preset(saved)
    assert path == own / "my-sound.json"
    assert load_preset("my-sound") == saved
    assert load_preset(path) == saved
    assert [file.name for file in own.iterdir()] == ["my-sound.json"]


def test_a_preset_is_renamed_and_tagged_and_keeps_the_rest(own: Path) -> None:
    save_preset(Preset("one", {"step": 0.1}, "One", "First.", ("low",)))
    save_preset(Preset("two", {"step": 0.2}))
    assert rename_preset("one", "One!") == "one"
    assert rename_preset("one", "Ünique sound") == "nique-sound"
    tag_preset("nique-sound", ("low", "slow sounds"))
    assert load_preset("nique-sound") == Preset(
        "nique-sound", {"step": 0.1}, "Ünique sound", "First.", ("low", "slow sounds")
    )
    assert sorted(file.name for file in own.iterdir()) == ["nique-sound.json", "two.json"]
    with pytest.raises(PresetError, match="'two' already"):
        rename_preset("nique-sound", "Two")
    assert load_preset("two").parameters["step"] == 0.2
    with pytest.raises(PresetError, match="came with Innerear and cannot be changed"):
        rename_preset("brass-halo", "Mine")
    for tags in (("a" * 31,), ("",), ("a\nb",), ("x",) * 21):
        with pytest.raises(PresetError, match="tags"):
            tag_preset("two", tags)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"model": "stftcnn-robust"}, ""),
        ({"model": "yamnet"}, "needs the model yamnet"),
        ({"model": "stftcnn-robust,yamnet:0.5"}, "needs the model yamnet"),
        ({"target_sound": "/nowhere/x.wav"}, "needs the sound /nowhere/x.wav"),
    ],
)
def test_what_is_missing_is_said_without_loading_a_network(
    parameters: dict, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "load", lambda model: pytest.fail("a network was loaded"))
    save_preset(Preset("mine", parameters))
    assert playable_problem("mine") == words
    assert playable_problem("no-such-preset") == "is damaged"


def test_a_saved_preset_is_not_replaced_unasked() -> None:
    path = save_preset(Preset("mine", {"step": 0.1}))
    before = path.read_bytes()
    with pytest.raises(PresetError, match="'mine' already"):
        save_preset(Preset("mine", {"step": 0.2}))
    assert path.read_bytes() == before
    save_preset(Preset("mine", {"step": 0.2}), replace=True)
    assert load_preset("mine").parameters["step"] == 0.2


def test_a_users_preset_stands_in_for_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "SHIPPED_FOLDER", tmp_path)
    _file(tmp_path, {"step": 0.1})
    assert available_presets() == {"made": tmp_path / "made.json"}
    with pytest.raises(PresetError, match="came with Innerear"):
        remove_preset("made")
    path = save_preset(Preset("made", {"step": 0.9}))
    assert available_presets() == {"made": path}
    assert load_preset("made").parameters["step"] == 0.9
    assert remove_preset("made") == path
    assert load_preset("made").parameters["step"] == 0.1


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../up", "a/b", "a\\b", "/etc/x", "A", "a b", "a.json", "-", "a" * 61, "ä"],
)
def test_no_name_leaves_the_folder(name: str, own: Path) -> None:
    with pytest.raises(PresetError, match="letters"):
        save_preset(Preset(name))
    with pytest.raises(PresetError):
        remove_preset(name)
    assert not own.exists()


def test_a_title_makes_a_name() -> None:
    assert name_of("Brass halo (loud)!") == "brass-halo-loud"
    with pytest.raises(PresetError, match="such as brass-halo"):
        save_preset(Preset("Brass halo"))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"step": 9}, "step cannot be 9: it takes 0 to 2"),
        ({"step": float("nan")}, "step cannot be nan: it takes 0 to 2"),
        ({"step": "loud"}, "step cannot be 'loud'"),
        ({"step": [1]}, r"step cannot be \[1\]: write a number"),
        ({"step": None}, "step cannot be None"),
        ({"stepp": 1}, "no parameter 'stepp'. Did you mean step"),
        ({"combine": "mas"}, "combine cannot be 'mas'. Did you mean mask"),
        ({"delay_ms": "1/3"}, "delay_ms cannot be '1/3': .*note value such as 1/4"),
        ({"morph": 0.5}, "morph is not kept in presets"),
        ({"tempo_bpm": 100}, "tempo_bpm is not kept in presets"),
        ({"model": "/home/me/pack"}, "model cannot be '/home/me/pack': .*pack's name"),
        ({"model": ".."}, "model cannot be"),
        ({"target": "a\x1b[2J"}, "target cannot be .*one short line"),
        ({"layer": ""}, "layer cannot be empty"),
        ([], "parameters cannot be .*dictionary"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(
    parameters: dict, words: str, tmp_path: Path
) -> None:
    path = _file(tmp_path, parameters)
    with pytest.raises(PresetError, match=words) as caught:
        load_preset(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": ""}, "title cannot be ''"),
        ({"title": "two\nlines"}, "title cannot be .*one line"),
        ({"title": 3}, "title cannot be '3'"),
        ({"descripton": "x"}, "no field 'descripton'. Did you mean description"),
        ({"schema_version": 6}, "schema_version is 6, this Innerear reads 1 to 5"),
        ({"schema_version": 0}, "schema_version cannot be 0"),
        ({"schema_version": True}, "schema_version cannot be True"),
        ({"schema_version": None}, "schema_version cannot be None"),
    ],
)
def test_a_wrong_field_is_refused_with_its_name(
    fields: dict[str, object], words: str, tmp_path: Path
) -> None:
    with pytest.raises(PresetError, match=words):
        load_preset(_file(tmp_path, {}, **fields))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 60_000, "not valid JSON"),
        (b"[]", "schema_version cannot be None"),
        (b'{"schema_version": 2}', "title is missing"),
        (b" " * 70_000, "longer than"),
    ],
)
def test_what_is_no_preset_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(PresetError, match=words) as caught:
        load_preset(path)
    assert str(path) in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_no_preset(tmp_path: Path) -> None:
    os.mkfifo(path := tmp_path / "pipe.json")
    with pytest.raises(PresetError, match="is no preset: it is no file"):
        load_preset(path)


def test_an_unknown_name_lists_the_nearest() -> None:
    save_preset(Preset("brass-halo"))
    with pytest.raises(PresetError, match=r"'bras-halo'. Did you mean brass-halo"):
        load_preset("bras-halo")
    with pytest.raises(PresetError, match=r"no file .*nowhere.json"):
        load_preset("nowhere.json")
    with pytest.raises(PresetError, match=r"'bras-halo' of yours. Did you mean brass-halo"):
        remove_preset("bras-halo")


def test_a_file_of_version_1_still_plays_with_the_defaults_of_its_time() -> None:
    old = {"schema_version": 1, "name": "Old one", "description": "d", "step": 0.5, "n_fft": 512}
    content = parse_preset(json.dumps(old).encode(), "old.json")
    new = {
        "schema_version": SCHEMA_VERSION,
        "title": "Old one",
        "description": "d",
        "parameters": {
            "step": 0.5, "n_fft": 512, "parameterisation": "waveform", "range_db": 18.0,
            "model": "samplecnn-instruments",
        },
    }  # fmt: skip
    assert content == parse_preset(json.dumps(new).encode(), "new.json")
    for wrong, words in (({"stepp": 1}, "Did you mean step"), ({"name": ""}, "title cannot be")):
        with pytest.raises(PresetError, match=words):
            parse_preset(json.dumps({**old, **wrong}).encode(), "old.json")


@pytest.mark.parametrize(
    ("version", "given", "parameterisation", "model"),
    [
        (1, {}, "waveform", "samplecnn-instruments"),
        (2, {}, "waveform", "samplecnn-instruments"),
        (2, {"parameterisation": "filter"}, "filter", "samplecnn-instruments"),
        (3, {}, "filter", "stftcnn-instruments"),
        (3, {"model": "yamnet"}, "filter", "yamnet"),
        (SCHEMA_VERSION, {}, *(PARAMETERS[id].default for id in ("parameterisation", "model"))),
    ],
)
def test_an_older_file_has_the_defaults_of_its_version_unless_it_says_otherwise(
    version: int, given: dict[str, str], parameterisation: str, model: str
) -> None:
    values = {"step": 0.5, **given}
    named = {"title": "Old one", "parameters": values} if version > 1 else {"name": "Old", **values}
    content = parse_preset(json.dumps({"schema_version": version, **named}).encode(), "old.json")
    found = Preset("old", content.parameters).values()
    assert (found["parameterisation"], found["model"]) == (parameterisation, model)


@pytest.mark.parametrize(("version", "range_db"), [(2, 18.0), (3, 18.0), (4, 21.0), (5, 24.0)])
def test_an_older_file_has_the_range_of_its_version(version: int, range_db: float) -> None:
    text = json.dumps({"schema_version": version, "title": "Old one", "parameters": {}})
    content = parse_preset(text.encode(), "old.json")
    assert Preset("old", content.parameters).values()["range_db"] == range_db


def test_a_model_that_is_missing_is_told_with_how_to_add_it() -> None:
    with pytest.raises(PresetError, match=r"'dogs' needs .*innerear models add yamnet"):
        Preset("dogs", {"model": "yamnet"}).check_words()
    with pytest.raises(PresetError, match=r"no model 'samplecn-digits'. Did you mean"):
        Preset("dogs", {"model": "samplecn-digits"}).check_words()
    with pytest.raises(PresetError, match=r"no target 'Bras'. Did you mean Brass"):
        Preset("p", {"target": "Bras"}).check_words()
    Preset("p", {"target": "output/Brass*0.7 + conv5/12*0.3"}).check_words()


def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path, own: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(InnerearError, match="cannot be written"):
        save_preset(Preset("mine"))


def test_a_set_of_networks_is_kept_as_text_and_checked() -> None:
    model = "samplecnn-instruments,stftcnn-instruments:0.5"
    words = {"model": model, "layer": "output,stftcnn-instruments.conv5:0.5", "target": "Brass"}
    preset = Preset("both", words)
    preset.check_words()
    save_preset(preset)
    assert load_preset("both").values()["model"] == model
    with pytest.raises(PresetError, match=r"Did you mean .*stftcnn-instruments\.conv5"):
        Preset("both", {**words, "layer": "stftcnn-instruments.conv55"}).check_words()
    with pytest.raises(PresetError, match="Did you mean"):
        Preset("both", {**words, "model": "samplecnn-instruments,stfcnn-instruments"}).check_words()


def _sound(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with SoundWriter(path, 16_000, 1) as writer:
        writer.write(np.full((1, 1600), 0.1, np.float32))
    return path


def test_a_target_sound_beside_the_preset_is_found_from_there(own: Path) -> None:
    beside = _sound(own / "bell.wav")
    path = save_preset(Preset("bells", {"target": "sound", "target_sound": str(beside)}))
    assert json.loads(path.read_text())["parameters"]["target_sound"] == "bell.wav"
    moved = own.rename(own.parent / "moved")
    preset = load_preset(moved / "bells.json")
    assert preset.parameters["target_sound"] == str(moved / "bell.wav")
    preset.check_words()


def test_a_target_sound_elsewhere_keeps_its_place(own: Path, tmp_path: Path) -> None:
    elsewhere = _sound(tmp_path / "bell.wav")
    saved = Preset("bells", {"target": "sound", "target_sound": str(elsewhere)})
    save_preset(saved)
    assert load_preset("bells").parameters == saved.parameters


def test_a_target_sound_that_is_missing_is_told_where_it_is_needed(tmp_path: Path) -> None:
    missing = str(tmp_path / "bell.wav")
    Preset("bells", {"target": "Brass", "target_sound": missing}).check_words()
    with pytest.raises(PresetError, match=r"bell\.wav: there is no such file"):
        Preset("bells", {"target": "sound", "target_sound": missing}).check_words()
