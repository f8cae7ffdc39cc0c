"""Small networks with random weights, one for each thing that the exporter must manage."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn
from torch.nn import functional

from innerear.engine.packs.sessions.session import open_session
from innerear.exporters.pack_graphs import build_graphs
from innerear.models.networks.listener import Listener

# What is tested here is small: threads would only wait for one another.
torch.set_num_threads(1)


def settle(network: nn.Module, seed: int = 0) -> None:
    """Give a network random weights, and batch normalisations something to do."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            scale = (2.0 / parameter[0].numel()) ** 0.5
            parameter.data = scale * torch.randn(parameter.shape, generator=generator)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            shape = part.weight.shape
            part.weight.data = 1 + 0.2 * torch.randn(shape, generator=generator)
            part.bias.data = 0.3 * torch.randn(shape, generator=generator)
            part.running_mean = 0.1 * torch.randn(shape, generator=generator)
            part.running_var = 0.5 + torch.rand(shape, generator=generator)


class Small(Listener):
    """What the networks here have in common."""

    sample_rate = 16_000
    hop = 81
    front_end = "none"
    classes = ("one", "two", "three")
    window = 486

    def finish(self) -> "Small":
        """Settle the weights and go into eval mode."""
        settle(self)
        return self.eval().requires_grad_(False)


class SmallSampleCNN(Small):
    """Strided convolution, then [convolution, norm, pooling by 3, ReLU], then length 1."""

    def __init__(self, widths: tuple[int, ...] = (16, 16, 32, 16)) -> None:
        super().__init__()
        first, *others, last = widths
        self.start = nn.Sequential(nn.Conv1d(1, first, 3, stride=3), nn.BatchNorm1d(first))
        sizes = [first, *others]
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(a, b, 3, padding=1, bias=False), nn.BatchNorm1d(b))
            for a, b in pairwise(sizes)
        )
        self.end = nn.Conv1d(sizes[-1], last, 1)
        self.dropout = nn.Dropout(0.5)
        self.linear = nn.Linear(last, len(self.classes))
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        level = ((waveform * waveform).mean(1, keepdim=True) + 1e-7).sqrt()
        x = functional.relu(self.start((waveform / level).unsqueeze(1)))
        maps = {"conv1": x}
        for number, block in enumerate(self.blocks, 2):
            x = functional.max_pool1d(block(x), 3).relu()
            maps[f"conv{number}"] = x
        x = torch.relu(self.end(x))
        maps["features"] = x
        maps["output"] = self.linear(self.dropout(x.mean(2))).unsqueeze(2)
        return maps


class UnevenPooling(Small):
    """Poolings by 2 and 4 that leave samples over, an even kernel, widths that fit no block."""

    window = 211

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv1d(1, 5, 4, stride=2, padding=1)
        self.two = nn.Conv1d(5, 7, 5, padding=2, dilation=1)
        self.three = nn.Conv1d(7, 6, 3, padding=2, dilation=2)
        self.norm = nn.BatchNorm1d(6)
        self.linear = nn.Linear(6, 3)
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        one = torch.relu(self.one(waveform[:, None]))
        two = functional.max_pool1d(torch.relu(self.two(one)), 2)
        three = functional.max_pool1d(self.norm(torch.relu(self.three(two))), 4)
        return {
            "one": one,
            "two": two,
            "three": three,
            "output": self.linear(three.amax(2)).unsqueeze(2),
        }


class Spectrogram(nn.Module):
    """Magnitudes of a short-time Fourier transform, by convolution with its kernels."""

    def __init__(self, size: int = 32, hop: int = 16) -> None:
        super().__init__()
        time = torch.arange(size)[None] * torch.arange(size // 2 + 1)[:, None]
        angle = 2 * torch.pi * time / size
        window = torch.hann_window(size)
        kernels = torch.cat([angle.cos(), -angle.sin()]) * window
        self.register_buffer("kernels", kernels[:, None], persistent=False)
        self.hop = hop

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 1, frequency, frames]."""
        both = functional.conv1d(waveform[:, None], self.kernels, stride=self.hop)
        real, imaginary = both.chunk(2, 1)
        return (real.square() + imaginary.square() + 1e-6).sqrt()[:, None]


class SpectrogramCNN(Small):
    """A spectrogram as an image: 3x3 convolutions, 2x2 poolings, logarithms."""

    window = 16 * 23 + 32

    def __init__(self) -> None:
        super().__init__()
        self.spectrogram = Spectrogram()
        self.one = nn.Conv2d(1, 16, 3, padding=1)
        self.two = nn.Conv2d(16, 16, 3, padding=1)
        self.norm = nn.BatchNorm2d(16)
        self.linear = nn.Linear(16, 3)
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        image = torch.log(self.spectrogram(waveform) + 1e-2)
        one = functional.max_pool2d(torch.relu(self.one(image)), 2)
        two = functional.max_pool2d(self.norm(torch.relu(self.two(one))), (2, 3))
        scores = self.linear(two.mean(2).transpose(1, 2)).transpose(1, 2)
        return {"one": one, "two": two, "output": scores}


class SeparableCNN(Small):
    """Depthwise and pointwise convolutions with strides, as in MobileNet; overlapping pooling."""

    window = 16 * 31 + 32

    def __init__(self) -> None:
        super().__init__()
        self.spectrogram = Spectrogram()
        self.start = nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False)
        self.depthwise = nn.Conv2d(16, 16, 3, stride=2, padding=1, groups=16, bias=False)
        self.pointwise = nn.Conv2d(16, 32, 1, bias=False)
        self.depthwise2 = nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in (16, 16, 32, 32))
        self.linear = nn.Linear(32, 3)
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        x = torch.log10(self.spectrogram(waveform) + 1e-3)
        x = torch.relu(self.norms[0](self.start(x)))
        maps = {"start": x}
        x = torch.relu(self.norms[1](self.depthwise(x)))
        x = torch.relu(self.norms[2](self.pointwise(x)))
        maps["separable"] = x
        x = torch.relu(self.norms[3](self.depthwise2(functional.pad(x, (0, 1, 0, 1)))))
        x = functional.max_pool2d(x, 3, stride=2, padding=1)
        maps["separable2"] = x
        maps["output"] = self.linear(functional.adaptive_avg_pool2d(x, 1).flatten(1)).unsqueeze(2)
        return maps


class Recurrent(Small):
    """Convolution, then a GRU over its frames, then a sigmoid of a linear layer per frame."""

    window = 243

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 16, 27, stride=27)
        self.gru = nn.GRU(16, 8, batch_first=True)
        self.linear = nn.Linear(8, 3)
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        conv = torch.relu(self.conv(waveform[:, None]))
        gru, _ = self.gru(conv.transpose(1, 2))
        return {
            "conv": conv,
            "gru": gru.transpose(1, 2),
            "output": self.linear(gru).transpose(1, 2),
        }


class Softmax(Small):
    """Scores that exclude one another, and activations other than ReLU."""

    window = 60

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 6, stride=6)
        self.linear = nn.Linear(4, 3)
        self.finish()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        conv = torch.tanh(self.conv(waveform[:, None]))
        return {"conv": conv, "output": self.linear(conv.sigmoid().mean(2)).unsqueeze(2)}

    def scores(self, output: Tensor) -> Tensor:
        return output.softmax(1)


NETWORKS: dict[str, type[Small]] = {
    "samplecnn": SmallSampleCNN,
    "uneven": UnevenPooling,
    "spectrogram": SpectrogramCNN,
    "separable": SeparableCNN,
    "recurrent": Recurrent,
    "softmax": Softmax,
}


@dataclass(frozen=True)
class Built:
    """A network and its two graphs in ONNX Runtime."""

    network: Small
    hear_bytes: bytes
    dream_bytes: bytes
    hear: Any
    dream: Any


def build(network: Small) -> Built:
    """Export a network's graphs and open them."""
    hear, dream = (graph.SerializeToString() for graph in build_graphs(network))
    return Built(network, hear, dream, open_session(hear), open_session(dream))


@pytest.fixture(scope="session")
def built() -> Callable[[str], Built]:
    """Give the function that exports one of the networks by its name, once."""
    return cache(lambda name: build(NETWORKS[name]()))
