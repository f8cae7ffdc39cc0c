"""OSCQuery: the tree says what the parameters say, and HTTP answers only who asks from here."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from innerear.engine.control.osc_query import address_tree, host_info
from innerear.engine.control.osc_query_server import OscQueryServer
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS


@pytest.fixture
def knobs() -> ParameterSet:
    return ParameterSet()


@pytest.fixture
def url(knobs: ParameterSet) -> Iterator[str]:
    def tree() -> dict[str, Any]:
        return address_tree(knobs, ["panic"])

    with OscQueryServer("127.0.0.1", 0, tree, host_info("127.0.0.1", 9000)) as server:
        yield f"http://127.0.0.1:{server.port}"


def fetch(address: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        return json.loads(answer.read() or "null")


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        return problem.code


def test_every_parameter_is_in_the_tree_with_its_value_and_range(
    url: str, knobs: ParameterSet
) -> None:
    nodes = fetch(url)["CONTENTS"]["innerear"]["CONTENTS"]
    assert set(PARAMETERS) <= set(nodes)
    for id, parameter in PARAMETERS.items():
        node = nodes[id]
        assert (node["FULL_PATH"], node["ACCESS"]) == (f"/innerear/{id}", 3)
        assert node["VALUE"] == [knobs[id]]
        assert parameter.meaning in node["DESCRIPTION"]
        if parameter.choices:
            assert node["RANGE"] == [{"VALS": list(parameter.choices)}]
        elif parameter.kind in ("number", "duration"):
            assert node["RANGE"] == [{"MIN": parameter.minimum, "MAX": parameter.maximum}]
        assert node["CONTENTS"]["position"]["VALUE"] == [knobs.position(id)]


@pytest.mark.parametrize(
    ("id", "value", "tag"),
    [
        ("step", 0.5, "f"),
        ("delay_ms", 100.0, "f"),
        ("delay_ms", "1/8", "s"),
        ("mute", True, "T"),
        ("mute", False, "F"),
        ("n_fft", 512, "i"),
        ("combine", PARAMETERS["combine"].choices[1], "s"),
    ],
)
def test_types_are_those_of_the_values(
    url: str, knobs: ParameterSet, id: str, value: Any, tag: str
) -> None:
    knobs.set(id, value)
    node = fetch(f"{url}/innerear/{id}")
    assert (node["TYPE"], node["VALUE"]) == (tag, [value])


def test_single_attributes_and_what_is_not_there(url: str) -> None:
    assert fetch(f"{url}/innerear/step?VALUE") == {"VALUE": [1.0]}
    assert fetch(f"{url}/?HOST_INFO")["OSC_PORT"] == 9000
    assert fetch(f"{url}/innerear/panic")["ACCESS"] == 2
    assert status(f"{url}/innerear/panic?VALUE") == 204
    assert status(f"{url}/innerear/panic?COLOUR") == 400
    assert status(f"{url}/innerear/nothing") == 404


def test_presets_are_named(url: str) -> None:
    names = fetch(f"{url}/innerear/presets")["VALUE"]
    assert "tunnel-drone" in names
    assert fetch(f"{url}/innerear/preset?RANGE") == {"RANGE": [{"VALS": names}]}


def test_a_web_page_whose_name_leads_here_reads_nothing(url: str) -> None:
    assert status(url, Host="evil.example") == 403
    assert status(url, Host="evil.example:9000") == 403
    assert status(url, Host=f"localhost:{url.rpartition(':')[2]}") == 200


def test_a_port_that_is_taken_gives_way_to_a_free_one(url: str) -> None:
    taken = int(url.rpartition(":")[2])
    with OscQueryServer("127.0.0.1", taken, dict, {}) as server:
        assert server.port != taken
