"""Hear and dream with a torch network of your own, without exporting it first. Needs torch."""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

import innerear
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.io.audio_files import SoundWriter
from innerear.exporters import TorchPack

RATE, WINDOW = 16_000, 4096


class PitchNetwork(nn.Module):
    """Three bands of sines and a pooling: it hears a low, a middle and a high pitch."""

    def __init__(self) -> None:
        super().__init__()
        seconds = torch.arange(256) / RATE
        hertz = torch.tensor([[220.0], [880.0], [3520.0]])
        self.bands = nn.Conv1d(1, 3, 256, stride=32, bias=False)
        self.bands.weight.data = torch.sin(2 * torch.pi * hertz * seconds)[:, None] / 16
        self.relu = nn.ReLU()

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the score of each class, [batch, classes], for a waveform [batch, window]."""
        activations: torch.Tensor = self.relu(self.bands(waveform[:, None]))
        return activations.mean(dim=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("dreamed-by-torch.wav"))
    parser.add_argument("--target", default="high", choices=("low", "middle", "high"))
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()

    pack = TorchPack(PitchNetwork(), RATE, WINDOW, classes=["low", "middle", "high"])
    print("layers:", {name: layer.units for name, layer in pack.layers.items()})
    sound = short_phrase()[:, : round(given.seconds * SAMPLE_RATE)]
    dreamed = innerear.render(sound, SAMPLE_RATE, pack, target=given.target)
    index = pack.classes.index(given.target)
    for name, each in (("before", sound), ("after", dreamed)):
        score = np.mean(innerear.hear(each, SAMPLE_RATE, pack).scores[:, index])
        print(f"{given.target} {name}: {score:.4f}")
    with SoundWriter(given.output, SAMPLE_RATE, len(dreamed)) as writer:
        writer.write(dreamed)
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
