"""The exported dream is that of the processor: same pack, filter and settings."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import innerear
from innerear.exporters.compare import relative_error
from innerear.exporters.torchscript.dream import AUTO, ScriptDream
from innerear.exporters.torchscript.limiter import ScriptLimiter

from ...thinning import thinned
from .conftest import RATE, buffers, chord, processor

DRAWS = 3
AGREES = 1e-3
DREAMS = (
    ("stftcnn-robust", "output", "auto", 48_000, 1024),
    ("samplecnn-instruments", "output", "Brass", 44_100, 1024),
    ("crnn-robust", "conv2", "7", 16_000, 512),
)


class Plain(torch.nn.Module):
    """What hosts would wrap: the two methods of a dream."""

    def __init__(self, dream: ScriptDream) -> None:
        super().__init__()
        self.of_channel = dream

    @torch.jit.export
    def dream(
        self, sound: torch.Tensor, target: int, step: float, range_db: float, mix: float
    ) -> torch.Tensor:
        return self.of_channel.dream(sound, target, step, range_db, mix)

    @torch.jit.export
    def hear(self, sound: torch.Tensor) -> torch.Tensor:
        return self.of_channel.hear(sound)

    @torch.jit.export
    def reset(self) -> None:
        self.of_channel.reset()


def scripted(
    pack: str, layer: str = "output", rate: int = RATE, n_fft: int = 1024
) -> torch.nn.Module:
    return torch.jit.script(Plain(ScriptDream(innerear.load(pack), layer, rate, n_fft).eval()))


@pytest.fixture(scope="module")
def robust() -> torch.nn.Module:
    return scripted("stftcnn-robust")


# A step of the ascent is a sign, and where two samples of a pooling are equal but for rounding
# either may win: now and then two streams part for good, and the processor's own does so for an
# input that differs by a millionth. That happens in one of some sounds, and not in all of them.
@pytest.mark.parametrize(("pack", "layer", "target", "rate", "n_fft"), thinned(DREAMS, DREAMS[:1]))
def test_it_agrees_with_the_processor_while_knobs_turn(
    pack: str, layer: str, target: str, rate: int, n_fft: int
) -> None:
    module = scripted(pack, layer, rate, n_fft)
    classes = innerear.load(pack).classes
    unit = AUTO if target == "auto" else classes.index(target) if target in classes else int(target)
    errors = []
    for seed in range(DRAWS):
        sound = chord(1.3, seed, rate)
        made = processor(pack, rate, layer=layer, target=target, n_fft=n_fft)
        module.reset()
        expected, found = [], []
        for number, block in enumerate(buffers(sound, 512, 2048, 1536)):
            knobs = {"step": 1.0, "range_db": 24.0, "mix": 1.0}
            if number > 8:
                knobs = {"step": 0.7, "range_db": 12.0, "mix": 0.5}
            for id, value in knobs.items():
                made.parameters.set(id, value)
            expected.append(made.process(block[np.newaxis])[0])
            with torch.inference_mode():
                found.append(module.dream(torch.from_numpy(block), unit, *knobs.values()).numpy())
        heard, delayed = np.concatenate(expected), np.roll(sound, made.latency_samples)
        assert relative_error(heard, delayed[: len(heard)]) > 0.1, "there is a dream to compare"
        errors.append(relative_error(np.concatenate(found), heard))
        if errors[-1] < AGREES:
            return
    pytest.fail(f"relative errors of {errors}")


def test_the_sound_alone_is_only_late(robust: torch.nn.Module) -> None:
    robust.reset()
    sound = chord(0.5)
    out = torch.cat(
        [robust.dream(torch.from_numpy(block), 3, 1.0, 24.0, 0.0) for block in buffers(sound, 512)]
    )
    latency = robust.of_channel.latency
    assert latency == 768
    np.testing.assert_array_equal(out.numpy()[latency:], sound[: len(out) - latency])


def test_it_hears_what_the_processor_hears() -> None:
    pack = "samplecnn-instruments"
    made, module = processor(pack, step=0.0, target="Brass"), scripted(pack)
    for block in buffers(chord(0.6), 2048):
        made.process(block[np.newaxis])
        scores = module.hear(torch.from_numpy(block))
        assert scores.shape == (len(innerear.load(pack).classes), 8)
    expected = made.status.dream.activations["output"]
    assert relative_error(scores[:, -1], expected) < AGREES


def test_reset_begins_anew(robust: torch.nn.Module) -> None:
    block = torch.from_numpy(chord(0.2))
    outs = []
    for _ in range(2):
        robust.reset()
        outs.append(robust.dream(block, AUTO, 1.0, 24.0, 1.0))
    assert torch.equal(*outs)


def test_whatever_comes_in_what_goes_out_is_a_sound(robust: torch.nn.Module) -> None:
    robust.reset()
    bad = 8.0 * torch.from_numpy(chord(0.3))
    bad[1000], bad[3000], bad[4000] = torch.nan, torch.inf, -torch.inf
    out = robust.dream(bad, AUTO, 2.0, 24.0, 1.0)
    assert bool(torch.isfinite(out).all())
    assert float(out.abs().max()) <= 1.0
    robust.reset()
    assert not robust.dream(torch.zeros(8192), AUTO, 1.0, 24.0, 1.0).any()


@pytest.mark.parametrize("loudest", [0.25, 2.0])
def test_no_number_leaves_the_limiter_as_none(loudest: float) -> None:
    block = torch.full((64,), 0.25)
    block[5], block[10] = loudest, torch.nan
    out = ScriptLimiter(48_000, 64)(block, 1.0)
    assert out[10] == 0.0
    assert bool((out.abs() <= 1.0).all())


def test_a_buffer_of_another_size_is_refused(robust: torch.nn.Module) -> None:
    with pytest.raises(torch.jit.Error, match="multiple of the ratio"):
        robust.dream(torch.zeros(300), AUTO, 1.0, 24.0, 1.0)
