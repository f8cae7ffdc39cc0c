"""What the page's server answers."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from innerear.engine.control.preset_file import parse_preset
from innerear.library.library import Library
from innerear.library.page.favourites import FAVOURITES_FILE
from innerear.library.page.projection import MAP_FILE

from .conftest import Connect
from .synthetic import item_id, make_library, make_row, write_library

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def matches(client: "TestClient", *conditions: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Return what the server finds, with the numbers of the items."""
    about = client.get("/map").json()
    chosen = {"conditions": list(conditions), "items": said.pop("items", None)}
    answer = client.post(f"/map/{about['version']}/matches", json={"filter": chosen, **said})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    bits = np.frombuffer(base64.b64decode(found["bits"]), np.uint8)
    mask = np.unpackbits(bits, bitorder="little")[: about["count"]]
    return {**found, "numbers": np.flatnonzero(mask).tolist()}


def test_the_map_is_sent_as_plain_numbers(client: "TestClient", folder: Path) -> None:
    about = client.get("/map").json()
    assert (about["name"], about["count"], about["left_out"]) == ("dreams", 60, 0)
    items = client.get(f"/map/{about['version']}/items").text.split("\n")
    assert items == [item_id(number) for number in range(60)]
    places = np.frombuffer(client.get(f"/map/{about['version']}/places").content, "<f4")
    assert places.size == 120
    assert np.abs(places).max() == 1.0
    scores = np.frombuffer(
        client.get(f"/map/{about['version']}/columns/score_after").content, "<f4"
    )
    table = Library(folder).find(limit=None).sort_by("item")
    np.testing.assert_array_equal(scores, np.array(table["score_after"], np.float32))


def test_columns_are_what_tells_items_apart(client: "TestClient") -> None:
    columns = {each["name"]: each for each in client.get("/map").json()["columns"]}
    assert list(columns)[:3] == ["judged_after", "score_after", "target"]
    assert {"step", "combine", "model", "sound", "level_db"} <= set(columns)
    # The same everywhere, or for nobody's eyes.
    assert not {"method", "version", "seconds", "item", "settings", "embedding"} & set(columns)
    assert (columns["step"]["low"], columns["step"]["high"]) == (0.5, 2.0)
    assert columns["combine"] | {"title": ""} == {
        "name": "combine",
        "title": "",
        "kind": "text",
        "texts": ["add", "filter"],
        "counts": [30, 30],
        "listed": True,
    }


def test_a_filter_is_an_sql_condition_that_the_command_line_takes(
    client: "TestClient", folder: Path
) -> None:
    found = matches(
        client,
        {"kind": "between", "column": "score_after", "low": 0.2, "high": 0.9},
        {"kind": "between", "column": "level_db", "low": None, "high": -10.5},
        {"kind": "one-of", "column": "target", "values": ["Brass", "Organ"]},
        {"kind": "one-of", "column": "combine", "values": ["add"]},
        {"kind": "contains", "column": "sound", "text": "LOOP-0"},
    )
    assert found["where"] == (
        "score_after BETWEEN 0.2 AND 0.9 AND level_db <= -10.5 AND target IN ('Brass', 'Organ')"
        " AND combine IN ('add') AND contains(lower(sound), lower('LOOP-0'))"
    )
    table = Library(folder).find(found["where"], limit=None, columns=["item"])
    assert {item_id(number) for number in found["numbers"]} == set(table["item"].to_pylist())
    assert 0 < found["count"] < 60
    assert matches(client)["count"] == 60
    assert matches(client, {"kind": "one-of", "column": "target", "values": []})["count"] == 0


@pytest.mark.parametrize("largest_first", [True, False])
def test_the_best_come_first(client: "TestClient", folder: Path, largest_first: bool) -> None:
    found = matches(client, by="level_db", largest_first=largest_first)
    table = Library(folder).find(limit=None, columns=["item", "level_db"])
    order = sorted(table.to_pylist(), key=lambda row: row["level_db"], reverse=largest_first)
    assert [row["item"] for row in found["best"]] == [row["item"] for row in order]


def test_an_item_is_described_heard_seen_and_downloaded(client: "TestClient", folder: Path) -> None:
    path = f"/items/{item_id(0)}"
    about = client.get(path).json()
    assert about["item"]["target"] == "Brass"
    assert "embedding" not in about["item"]
    assert about["files"] == {"sound": True, "original": True, "thumbnail": True}
    sound = client.get(f"{path}/sound")
    assert (sound.headers["content-type"], sound.content[:4]) == ("audio/flac", b"fLaC")
    part = client.get(f"{path}/sound", headers={"Range": "bytes=0-3"})  # browsers seek so
    assert (part.status_code, part.content) == (206, b"fLaC")
    assert client.get(f"{path}/original").content != sound.content
    assert client.get(f"{path}/thumbnail").content[:4] == b"\x89PNG"
    download = client.get(f"{path}/sound?download").headers["content-disposition"]
    assert download == 'attachment; filename="brass-loop-00-wav-00000000.flac"'
    missing = client.get(f"/items/{item_id(5)}").json()
    assert missing["files"] == {"sound": False, "original": True, "thumbnail": False}
    assert client.get(f"/items/{item_id(5)}/sound").status_code == 404


def test_an_item_is_a_preset(client: "TestClient") -> None:
    answer = client.get(f"/items/{item_id(0)}/preset")
    assert answer.headers["content-disposition"].endswith('.json"')
    preset = parse_preset(answer.content, "the download")
    assert preset.title == "Brass of loop-00.wav"
    assert preset.parameters == {
        "model": "samplecnn-instruments",
        "target": "Brass",
        "step": 0.5,
        "combine": "filter",
    }
    assert client.get(f"/items/{item_id(0)}").json()["preset"] == answer.text


def test_of_an_offline_dream_the_preset_has_the_aim_only(tmp_path: Path, connect: Connect) -> None:
    row = make_row(0, np.random.default_rng(1))
    row |= {"method": "dream", "settings": json.dumps({"steps": 9, "step": 0.1, "layer": "conv5"})}
    damaged = make_row(1, np.random.default_rng(1)) | {"settings": "{"}
    folder = write_library(tmp_path / "dreams", [row, damaged])
    client = connect(folder)
    preset = parse_preset(client.get(f"/items/{item_id(0)}/preset").content, "the download")
    aim = {"model": "samplecnn-instruments", "target": "Brass", "layer": "conv5"}
    assert preset.parameters == aim
    about = client.get(f"/items/{item_id(1)}").json()
    assert (about["preset"], about["no_preset"]) == ("", "The settings of this item are damaged.")
    assert client.get(f"/items/{item_id(1)}/preset").status_code == 400


def test_what_is_alike_is_listed_with_its_distance(client: "TestClient", folder: Path) -> None:
    found = client.get(f"/items/{item_id(7)}/alike").json()["best"]
    nearest = Library(folder).find(near=item_id(7), limit=21)
    assert [row["item"] for row in found] == nearest["item"].to_pylist()
    assert found[0]["item"] == item_id(7)
    assert found[1]["distance"] == nearest["distance"][1].as_py()


def test_favourites_are_kept_in_the_library(client: "TestClient", folder: Path) -> None:
    for number in (3, 1, 3):
        client.post(f"/items/{item_id(number)}/favourite", json={"favourite": True})
    client.post(f"/items/{item_id(1)}/favourite", json={"favourite": False})
    client.post(f"/items/{item_id(4)}/favourite", json={"favourite": True})
    kept = [item_id(3), item_id(4)]
    assert json.loads((folder / FAVOURITES_FILE).read_text()) == kept
    assert client.get("/map").json()["favourites"] == kept
    assert matches(client, items=kept)["numbers"] == [3, 4]
    (folder / FAVOURITES_FILE).write_text("{}")
    answer = client.post(f"/items/{item_id(4)}/favourite", json={"favourite": True})
    assert answer.status_code == 400
    assert "no list of items" in answer.json()["problem"]
    assert (folder / FAVOURITES_FILE).read_text() == "{}", "what cannot be read is not written over"


def test_the_map_is_computed_once(
    folder: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> bytes:
        client = connect(folder)
        return client.get(f"/map/{client.get('/map').json()['version']}/places").content

    first = ask()
    counted = []
    real = "innerear.library.page.snapshot.project"
    from innerear.library.page.projection import project

    monkeypatch.setattr(real, lambda given: (counted.append(len(given)), project(given))[1])
    assert ask() == first
    assert not counted
    (folder / MAP_FILE).write_bytes(b"damaged")
    assert ask() == first
    assert counted == [60]
    make_library(folder, 61)  # it has grown
    assert len(ask()) == 61 * 8
    assert counted == [60, 61]


def test_a_page_of_an_older_state_is_told_so(client: "TestClient", folder: Path) -> None:
    old = client.get("/map").json()["version"]
    make_library(folder, 61)
    new = client.get("/map").json()["version"]
    assert new != old
    answer = client.get(f"/map/{old}/places")
    assert (answer.status_code, answer.json()) == (
        409,
        {"problem": "The library has changed; load the page again."},
    )


def test_playing_live_needs_something_that_plays(client: "TestClient") -> None:
    answer = client.post(f"/items/{item_id(0)}/live", json={})
    assert answer.status_code == 503
    assert answer.json()["problem"].startswith("No instrument plays: start innerear gui")
    assert client.post(f"/items/{item_id(0)}/live", json={"slot": "c"}).status_code == 400


def test_a_damaged_table_is_one_line(client: "TestClient", folder: Path) -> None:
    client.get("/map")
    (table,) = (folder / "items").glob("*.parquet")
    table.write_bytes(table.read_bytes()[:-40])
    answer = client.get(f"/items/{item_id(0)}")
    assert answer.status_code == 400
    assert "damaged" in answer.json()["problem"]


def test_an_empty_library_has_an_empty_map(tmp_path: Path, connect: Connect) -> None:
    folder = write_library(tmp_path / "empty", [])
    client = connect(folder)
    about = client.get("/map").json()
    assert (about["count"], about["columns"]) == (0, [])
    assert client.get(f"/map/{about['version']}/places").content == b""
