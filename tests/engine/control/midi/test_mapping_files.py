"""Mappings in files: the shipped ones work, wrong ones are refused, ours are written whole."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innerear.engine.control.midi import mapping_files
from innerear.engine.control.midi.controls import TOP, control_messages
from innerear.engine.control.midi.mapping import Mapping, combine
from innerear.engine.control.midi.mapping_files import (
    SHIPPED_FOLDER,
    available_mappings,
    default_mapping,
    load_mapping,
    read_mapping,
    save_mapping,
    write_mapping,
)
from innerear.engine.errors import DeviceError
from innerear.engine.parameters import PARAMETERS

from .conftest import Setup

SHIPPED = sorted(path.stem for path in SHIPPED_FOLDER.glob("*.json"))
BINDING = {"control": {"kind": "cc", "number": 1}, "parameter": "mix"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config" / "midi"
    monkeypatch.setattr(mapping_files, "user_folder", lambda: folder)
    return folder


def test_common_controllers_are_shipped() -> None:
    assert len(SHIPPED) >= 5
    assert set(available_mappings()) == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_control_of_a_shipped_mapping_does_something(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.title
    assert len(mapping.source) > 40
    on = Setup({**mapping.model_dump(), "takeover": "jump"})
    options = {"model": ("a", "b"), "layer": ("c", "d"), "target": ("auto", "Brass")}
    on.parameters.options.update(options)
    changed: list[str] = []
    on.parameters.observe(lambda id, value: changed.append(id))
    for binding in mapping.resolved():
        control = binding.control
        changed.clear()
        on.called.clear()
        for value in (TOP[control.kind], 0, TOP[control.kind] // 2 + 1):
            for message in control_messages(
                control.kind, control.channel or 1, control.number, value
            ):
                on.play(message.hex(), port=f"{control.port} 20:0")
        heard = {*changed, *(action for action, *_ in on.called)}
        assert binding.target in heard, binding


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_control_has_two_meanings(name: str) -> None:
    controls = [binding.control for binding in load_mapping(name).resolved()]
    assert len(controls) == len(set(controls))


def test_known_devices_work_without_asking() -> None:
    mapping, problems = default_mapping()
    assert problems == []
    on = Setup({**mapping.model_dump(), "takeover": "jump"})
    on.play("b0 00 00", port="nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0")
    assert on.parameters["mix"] == 1.0  # their own takeover is pick-up: nothing jumps
    on.play("b0 00 7f", "b0 00 40", port="nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0")
    assert on.parameters.number("mix") == pytest.approx(64 / 127)
    on.play("b0 01 7f", "b0 01 00", port="some keyboard")
    assert on.parameters["step"] == PARAMETERS["step"].default
    on.play("c0 02", port="some keyboard")
    assert on.called == [("preset", 3)]


def test_the_example_in_the_documentation_is_a_mapping(tmp_path: Path) -> None:
    text = (SHIPPED_FOLDER.parent.parent / "docs" / "midi.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "example.json"
    path.write_text(example)
    assert len(read_mapping(path).bindings) == 9


def test_what_is_saved_is_loaded_and_hides_a_shipped_one(own_folder: Path) -> None:
    mapping = Mapping.model_validate({"title": "Mine", "bindings": [BINDING]})
    path = save_mapping(mapping, "akai-midimix")
    assert path.parent == own_folder
    assert load_mapping("akai-midimix") == mapping
    assert list(own_folder.iterdir()) == [path]


values = st.fixed_dictionaries(
    {"control": st.fixed_dictionaries({"kind": st.just("cc"), "number": st.integers(0, 127)})},
    optional={
        "range": st.sampled_from([[0, 0.5], [1, 0.25]]),
        "curve": st.floats(0.1, 10),
        "invert": st.booleans(),
        "takeover": st.sampled_from(["jump", "pick-up", "scale"]),
        "feedback": st.sampled_from([True, False, {"kind": "note", "number": 3, "high": 1}]),
    },
)


@given(st.lists(values, max_size=5), st.sampled_from(sorted(PARAMETERS)))
def test_any_mapping_is_the_same_after_the_disk(
    tmp_path_factory: pytest.TempPathFactory, bindings: list[dict], id: str
) -> None:
    given = [{**binding, "parameter": id} for binding in bindings]
    mapping = Mapping.model_validate({"port": "é", "bindings": given})
    path = tmp_path_factory.mktemp("mapping") / "m.json"
    write_mapping(mapping, path)
    assert read_mapping(path) == mapping
    assert combine([read_mapping(path)]).resolved() == mapping.resolved()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameter": "mixx"}, "bindings.0: There is no parameter 'mixx'. Did you mean mix"),
        ({"parameter": None}, "either a parameter or an action"),
        ({"action": "panic"}, "either a parameter or an action"),
        ({"parameter": None, "action": "panick"}, "Did you mean panic"),
        ({"parameter": None, "action": "preset"}, "number of a preset"),
        ({"control": {"kind": "cc", "number": 128}}, "bindings.0.control: a cc cannot have"),
        ({"control": {"kind": "dial"}}, "bindings.0.control.kind"),
        ({"control": {"kind": "cc", "channel": 0}}, "bindings.0.control.channel"),
        ({"range": [0, 1.5]}, "bindings.0.range.1"),
        ({"range": [0.5, 0.5]}, "both ends"),
        ({"values": [0, 5]}, "mix cannot be 5"),
        ({"steps": [0, "x"]}, "mix cannot be 'x'"),
        ({"steps": []}, "bindings.0.steps"),
        ({"steps": [0], "range": [0, 1]}, "exclude each other"),
        ({"curve": 0}, "bindings.0.curve"),
        ({"curve": "nan"}, "bindings.0.curve"),
        ({"takeover": "leap"}, "bindings.0.takeover"),
        ({"sped": 2}, "bindings.0.sped"),
        ({"feedback": {"kind": "cc", "low": 4, "high": 4}}, "low and high are the same"),
        ({"feedback": {"kind": "cc", "high": 128}}, "up to 127"),
    ],
)
def test_a_wrong_binding_is_refused_with_the_fields_name(
    tmp_path: Path, change: dict, words: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"schema_version": 1, "bindings": [{**BINDING, **change}]}))
    with pytest.raises(DeviceError) as caught:
        load_mapping(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("[1, 2]", "no usable schema_version"),
        ("{}", "no usable schema_version"),
        ('{"schema_version": true}', "no usable schema_version"),
        ('{"schema_version": 2}', "newer Innerear"),
        ('{"schema_version": 1, "colour": "red"}', "colour"),
        ("[" * 100_000, "not valid JSON"),
        ("\xff", "not valid JSON"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DeviceError, match=words):
        load_mapping(path)


PORT = "nanoKONTROL2:nanoKONTROL2 MIDI 1"


def own(parameter: str, number: int, port: str = PORT) -> dict:
    return {"control": {"kind": "cc", "number": number, "port": port}, "parameter": parameter}


def test_for_each_device_the_newest_of_the_users_mappings_holds() -> None:
    """A shipped one only where there is none of theirs: what was forgotten stays forgotten."""
    files = {
        "old": (own("colour", 0), own("colour", 0, "other")),
        "new": (own("feedback", 0), {"control": {"kind": "program"}, "action": "preset"}),
    }
    for age, (name, bindings) in enumerate(reversed(files.items())):
        mapping = Mapping.model_validate({"takeover": "jump", "bindings": bindings})
        os.utime(save_mapping(mapping, name), (0, 1000 - age))
    mapping, problems = default_mapping()
    assert problems == []
    on = Setup(mapping.model_dump())
    on.play("b0 00 7f", "b0 01 00", "b0 01 7f", "c0 00", port=PORT + " 20:0")
    assert on.parameters["feedback"] == 1.0
    assert on.called == [("preset", 1)]
    for untouched in ("mix", "step", "colour"):
        assert on.parameters[untouched] == PARAMETERS[untouched].default
    on.play("b0 00 7f", port="other")
    assert on.parameters["colour"] == 1.0
    on.play("b8 4d 00", port="Launch Control XL 24:0")
    assert on.controller.waiting() == {"mix": 0.0}  # shipped ones let nothing jump
    assert on.parameters["mix"] == PARAMETERS["mix"].default
    on.play("b8 4d 7f", "b8 4d 00", port="Launch Control XL 24:0")
    assert on.parameters["mix"] == 0.0


def test_a_binding_that_names_no_port_takes_no_other_with_it() -> None:
    bindings = [own("feedback", 0), {"control": {"kind": "cc", "number": 7}, "parameter": "mix"}]
    save_mapping(Mapping.model_validate({"bindings": bindings}), "mine")
    found = [each for each in default_mapping()[0].bindings if each.parameter == "feedback"]
    assert [each.control.port for each in found if each.control.port == PORT] == [PORT]


def test_a_damaged_file_of_the_users_does_not_stop_the_others(own_folder: Path) -> None:
    own_folder.mkdir(parents=True)
    (own_folder / "broken.json").write_text("{")
    (own_folder / "gone.json").symlink_to(own_folder / "nowhere")
    mapping, problems = default_mapping()
    assert len(problems) == 2
    assert "broken.json" in " ".join(problems)
    assert "gone.json" in " ".join(problems)
    assert mapping.bindings


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", "x.json", "-x"])
def test_a_mapping_cannot_leave_the_users_folder(name: str) -> None:
    with pytest.raises(DeviceError, match="cannot be called"):
        save_mapping(Mapping(), name)


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(DeviceError, match="Did you mean korg-nanokontrol2"):
        load_mapping("nanokontrol")
    with pytest.raises(DeviceError, match=r"missing\.json cannot be read"):
        load_mapping("missing.json")
