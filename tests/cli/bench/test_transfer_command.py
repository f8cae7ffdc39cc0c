"""`innerear bench transfer` on a short sound: who dreamed, who judged, and what is in the table."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.cli.bench import measure_transfer as measure
from innerear.cli.bench.measure_transfer import (
    SAME_LEVEL,
    UNSEEN,
    Listener,
    Sound,
    measure_transfer,
)
from innerear.cli.bench.real_examples import RealExamples, mixed_in
from innerear.cli.bench.transfer import _targets
from innerear.engine.analysis.judging.judges import Judge
from innerear.engine.analysis.judging.sound_measures import power_db
from innerear.engine.dsp.computed_tones import SAMPLE_RATE
from innerear.engine.dsp.judged_sounds import musical_sounds
from innerear.engine.errors import ParameterError
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

from ..conftest import Run

Refused = Callable[..., str]
DREAMS = "wavelet-instruments"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sounds") / "short.wav"
    sound = musical_sounds()["organ chord"][0, : round(1.2 * SAMPLE_RATE)]
    soundfile.write(path, sound, SAMPLE_RATE, "FLOAT")
    return path


def test_as_json(run: Run, short: Path) -> None:
    outcome = run(
        *("bench", "transfer", short, "--model", DREAMS, "--target", "Brass", "--step", "0.5"),
        *("--alignment", "live", "--no-yardstick", "--json"),
    )  # fmt: skip
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert (data["sounds"], data["targets"]) == (["short.wav"], ["Brass"])
    assert data["parameters"]["step"] == 0.5
    rows = [row for row in data["rows"] if row["target"] is None and row["way"] == "dream"]
    (dreams,) = [row for row in rows if row["took_part"]]
    assert dreams["listener"] == DREAMS
    assert dreams["mean_after"] > dreams["mean_before"], "the dreaming network hears its dream"
    judges = [row for row in rows if not row["took_part"] and row["listener"] != UNSEEN]
    assert {"crnn-instruments", "samplecnn-instruments"} <= {row["listener"] for row in judges}
    unseen = [row for row in judges if row["listener"] != "yamnet"]
    (mean,) = [row for row in rows if row["listener"] == UNSEEN]
    for field in ("mean_after", "log_odds_gain", "rank_before"):
        assert mean[field] == pytest.approx(np.mean([row[field] for row in unseen]))
    alone = [row for row in data["rows"] if row["target"] == "Brass" and row["way"] == "dream"]
    assert [row["mean_after"] for row in alone] == [row["mean_after"] for row in rows]
    sound_row = data["how_it_sounds"][0]
    assert sound_row["median"] == sound_row["worst"], "of one sound"
    assert -40 < sound_row["median"]["change_db"] < 6
    assert data["left_out"] == []


def test_as_a_table_with_a_plot(run: Run, short: Path, tmp_path: Path) -> None:
    plot = tmp_path / "bars.png"
    outcome = run(
        *("bench", "transfer", short, "--model", DREAMS, "--target", "Brass,Flute"),
        *("--judge", "crnn-instruments", "--no-yardstick", "--plot", plot),
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0].startswith("way")
    assert [line.split()[1] for line in lines[1:3]] == [DREAMS, "crnn-instruments"]
    assert "sounds: 1; targets: Brass, Flute;" in outcome.out
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.soak
def test_the_yardstick_is_as_loud_as_the_change(require: Callable[..., None]) -> None:
    require("fluidsynth", "soundfont")
    sound = Sound("organ", musical_sounds()["organ chord"][:, :SAMPLE_RATE], SAMPLE_RATE)
    pack = load_pack(DREAMS)
    listeners = [Listener(Judge(pack), True), Listener(Judge(load_pack("crnn-instruments")), False)]
    parameters = ParameterSet(model=DREAMS)
    done: list[float] = []
    found = measure_transfer(
        [sound], ["Brass"], parameters, listeners, pack=pack, progress=done.append
    )
    assert done == [1]
    rows = {(row.way, row.listener): row.heard for row in found.rows if row.target is None}
    alone = rows["example alone", "crnn-instruments"]
    mixed = rows[SAME_LEVEL, "crnn-instruments"]
    assert alone.mean_after > mixed.mean_after, "more of the class is heard where nothing else is"
    assert alone.log_odds_gain > 1
    assert found.left_out == []


@pytest.mark.soak
def test_other_dreams_stand_beside_the_one_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"faint": {"step": 0.01}, "as asked": {"step": 1.0}, "none": {"no_such_knob": 1.0}}
    monkeypatch.setattr(measure, "OTHER_DREAMS", others)
    sound = Sound("organ", musical_sounds()["organ chord"][:, :SAMPLE_RATE], SAMPLE_RATE)
    pack = load_pack(DREAMS)
    # As where nothing that renders examples is installed.
    monkeypatch.setattr(RealExamples, "sequence", lambda *_, **__: None)
    found = measure_transfer(
        [sound], ["Brass"], ParameterSet(model=DREAMS), [Listener(Judge(pack), True)], pack=pack
    )
    asked, faint = found.sound_rows
    assert [asked.way, faint.way] == ["dream", "faint"]
    assert faint.median["change_db"] < asked.median["change_db"] - 20


def test_an_example_is_mixed_in_at_its_level(require: Callable[..., None]) -> None:
    require("fluidsynth", "soundfont")
    examples = RealExamples()
    example, again, other = (examples.sequence("Flute", 16_000, 30_000, seed) for seed in (1, 1, 2))
    assert example is not None
    assert example.shape == (1, 30_000)
    np.testing.assert_array_equal(example, again)
    assert not np.array_equal(example, other)
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 30_000)).astype(np.float32)
    change = mixed_in(sound, example, -6.0) - sound
    assert power_db(change) - power_db(sound) == pytest.approx(-6.0, abs=0.01)


def test_without_examples_it_says_why() -> None:
    examples = RealExamples()
    assert examples.sequence("High tone", 16_000, 100, 0) is None
    assert "no real example of High tone" in examples.left_out["High tone"]


def test_targets_are_called_as_the_dreaming_network_calls_them() -> None:
    audioset = ("Brass instrument", "Violin, fiddle", "Singing")
    assert _targets(["Brass", "Violin, fiddle"], "auto", audioset) == list(audioset[:2])
    assert _targets(["Brass instrument,Singing,Brass"], "auto", audioset) == [
        "Brass instrument",
        "Singing",
    ]
    assert _targets(None, "Singing voice", audioset) == ["Singing"]
    with pytest.raises(ParameterError, match="no class 'Tom' to dream"):
        _targets(["Tom"], "auto", audioset)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model", "samplecnn-digits", "--target", "zero"), "No judge has the class 'zero'"),
        (("--target", "Brss"), "Did you mean Brass"),
        (("--target", "Brass", "--judge", "crnn"), "Did you mean crnn-instruments"),
        (("--judge", str(PARAMETERS["model"].default).split(",")[0]), "dreams itself"),
        (("--plot", "bars.bmp"), ".png"),
        (("--step", "9"), "step cannot be"),
    ],
)
def test_what_cannot_be_judged(
    refused: Refused, short: Path, options: tuple[str, ...], words: str
) -> None:
    assert words in refused("bench", "transfer", short, *options)


def test_a_bad_sound_is_one_line(refused: Refused, bad_sound: tuple[Path, str]) -> None:
    path, words = bad_sound
    assert words in refused("bench", "transfer", path, "--target", "Brass")
