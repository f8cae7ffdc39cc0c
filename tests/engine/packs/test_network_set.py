"""Several real packs as one network: sums, names, votes, and who is late."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.errors import InnerearError, ModelError
from innerear.engine.packs.network_set import Member, NetworkSet
from innerear.engine.packs.network_set_source import NetworkSetSource
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.resolve import is_named, load, members_of, model_of, resolve_pack
from innerear.engine.packs.tracker import Tracker
from innerear.engine.packs.update_turns import UpdateTurns
from innerear.engine.targets.target import Target

from ...toy_pack import change_manifest

WAVE, STFT, DIGITS = "samplecnn-instruments", "stftcnn-instruments", "samplecnn-digits"


@pytest.fixture(scope="module")
def packs() -> tuple[Pack, Pack]:
    return load_pack(WAVE), load_pack(STFT)


@pytest.fixture(scope="module")
def both() -> NetworkSet:
    loaded = load(f"{WAVE}:2,{STFT}")
    assert isinstance(loaded, NetworkSet)
    return loaded


def noise(samples: int, batch: int = 1, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (0.1 * generator.standard_normal((batch, samples))).astype(np.float32)


def one(size: int, unit: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[unit]


def test_the_gradient_is_the_mean_of_the_normalised_ones(
    packs: tuple[Pack, Pack], both: NetworkSet
) -> None:
    wave, stft = packs
    assert both.window == wave.window > stft.window
    sound = noise(both.window, batch=2)
    brass = one(len(wave.classes), wave.classes.index("Brass"))
    objective, gradient = both.value_and_grad(sound, {"output": brass})
    values, slopes = wave.value_and_grad(sound, {"output": brass})
    newest = sound[:, -stft.window :]
    own = one(len(stft.classes), stft.classes.index("Brass"))
    other_values, other_slopes = stft.value_and_grad(newest, {"output": own})
    expected = 2.0 * slopes / slopes.std(axis=1, keepdims=True)
    expected[:, -stft.window :] += other_slopes / other_slopes.std(axis=1, keepdims=True)
    np.testing.assert_allclose(gradient, expected / 2.0, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(objective, (2.0 * values + other_values) / 2.0, rtol=1e-5)


def test_a_stream_has_the_same_gradient_as_a_batch_bit_for_bit(both: NetworkSet) -> None:
    sound = noise(both.window, batch=3)
    directions = {"output": one(len(both.classes), 4)}
    objective, gradient = both.value_and_grad(sound, directions)
    for _ in range(2):
        source = both.gradient_source()
        for row in range(3):
            found = source.gradient(sound[row], directions)
            one_row = both.value_and_grad(sound[row], directions)
            np.testing.assert_array_equal(found.waveform, one_row[1][0])
            np.testing.assert_allclose(found.waveform, gradient[row], atol=1e-4)
            assert found.objective == pytest.approx(objective[row], rel=1e-4)


def test_only_those_with_a_part_in_the_direction_count(
    packs: tuple[Pack, Pack], both: NetworkSet
) -> None:
    sound = noise(both.window)
    unit = one(both.layers[f"{STFT}.conv5"].units, 7)
    objective, gradient = both.value_and_grad(sound, {f"{STFT}.conv5": unit})
    stft = packs[1]
    value, slope = stft.value_and_grad(sound[:, -stft.window :], {"conv5": unit})
    np.testing.assert_allclose(gradient[:, -stft.window :], slope / slope.std(), rtol=1e-4)
    assert not gradient[:, : -stft.window].any()
    np.testing.assert_allclose(objective, value, rtol=1e-5)


def test_the_length_of_a_direction_stays(both: NetworkSet) -> None:
    sound = noise(both.window)
    unit = one(both.layers[f"{STFT}.conv5"].units, 7)
    _, whole = both.value_and_grad(sound, {f"{STFT}.conv5": unit})
    _, half = both.value_and_grad(sound, {f"{STFT}.conv5": 0.5 * unit})
    np.testing.assert_allclose(half, 0.5 * whole, rtol=1e-4, atol=1e-6)


def test_classes_are_the_same_by_name_and_only_those_who_have_one_vote() -> None:
    wave, digits = load_pack(WAVE), load_pack(DIGITS)
    union = NetworkSet([Member(wave), Member(digits)])
    assert union.classes == (*wave.classes, *digits.classes)
    sound = noise(union.window)
    heard, by_wave, by_digits = (each.hear(sound)["output"] for each in (union, wave, digits))
    np.testing.assert_allclose(heard[:, :29, 0], by_wave.mean(axis=2), rtol=1e-6)
    np.testing.assert_allclose(heard[:, 29:, 0], by_digits.mean(axis=2), rtol=1e-6)
    seven = Target(union.layers, union.classes, "output", "seven").directions(
        {name: np.zeros(layer.units, np.float32) for name, layer in union.layers.items()}
    )
    _, gradient = union.value_and_grad(sound, seven)
    _, own = digits.value_and_grad(sound, {"output": one(10, digits.classes.index("seven"))})
    np.testing.assert_allclose(gradient, own / own.std(), rtol=1e-4, atol=1e-6)


def test_auto_goes_by_the_mean_of_the_scores(packs: tuple[Pack, Pack], both: NetworkSet) -> None:
    sound = noise(both.window)
    _, _, activations = both.value_grad_and_activations(sound, {})
    scores = [
        pack.value_grad_and_activations(sound[:, -pack.window :], {})[2]["output"] for pack in packs
    ]
    assert packs[0].classes == packs[1].classes == both.classes
    np.testing.assert_allclose(activations["output"], np.mean(scores, axis=0), rtol=1e-5)


def test_another_sound_is_heard_by_all_and_changes_nothing(both: NetworkSet) -> None:
    source, undisturbed = both.gradient_source(), both.gradient_source()
    sound, other = noise(both.window, batch=2)
    directions = {"output": one(len(both.classes), 4)}
    for each in (source, undisturbed):
        each.gradient(sound, directions)
    heard = source.hear(other)
    for name, expected in both.hear(other[None]).items():
        np.testing.assert_allclose(heard[name], expected[0].mean(axis=1), atol=1e-4)
    found, expected = (each.gradient(sound, directions) for each in (source, undisturbed))
    np.testing.assert_array_equal(found.waveform, expected.waveform)
    for name, values in expected.activations.items():
        np.testing.assert_array_equal(found.activations[name], values)


def test_each_layer_has_the_share_that_it_was_given(both: NetworkSet) -> None:
    """As `GradientBalance` asks: each layer alone, then together."""
    source = both.gradient_source()
    sound = noise(both.window)[0]
    first, last = f"{STFT}.conv1", f"{STFT}.conv5"
    alone = {
        name: source.gradient(sound, {name: one(both.layers[name].units, 3)}).waveform.copy()
        for name in (first, last)
    }
    chord = {name: one(both.layers[name].units, 3) for name in (first, last)}
    together = source.gradient(sound, chord).waveform
    expected = alone[first] + alone[last]
    assert np.corrcoef(together, expected)[0, 1] > 0.9999


def test_a_late_member_is_left_out_and_first_the_next_time(
    packs: tuple[Pack, Pack], both: NetworkSet
) -> None:
    now = 0.0
    seconds = dict.fromkeys(range(2), 0.015)
    done: list[int] = []

    class Slow:
        """A real source whose gradients take an injected time."""

        def __init__(self, index: int) -> None:
            self._index, self._source = index, packs[index].gradient_source()
            self.sample_rate, self.window = self._source.sample_rate, self._source.window
            self.layers, self.classes = self._source.layers, self._source.classes
            self.value_and_grad = self._source.value_and_grad

        def gradient(self, *arguments: object) -> object:
            nonlocal now
            now += seconds[self._index]
            done.append(self._index)
            return self._source.gradient(*arguments)  # type: ignore[arg-type]

    turns = UpdateTurns(2, 0.020, lambda: now)
    source = NetworkSetSource([Slow(0), Slow(1)], [1.0, 1.0], both._merged, None, turns)
    sound = noise(both.window)[0]
    brass = {"output": one(29, both.classes.index("Brass"))}
    source.gradient(sound, brass)
    assert done == [0, 1]  # nothing is known of either yet
    only_wave = source.gradient(sound, brass).waveform.copy()
    only_stft = source.gradient(sound, brass).waveform.copy()
    assert done == [0, 1, 0, 1]
    for pack, found in zip(packs, (only_wave, only_stft), strict=True):
        slope = pack.value_and_grad(sound[-pack.window :], brass)[1][0]
        np.testing.assert_allclose(found[-pack.window :], slope / slope.std(), rtol=1e-3, atol=1e-4)
    heard = source.gradient(sound, brass).activations  # of both, whoever was late
    np.testing.assert_allclose(
        heard["output"], both.hear(sound)["output"][0, :, 0], rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (f"{WAVE},stfcnn-instruments", "Did you mean stftcnn-instruments"),
        (f"{WAVE},{WAVE}", "named twice"),
        (f"{WAVE}:loud,{STFT}", "has the weight 'loud': write a number"),
        (f"{WAVE}:0,{STFT}", "leave it out"),
        (f"{WAVE},", "without a name"),
    ],
)
def test_what_is_no_set_is_one_line(model: str, words: str) -> None:
    with pytest.raises(InnerearError, match=words) as caught:
        load(model)
    assert "\n" not in str(caught.value)


def test_other_sample_rates_are_one_line_that_says_which(toy_pack: Path, tmp_path: Path) -> None:
    other = shutil.copytree(toy_pack, tmp_path / "toy-slow")
    change_manifest(other, lambda content: content.update(name="toy-slow", sample_rate=8000))
    with pytest.raises(InnerearError, match=rf"{WAVE} at 16000 Hz, toy-slow at 8000 Hz"):
        load(f"{WAVE},{other}")


def test_an_unknown_layer_lists_those_of_the_members(both: NetworkSet) -> None:
    with pytest.raises(InnerearError, match=rf"Did you mean .*{STFT}.conv5"):
        Target(both.layers, both.classes, f"{STFT}.conv9")
    with pytest.raises(InnerearError, match="name one"):
        both.auraliser()
    with pytest.raises(InnerearError, match="several networks: name one of them here"):
        load_pack(f"{WAVE},{STFT}")


def test_a_set_is_made_of_names_packs_and_folders_and_has_a_text(
    packs: tuple[Pack, Pack], toy_pack: Path, both: NetworkSet
) -> None:
    assert both.name == model_of(both) == f"{WAVE}:2,{STFT}"
    assert is_named(f"{WAVE}:2.0, {STFT}", both)
    assert not is_named(f"{WAVE},{STFT}", both)
    assert not is_named(WAVE, both)
    listed = resolve_pack([packs[0], STFT])
    assert listed.name == f"{WAVE},{STFT}"
    folders = load(f"{packs[1].folder},{WAVE}:0.5")
    assert folders.name == f"{packs[1].folder},{WAVE}:0.5"
    assert f"{STFT}.conv1" in folders.layers
    assert model_of(folders) == f"{STFT},{WAVE}:0.5"
    assert resolve_pack([STFT]).name == STFT
    assert [each.name for each in members_of(both)] == [WAVE, STFT]
    assert members_of(packs[0]) == (packs[0],)


def test_a_processor_takes_a_set_and_says_so() -> None:
    processor = innerear.Processor(f"{WAVE},{STFT}", target="Brass")
    assert processor.parameters["model"] == f"{WAVE},{STFT}"


@pytest.mark.parametrize("drive", ["track", "grains"])
def test_a_set_has_the_drives_without_a_gradient(both: NetworkSet, drive: str) -> None:
    sound = noise(16_000, seed=3)
    changes = {
        model: innerear.render(sound, 16_000, model, drive=drive, target="Flute") - sound
        for model in (both.name, WAVE, STFT)
    }
    assert all(np.abs(change).max() > 1e-3 for change in changes.values())
    assert np.abs(changes[both.name] - changes[WAVE]).max() > 1e-3


def test_a_sets_tracker_hears_and_sounds_like_its_members(
    packs: tuple[Pack, Pack], both: NetworkSet
) -> None:
    tracker, own = both.tracker(), [Tracker(pack) for pack in packs]
    assert tracker is not None
    window = noise(both.window, seed=1)[0]
    heard = tracker.hear(window)
    each = [member.hear(window[-pack.window :]) for member, pack in zip(own, packs, strict=True)]
    assert heard.keys() == both.layers.keys() == tracker.templates.keys()
    np.testing.assert_array_equal(heard[f"{STFT}.conv1"], each[1]["conv1"])
    mean = np.mean([one["output"] for one in each], axis=0)
    np.testing.assert_allclose(heard["output"], mean, atol=1e-6)
    np.testing.assert_array_equal(tracker.grains(f"{STFT}.conv1", 400), own[1].grains("conv1", 400))
    together = tracker.grains("output", 400)
    assert together.shape == (len(both.classes), 400)
    np.testing.assert_allclose(np.abs(together).max(axis=1), 1.0, atol=1e-5)
    with pytest.raises(KeyError):
        tracker.grains("conv1", 400)


def test_a_set_with_a_network_without_templates_has_no_tracker(
    packs: tuple[Pack, Pack], toy_pack: Path
) -> None:
    assert NetworkSet([Member(packs[0]), Member(load_pack(toy_pack))]).tracker() is None


def test_a_rendered_set_is_the_same_bit_for_bit_and_none_of_its_members() -> None:
    sound = noise(24_000, seed=3)
    settings = {"target": "Brass", "alignment": "aligned"}
    model = f"{WAVE},{STFT}:0.5"
    first, again = (innerear.render(sound, 16_000, model, **settings) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    alone = innerear.render(sound, 16_000, WAVE, **settings)
    assert np.abs(first - alone).max() > 1e-3


def test_members_are_opened_at_once_and_the_first_error_is_raised(
    both: NetworkSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_are_there = threading.Barrier(2, timeout=60)
    open_one = Pack.gradient_source

    def open_together(pack: Pack) -> object:
        all_are_there.wait()
        return open_one(pack)

    monkeypatch.setattr(Pack, "gradient_source", open_together)
    assert both.gradient_source().window == both.window

    def fail(pack: Pack) -> object:
        raise ModelError(f"{pack.name} is broken")

    monkeypatch.setattr(Pack, "gradient_source", fail)
    with pytest.raises(ModelError, match=f"{WAVE} is broken"):
        both.gradient_source()


def test_members_compute_at_once_what_they_compute_one_after_the_other(
    both: NetworkSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.engine.packs import network_set

    sources = []
    for count in (1, 2):
        monkeypatch.setattr(network_set, "cores", lambda count=count: count)
        sources.append(both.gradient_source())
    brass = one(len(both.classes), both.classes.index("Brass"))
    chord = {"output": brass, f"{WAVE}.conv3": one(both.layers[f"{WAVE}.conv3"].units, 1)}
    for number, directions in enumerate((chord, {"output": brass}, {}, chord)):
        sound = noise(both.window, seed=number)[0]
        alone, together = (source.gradient(sound, directions) for source in sources)
        assert alone.objective == together.objective
        np.testing.assert_array_equal(alone.waveform, together.waveform)
        for layer, heard in alone.activations.items():
            np.testing.assert_array_equal(heard, together.activations[layer])


def test_members_wait_for_each_other_in_no_thread_where_time_is_short(both: NetworkSet) -> None:
    import threading

    before = set(threading.enumerate())
    source = both.gradient_source(budget_seconds=1.0)
    source.gradient(noise(both.window)[0], {})
    assert set(threading.enumerate()) <= before


def test_an_error_of_a_member_in_its_thread_is_raised(
    both: NetworkSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.engine.packs import network_set

    monkeypatch.setattr(network_set, "cores", lambda: 2)
    source = both.gradient_source()
    with pytest.raises(InnerearError, match="rule"):
        source.gradient(noise(both.window)[0], {}, "upwards")  # type: ignore[arg-type]
