"""The paper's loop in torch, beside which steps are timed, computes what ours does."""

from collections.abc import Callable

import numpy as np
import pytest

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.packs.pack import load_pack


@pytest.fixture(autouse=True)
def _needs_torch(require: Callable[..., None]) -> None:
    require("torch")


def test_the_papers_loop_takes_the_gradient_of_the_sum_of_activations() -> None:
    """Window by window through the pack: before the last non-linearity, so times its slope."""
    from innerear.cli.bench.measure_dream import PapersLoop
    from innerear.models.networks.restore import restore

    pack = load_pack("samplecnn-instruments")
    hop = 1600
    sound = short_phrase().mean(axis=0)[SAMPLE_RATE : SAMPLE_RATE + pack.window + 2 * hop].copy()
    found = PapersLoop(restore(pack), sound, hop).gradient().numpy()
    windows = np.stack([sound[start : start + pack.window] for start in (0, hop, 2 * hop)])
    scores = pack.hear(windows)["output"].mean(axis=2)
    strongest = int(scores.mean(axis=0).argmax())
    _, gradients = pack.dream(windows, {"output": np.eye(len(pack.classes))[strongest]})
    expected = np.zeros(len(sound))
    for number, score in enumerate(scores[:, strongest]):
        start = number * hop
        expected[start : start + pack.window] += score * (1 - score) * gradients[number]
    assert np.linalg.norm(found - expected) < 1e-3 * np.linalg.norm(expected)


def test_the_papers_loop_hears_yamnets_patches_in_one_spectrogram() -> None:
    import torch

    from innerear.cli.bench.measure_dream import PapersLoop
    from innerear.models.networks.yamnet import WINDOW, YAMNet

    network = YAMNet().eval()
    sound = np.random.default_rng(0).standard_normal(WINDOW + 4 * 1600).astype(np.float32)
    waveform = torch.from_numpy(sound)
    with torch.no_grad():
        found = PapersLoop(network, sound, 1600).patches(waveform)
        expected = network.log_mel(waveform.unfold(0, WINDOW, 1600))
    assert found.shape == expected.shape == (5, 64, 96)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_its_filter_is_the_listing_of_the_paper() -> None:
    import torch

    from innerear.cli.bench.measure_dream import PapersLoop
    from innerear.models.networks.restore import restore

    pack = load_pack("samplecnn-instruments")
    sound = short_phrase().mean(axis=0)[: pack.window].copy()
    loop = PapersLoop(restore(pack), sound, 1600)
    loop.step("filter")
    assert loop.sound.shape == sound.shape
    assert torch.isfinite(loop.sound).all()
    assert float((loop.sound - torch.from_numpy(sound)).std()) > 0
