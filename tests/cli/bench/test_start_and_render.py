"""`innerear bench start` and `innerear bench render` say what they measured."""

import json
import os
import sys

import pytest

from innerear.cli.bench import measure_render, measure_start
from innerear.cli.bench.measure_start import Start, timed_start
from innerear.engine.errors import DeviceError

from ..conftest import Run

NO_JACK = "jackd is missing"


def test_a_start_is_timed_until_the_word_is_said() -> None:
    code = "import time; print('noise'); print('it is there', flush=True); time.sleep(60)"
    start = timed_start([sys.executable, "-c", code], "is there", os.environ)
    assert 0.0 < start.processor_seconds < start.seconds + 60.0
    assert start.seconds < 60.0


def test_what_ends_without_the_word_did_not_start() -> None:
    with pytest.raises(DeviceError, match="It did not start: broken"):
        timed_start([sys.executable, "-c", "print('broken')"], "is there", os.environ)


def test_starts_take_turns_and_medians_are_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []

    def start(command: list[str], word: str, environment: dict[str, str]) -> Start:
        commands.append(command[-1])
        return Start(float(len(commands)), 0.5)

    def no_jack(block: int) -> None:
        raise DeviceError(NO_JACK)

    monkeypatch.setattr(measure_start, "timed_start", start)
    monkeypatch.setattr(measure_start, "jack_server", no_jack)
    outcome = run("bench", "start", "--rounds", 3, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    rows = json.loads(outcome.out)["rows"]
    assert [row["what"] for row in rows] == ["live, a file", "the window"]
    assert [row["seconds"] for row in rows] == [3.0, 4.0]
    assert rows[0]["rounds_seconds"] == [1.0, 3.0, 5.0]


def test_a_rendering_stands_beside_its_gradients(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = {"digits": {"model": "samplecnn-digits", "target": "seven"}}
    monkeypatch.setattr(measure_render, "CHOICES", choices)
    monkeypatch.setattr(measure_render, "GRADIENTS", 3)
    outcome = run("bench", "render", "--seconds", 1, "--rounds", 1, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    (row,) = json.loads(outcome.out)["rows"]
    assert row["what"] == "digits"
    assert row["realtime_factor"] > 0.0
    assert row["gradients_factor"] == row["at_once_factor"] > 0.0, "one network"
