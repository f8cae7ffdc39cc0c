"""Answers to tones against the weights: where a layer is linear filters, they are its response."""

from collections.abc import Callable

import numpy as np
import torch

from innerear.engine.analysis.tone_responses import tone_frequencies, tone_responses
from innerear.engine.packs.pack import load_pack
from innerear.models.networks.restore import restore


def test_the_first_layer_answers_as_its_kernels_say(require: Callable[..., None]) -> None:
    require("torch")
    pack = load_pack("samplecnn-digits")
    network = restore(pack)
    with torch.no_grad():
        convolution, normalisation = network.blocks["conv1"][0], network.blocks["conv1"][1]
        gain = normalisation.weight / (normalisation.running_var + normalisation.eps).sqrt()
        bias = (normalisation.bias - gain * normalisation.running_mean).numpy()
        kernels = (convolution.weight[:, 0] * gain[:, None]).numpy()
    hertz = tone_frequencies(pack.sample_rate, 48)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(3), hertz) / pack.sample_rate)
    size = np.abs(kernels @ turns)
    # Each window is brought to a root mean square of 1, so a tone has the amplitude sqrt(2).
    phase = 2 * np.pi * np.arange(720) / 720
    waves = np.sqrt(2) * size[..., None] * np.cos(phase) + bias[:, None, None]
    expected = np.maximum(waves, 0).mean(axis=-1)
    found = tone_responses(pack, hertz)["conv1"]
    error = np.abs(found - expected).max(axis=0) / expected.max()
    # Near multiples of the frame rate a window is too short to meet the tone at every phase.
    frame_rate = pack.sample_rate / 3
    apart = np.abs(hertz - frame_rate * np.round(hertz / frame_rate)) > 60
    assert apart.sum() > 40
    assert error[apart].max() < 0.01
