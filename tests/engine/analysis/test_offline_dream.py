"""The recursion on a whole sound raises what it should, and only changes what it should."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS, dream_settings
from innerear.engine.analysis.offline_dream import OfflineDream, dream
from innerear.engine.combinations import OFFLINE_COMBINATIONS
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.errors import InnerearError, ModelError, ParameterError
from innerear.engine.packs.onnx_runners import RULES
from innerear.engine.packs.pack import Pack, load_pack

from ...thinning import thinned
from ..references.dreamsound import faded_average

TARGETS = ("Singing voice", "Brass", "Organ", "Flute", "Snare drum")
NOISE = 0.02
"""How much a mean score may fall at one step and still be said to rise."""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("samplecnn-instruments")


@pytest.fixture(scope="module")
def phrase() -> np.ndarray:
    """Return two seconds of the phrase, float32 (2, samples) at 44.1 kHz."""
    return short_phrase()[:, : 2 * SAMPLE_RATE]


def _dreamed(sound: np.ndarray, rate: int, pack: Pack, **values: object) -> OfflineDream:
    dreaming = OfflineDream(sound, rate, pack, dream_settings(**values))
    for _ in range(dreaming.settings.steps):
        dreaming.advance()
    return dreaming


@pytest.mark.parametrize("target", thinned(TARGETS, ["Brass", "Snare drum"]))
def test_a_target_rises_with_every_step(pack: Pack, phrase: np.ndarray, target: str) -> None:
    assert target in pack.classes
    report = _dreamed(phrase, SAMPLE_RATE, pack, combine="add", target=target, steps=8).report()
    scores = np.array(report["scores"])
    assert len(scores) == 9
    assert np.diff(scores).min() > -NOISE
    assert scores[-1] > scores[0] + 0.2
    assert report["targets"] == [target] * 8


@pytest.mark.parametrize("layer", ["conv3", "conv5"])
def test_a_unit_inside_rises_too(pack: Pack, phrase: np.ndarray, layer: str) -> None:
    report = _dreamed(
        phrase, SAMPLE_RATE, pack, combine="add", layer=layer, target=7, steps=4
    ).report()
    assert report["targets"] == [f"{layer} unit 7"] * 4
    assert np.diff(report["scores"]).min() > 0.0


def test_auto_is_the_argmax_of_the_mean_over_windows(pack: Pack, phrase: np.ndarray) -> None:
    """As the paper says; heard here window by window."""
    dreaming = _dreamed(phrase, SAMPLE_RATE, pack, layer="conv4,output", steps=1)
    mono = dreaming._start.mean(axis=0)
    totals = {"conv4": 0.0, "output": 0.0}
    for start in range(0, dreaming.windows * dreaming.hop, dreaming.hop):
        window = mono[start : start + pack.window]
        heard = pack.hear(np.pad(window, (0, pack.window - len(window))))
        totals = {name: total + heard[name][0].mean(axis=1) for name, total in totals.items()}
    unit, class_ = int(np.argmax(totals["conv4"])), int(np.argmax(totals["output"]))
    assert dreaming.targets == [f"conv4 unit {unit}, {pack.classes[class_]}"]


def test_auto_chooses_anew_at_each_step(pack: Pack, phrase: np.ndarray) -> None:
    """As the paper's code does: when the sound has become another, so has its class."""
    dreaming = OfflineDream(
        phrase, SAMPLE_RATE, pack, dream_settings(combine="gradient", step=1.0, steps=3)
    )
    for step in range(3):
        heard = dreaming._network.hear(dreaming._steps.heard())["output"]
        dreaming.advance()
        assert dreaming.targets[step] == pack.classes[int(np.argmax(heard))]
    assert len(set(dreaming.targets)) > 1


def test_several_layers_are_summed(pack: Pack, phrase: np.ndarray) -> None:
    directions = {"conv4": "conv4", "conv5": "conv5:0.5"}
    gradients = {}
    for name, layer in {**directions, "both": "conv4,conv5:0.5"}.items():
        dreaming = OfflineDream(phrase, SAMPLE_RATE, pack, dream_settings(layer=layer, target=2))
        mono = dreaming._steps.heard()
        gradients[name] = dreaming._network.gradient(mono, dreaming._directions).gradient
    both = gradients["conv4"] + gradients["conv5"]
    np.testing.assert_allclose(gradients["both"], both, atol=1e-5 * np.abs(both).max())


def test_another_sound_is_the_target(pack: Pack, phrase: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    noise = 0.3 * rng.standard_normal(48_000).astype(np.float32)
    settings = dream_settings(combine="target", steps=3)
    dreaming = OfflineDream(phrase, SAMPLE_RATE, pack, settings, noise, 48_000)
    for _ in range(3):
        dreaming.advance()
    report = dreaming.report()
    assert report["targets"] == ["Noise"] * 3
    assert report["score_after"] > report["score_before"]
    named = OfflineDream(
        phrase, SAMPLE_RATE, pack, dream_settings(target="Brass", steps=1), noise, 48_000
    )
    named.advance()
    assert named.targets == ["Brass"]


def test_what_is_heard_in_another_sound_is_the_direction(pack: Pack, phrase: np.ndarray) -> None:
    noise = 0.3 * np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    settings = dream_settings(target="sound", layer="conv5", steps=3)
    dreaming = OfflineDream(phrase, SAMPLE_RATE, pack, settings, noise, 48_000)
    for _ in range(3):
        dreaming.advance()
    report = dreaming.report()
    assert report["targets"] == ["what the target sound sounds like"] * 3
    assert report["score_after"] > report["score_before"]


@pytest.mark.parametrize("combine", OFFLINE_COMBINATIONS)
def test_every_combination_dreams(pack: Pack, phrase: np.ndarray, combine: str) -> None:
    dreamed = dream(
        phrase, SAMPLE_RATE, pack, combine=combine, steps=2, step=0.5, target_sound=phrase[0]
    )
    assert dreamed.shape == phrase.shape
    assert dreamed.dtype == np.float32
    assert np.isfinite(dreamed).all()
    assert np.abs(dreamed).max() <= 1.0
    assert (dreamed - phrase).std() > 1e-3 * phrase.std()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000, 96_000])
@pytest.mark.parametrize("shape", [(1,), (700,), (1, 9_001), (3, 24_000)])
def test_any_rate_and_shape(toy_pack: Path, rate: int, shape: tuple[int, ...]) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)
    dreamed = dream(sound, rate, Pack(toy_pack), steps=2, target="Middle tone")
    assert dreamed.shape == sound.shape
    assert np.isfinite(dreamed).all()


def test_the_linear_toy_is_added_as_on_paper(toy_pack: Path) -> None:
    """Its gradient is a tone whatever the sound is; each window's counts by the window's level."""
    time = np.arange(4_800) / 16_000
    sound = (0.1 * np.sin(2 * np.pi * 3000 * time)).astype(np.float32)
    pack = Pack(toy_pack)
    settings = {"combine": "add", "target": "Middle tone", "hop_ms": 25, "steps": 3}
    dreamed = dream(sound, 16_000, pack, **settings)
    tone = np.sin(2 * np.pi * 1000 * time)
    expected = sound.astype(np.float64)
    for _ in range(3):
        padded = np.pad(expected, pack.window)
        starts = range(-3 * 400, 4_800, 400)  # of the windows that hold some of the sound
        norms = [np.linalg.norm(padded[at + 1600 : at + 3200]) for at in starts]
        levels = [np.full(1600, norm / max(norms)) for norm in norms]
        gradient = tone * faded_average(list(zip(starts, levels, strict=True)), 4_800)
        expected += 0.1 * sound.std() * gradient / gradient.std()
    np.testing.assert_allclose(dreamed, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["samplecnn-instruments", "crnn-instruments"])
def test_a_dream_does_not_begin_or_end_with_a_burst(name: str) -> None:
    """A whistle between two times 300 ms of a hiss at -80 dB, and the gradient in its place."""
    network = load_pack(name)
    rate = network.sample_rate
    time = np.arange(3 * rate) / rate
    on = np.clip(np.minimum(time - 0.3, 2.7 - time) / 0.05, 0, 1)
    hiss = 1e-4 * np.random.default_rng(0).standard_normal(len(time))
    sound = 0.3 * on * np.sin(2 * np.pi * (1800 * time + 90 * np.sin(4.4 * time))) + hiss
    dreamed = dream(sound, rate, network, combine="gradient", step=1.0, steps=1, target="Flute")
    for end in (dreamed[: rate // 10], dreamed[-rate // 10 :]):
        assert end.std() < dreamed.std()


def test_what_the_network_cannot_hear_stays(pack: Pack) -> None:
    time = np.arange(48_000) / 48_000
    high = 0.01 * np.sin(2 * np.pi * 15_000 * time)
    sound = (high + 0.02 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    dreamed = dream(sound, 48_000, pack, combine="gradient", step=1.0, steps=1)
    above = np.fft.rfftfreq(48_000, 1 / 48_000) > 8_500
    before, after = (np.fft.rfft(signal * np.hanning(48_000)) for signal in (sound, dreamed))
    assert np.linalg.norm((after - before)[above]) < 0.01 * np.linalg.norm(before[above])
    assert np.linalg.norm((after - before)[~above]) > 0.5 * np.linalg.norm(before[~above])


def test_a_channel_is_dreamed_at_its_own_level(pack: Pack, phrase: np.ndarray) -> None:
    sound = np.stack((phrase[0], 0.1 * phrase[0], np.zeros_like(phrase[0])))
    dreamed = dream(sound, SAMPLE_RATE, pack, combine="add", steps=2)
    change = dreamed - sound
    np.testing.assert_allclose(10 * change[1], change[0], atol=1e-4)
    assert not change[2].any()


@pytest.mark.parametrize("combine", OFFLINE_COMBINATIONS)
def test_silence_stays_silence(pack: Pack, combine: str) -> None:
    silence = np.zeros((2, 30_000), np.float32)
    settings = dream_settings(combine=combine, steps=2)
    dreaming = OfflineDream(silence, 16_000, pack, settings, np.ones(900, np.float32))
    dreaming.advance()
    assert not dreaming.result().any()
    report = dreaming.report()
    assert report["change_db"] is None
    assert report["peak_dbfs"] is None


def test_a_step_of_zero_changes_nothing_exactly(pack: Pack, phrase: np.ndarray) -> None:
    for combine in ("add", "flip"):
        dreamed = dream(phrase, SAMPLE_RATE, pack, combine=combine, step=0.0, steps=1)
        np.testing.assert_array_equal(dreamed, phrase)


def test_gradients_that_are_no_numbers_are_left_out_and_counted(damaged_pack: Path) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 2_000).astype(np.float32)
    dreaming = _dreamed(sound, 16_000, Pack(damaged_pack), combine="add", steps=3)
    np.testing.assert_array_equal(dreaming.result()[0], sound)
    assert dreaming.report()["broken_windows"] == 3 * 8  # windows that hold some of 2000 samples


def test_never_above_full_scale(pack: Pack, phrase: np.ndarray) -> None:
    loud = phrase / np.abs(phrase).max()
    dreaming = _dreamed(loud, SAMPLE_RATE, pack, combine="gradient", step=1.0, steps=1)
    assert np.abs(dreaming.result()).max() == 1.0
    report = dreaming.report()
    assert report["peak_dbfs"] == 0.0
    assert report["turned_down_db"] > 0.0


def test_twice_the_same_is_the_same(pack: Pack, phrase: np.ndarray) -> None:
    once, again = (dream(phrase, SAMPLE_RATE, pack, steps=2) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_colour_follows_the_sound(pack: Pack, phrase: np.ndarray) -> None:
    """The raw gradient goes on where the sound is silent; at full colour it is silent there."""
    sound = np.concatenate((phrase[0], np.zeros(SAMPLE_RATE, np.float32)))
    quiet = slice(len(phrase[0]) + SAMPLE_RATE // 4, None)
    raw, shaped = (
        dream(sound, SAMPLE_RATE, pack, combine="add", steps=1, colour=colour)
        for colour in (0.0, 1.0)
    )
    assert np.abs(raw[quiet]).max() > 1e-3
    assert np.abs(shaped[quiet]).max() < 1e-5
    assert np.abs(shaped - sound).max() > 1e-3


def test_drives_differ(pack: Pack, phrase: np.ndarray) -> None:
    results = [
        dream(phrase, SAMPLE_RATE, pack, steps=1, target="Brass", drive=drive)
        for drive in ("gradient", "deconv", "guided")
    ]
    assert np.abs(results[0] - results[1]).max() > 1e-4
    assert np.abs(results[1] - results[2]).max() > 1e-4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"layer": "cnv5"}, "Did you mean conv5"),
        ({"layer": "conv1", "target": 99_999}, "has units 0 to"),
        ({"target": "Bras"}, "Brass"),
        ({"combine": "flipp"}, "flip"),
        ({"combine": "target"}, "--target-sound"),
        ({"target": "sound"}, "needs a target sound"),
        ({"steps": 0}, "1 to 10000"),
        ({"steps": 2.5}, "whole number"),
        ({"step": float("nan")}, "step cannot be nan"),
        ({"stepp": 1}, "Did you mean step"),
        ({"drive": "track"}, "drive cannot be"),
        ({"parameterisation": "partials"}, r"Valid are filter\+waveform, filter, waveform"),
        ({"layer": "conv5:x"}, "write a number"),
    ],
)
def test_what_cannot_be_is_said(
    pack: Pack, phrase: np.ndarray, values: dict[str, object], words: str
) -> None:
    with pytest.raises(InnerearError, match=words):
        dream(phrase, SAMPLE_RATE, pack, **values)


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (np.zeros(0), "shape"),
        (np.zeros((2, 3, 4)), "shape"),
        (np.array([0.0, np.nan]), "NaN"),
        (np.array([0.0, np.inf]), "NaN"),
    ],
)
def test_a_sound_that_is_none_is_refused(pack: Pack, sound: np.ndarray, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        dream(sound, 16_000, pack)
    with pytest.raises(ParameterError, match=f"target_sound .*{words}"):
        dream(np.zeros(9), 16_000, pack, target_sound=sound)


def test_the_package_gives_it_by_name() -> None:
    assert innerear.dream is dream
    with pytest.raises(ModelError, match="There is no model"):
        innerear.dream(np.ones(9), 16_000, "nothing-like-it")


def test_what_can_be_chosen_is_there() -> None:
    assert set(DREAM_SETTINGS["combine"].choices) == set(OFFLINE_COMBINATIONS)
    assert set(DREAM_SETTINGS["drive"].choices) == set(RULES)


def test_settings_shared_with_the_stream_keep_their_names() -> None:
    shared = set(DREAM_SETTINGS) & set(innerear.PARAMETERS)
    assert shared == set(DREAM_SETTINGS) - {"steps", "hop_ms"}


def test_two_stages_are_a_filter_and_then_additions_6_db_below_it(
    pack: Pack, phrase: np.ndarray
) -> None:
    settings = dream_settings(
        parameterisation="filter+waveform", steps=8, step=0.4, combine="add", target="Flute"
    )
    staged = OfflineDream(phrase, SAMPLE_RATE, pack, settings)
    alone = OfflineDream(phrase, SAMPLE_RATE, pack, replace(settings, parameterisation="filter"))
    for _ in range(4):
        staged.advance()
        alone.advance()
    np.testing.assert_array_equal(staged._steps.now(), alone._steps.now())
    filtered = staged._steps.now()
    for _ in range(4):
        staged.advance()
    for before, after in zip(
        np.array_split(filtered, 8, axis=1),
        np.array_split(staged._steps.now(), 8, axis=1),
        strict=True,
    ):  # each quarter of a second is as loud
        np.testing.assert_allclose(after.std(axis=1), before.std(axis=1), rtol=0.1)
    added = staged._steps.now() - filtered
    share = added.std(axis=1) / filtered.std(axis=1)
    assert (share > 0.1).all()
    assert (share <= 0.5 * 1.001).all()
    scores = staged.report()["scores"]
    assert scores[-1] > scores[4]  # the additions are heard as well
