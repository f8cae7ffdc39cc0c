"""The page's server answers its own page only, and reads nothing outside its library."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from innerear.library.page.favourites import FAVOURITES_FILE
from innerear.library.place import file_name

from .conftest import Connect
from .synthetic import item_id, make_row, write_library

if TYPE_CHECKING:
    from starlette.testclient import TestClient

FIRST = f"/items/{item_id(0)}"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:9999", "localhost.evil"])
def test_another_name_for_this_machine_is_refused(client: "TestClient", host: str) -> None:
    for path in ("/", "/map", "/static/main.js", f"{FIRST}/sound"):
        assert client.get(path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:8765", "http://127.0.0.1:9999"]
)
def test_other_origins_are_refused(client: "TestClient", folder: Path, origin: str) -> None:
    assert client.get("/map", headers={"Origin": origin}).status_code == 403
    favourite = client.post(
        f"{FIRST}/favourite", json={"favourite": True}, headers={"Origin": origin}
    )
    assert favourite.status_code == 403
    assert not (folder / FAVOURITES_FILE).exists()


def test_what_changes_something_says_where_it_comes_from(folder: Path, connect: Connect) -> None:
    plain = connect(folder)
    del plain.headers["Origin"]
    assert plain.get("/map").status_code == 200
    assert plain.post(f"{FIRST}/favourite", json={"favourite": True}).status_code == 403
    assert not (folder / FAVOURITES_FILE).exists()


def test_no_other_page_shows_our_pictures_or_plays_our_sounds(client: "TestClient") -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.get(f"{FIRST}/sound", headers=elsewhere).status_code == 403
    assert (
        client.get(f"{FIRST}/thumbnail", headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    )
    assert client.get("/", headers=elsewhere).status_code == 200  # a link to the page
    assert client.post("/", headers=elsewhere).status_code == 403


@pytest.mark.parametrize("path", ["/", "/map", f"{FIRST}/sound", "/static/main.js", "/nothing"])
def test_every_answer_forbids_what_the_page_does_not_need(client: "TestClient", path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize(
    "path",
    [
        "/items/../library.json",
        "/items/..%2f..%2fsecret/sound",
        "/items/%2e%2e/sound",
        f"/items/{item_id(0)}%00/sound",
        f"/items/{item_id(0)}/..%2f..%2flibrary.json",
        f"/items/{item_id(0)}/items",
        f"/items/{item_id(999)}/sound",
        "/items/' OR true --/sound",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/library.json",
        "/sounds/00",
    ],
)
def test_there_is_no_way_out_of_the_library(client: "TestClient", folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    answer = client.get(path)
    assert answer.status_code == 404, answer.text
    assert "secret" not in answer.text
    assert "import" not in answer.text


def test_a_link_that_leads_out_is_not_followed(client: "TestClient", folder: Path) -> None:
    secret = folder.parent / "secret"
    secret.write_text("secret")
    sound = folder / file_name("sound", item_id(0))
    assert client.get(f"{FIRST}/sound").status_code == 200
    sound.unlink()
    sound.symlink_to(secret)
    assert client.get(f"{FIRST}/sound").status_code == 404
    assert client.get(FIRST).json()["files"]["sound"] is False


def test_items_with_other_names_are_never_shown(tmp_path: Path, connect: Connect) -> None:
    random = np.random.default_rng(1)
    rows = [make_row(number, random) for number in range(3)]
    rows[1]["item"] = "../../secret"
    rows[2]["item"] = "<img src=x onerror=alert(1)>"
    folder = write_library(tmp_path / "hostile", rows, sounds=0)
    client = connect(folder)
    about = client.get("/map").json()
    assert (about["count"], about["left_out"]) == (1, 2)
    assert client.get(f"/map/{about['version']}/items").text == item_id(0)


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "between", "column": "1=1 OR step", "low": 0, "high": 1},
        {"kind": "between", "column": "item", "low": 0, "high": 1},
        {"kind": "between", "column": "step", "low": "0 OR 1=1", "high": 1},
        {"kind": "between", "column": "step", "low": float("inf"), "high": 1},
        {"kind": "sql", "column": "step", "text": "read_text('/etc/passwd')"},
        {"kind": "one-of", "column": "target", "values": [1]},
        {"kind": "one-of", "column": "target", "values": ["a"], "more": 1},
    ],
)
def test_a_filter_can_ask_for_nothing_else(
    client: "TestClient", condition: dict[str, object]
) -> None:
    version = client.get("/map").json()["version"]
    text = json.dumps({"filter": {"conditions": [condition]}})
    answer = client.post(f"/map/{version}/matches", content=text)
    assert answer.status_code == 400
    assert set(answer.json()) == {"problem"}


def test_texts_in_a_filter_are_only_texts(client: "TestClient") -> None:
    version = client.get("/map").json()["version"]
    hostile = "Brass') OR (1=1) --"
    chosen = {"conditions": [{"kind": "one-of", "column": "target", "values": [hostile]}]}
    found = client.post(f"/map/{version}/matches", json={"filter": chosen}).json()
    assert found["count"] == 0
    assert found["where"] == "target IN ('Brass'') OR (1=1) --')"


def test_a_request_cannot_be_endless(client: "TestClient") -> None:
    answer = client.post(f"{FIRST}/favourite", content=b" " * 1_000_001)
    assert answer.status_code == 400
    assert client.post(f"{FIRST}/favourite", content=b"[1]").status_code == 400
