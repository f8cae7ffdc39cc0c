"""Networks with 2-D convolutions and poolings on a spectrogram."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from .level import UnitLevel
from .listener import Listener
from .spectral_images import FRONT_ENDS


class MeanPool(nn.Module):
    """The mean of each 2x2 square; written out, because its gradient can be exported like this."""

    def forward(self, map_: Tensor) -> Tensor:
        """Return [batch, units, height // 2, width // 2]."""
        height, width = map_.shape[2] // 2, map_.shape[3] // 2
        rows = torch.unflatten(map_[:, :, : 2 * height, : 2 * width], 3, (width, 2))
        return torch.unflatten(rows, 2, (height, 2)).mean(dim=(3, 5))


ACTIVATIONS: dict[str, type[nn.ReLU] | type[nn.SiLU]] = {"relu": nn.ReLU, "silu": nn.SiLU}
POOLINGS: dict[str, Callable[[], nn.Module]] = {
    "max": lambda: nn.MaxPool2d(2),
    "average": MeanPool,
}


class SpectralCNN(Listener):
    """Layers `conv1`, `conv2`, ..., `output` on a spectrogram.

    Every layer is a block of [Conv2d, BatchNorm, MaxPool(2x2), ReLU]; its map has a frequency axis.
    The classifier is linear on the mean over time of all units at all frequencies.

    After Choi, Fazekas, Sandler and Kim, "Auralisation of deep convolutional neural networks:
    listening to learned features", 2015: five blocks of 3x3, or four of which the first is 12x12;
    narrower, so that the gradient is fast, and with pooling before the ReLU, which gives the same
    numbers for less work.
    """

    def __init__(
        self,
        classes: Sequence[str],
        sample_rate: int = 16_000,
        image: str = "stft",
        widths: Sequence[int] = (12, 24, 32, 48, 64),
        first_kernel: int = 3,
        frames: int = 64,
        hop: int = 1024,
        dropout: float = 0.15,
        activation: str = "relu",
        pooling: str = "max",
    ) -> None:
        """Build an untrained network.

        Args:
            classes: names of the units of `output`.
            sample_rate: in hertz.
            image: the front end, a key of `FRONT_ENDS`.
            widths: units of each convolution.
            first_kernel: height and width of the first one's kernels; the others' are 3.
            frames: of the spectrogram in a window.
            hop: samples between two windows of a stream.
            dropout: part of the features dropped before the classifier, in training.
            activation: a key of `ACTIVATIONS`.
            pooling: a key of `POOLINGS`; averages follow the activation, maxima come before it.
        """
        super().__init__()
        made = FRONT_ENDS[image](sample_rate)
        self.sample_rate = sample_rate
        self.hop = hop
        self.front_end = f"{made.phrase}; each window brought to one level"
        self.classes = tuple(classes)
        self.window = made.window(frames)
        self.level = UnitLevel()
        self.image = made
        self.spectrum = made.fourier
        self.blocks = nn.ModuleDict()
        before, bands = 1, made.bands
        for number, width in enumerate(widths, 1):
            kernel = first_kernel if number == 1 else 3
            last = POOLINGS[pooling](), ACTIVATIONS[activation]()
            self.blocks[f"conv{number}"] = nn.Sequential(
                nn.Conv2d(before, width, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                *(reversed(last) if pooling == "average" else last),
            )
            before, bands = width, (bands + 1 - kernel % 2) // 2
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(before * bands, len(self.classes))

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.forward`."""
        return self.activate(self.represent(waveform))

    def represent(self, waveform: Tensor) -> Tensor:
        """Return the image where it is a Fourier transform's, else the waveform at one level."""
        level: Tensor = self.level(waveform)
        return level if self.spectrum is None else self.image(level)

    def convolved(self, represented: Tensor) -> dict[str, Tensor]:
        """Return the maps of the convolutions, [batch, units, frequency, frames]."""
        activations: dict[str, Tensor] = {}
        image = represented if self.spectrum is not None else self.image(represented)
        map_ = image.unsqueeze(1)
        for name, block in self.blocks.items():
            map_ = block(map_)
            activations[name] = map_
        return activations

    def activate(self, represented: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.activate`."""
        activations = self.convolved(represented)
        *_, last = activations.values()
        features = self.dropout(last.mean(dim=3).flatten(1))
        activations["output"] = self.classifier(features).unsqueeze(2)
        return activations


class CRNN(SpectralCNN):
    """`SpectralCNN` whose last map is read by a recurrent layer, frame after frame.

    The recurrent layer is a gated one (Cho et al., 2014); the classifier gets its last state. Only
    the convolutions can be dreamed of: the meaning of the state changes from frame to frame.
    """

    def __init__(
        self,
        classes: Sequence[str],
        sample_rate: int = 16_000,
        image: str = "mel",
        widths: Sequence[int] = (16, 32, 48, 64),
        frames: int = 96,
        hop: int = 640,
        dropout: float = 0.15,
        memory: int = 64,
    ) -> None:
        """Build an untrained network; `memory` is the size of the recurrent layer's state."""
        super().__init__(classes, sample_rate, image, widths, 3, frames, hop, dropout)
        self.recurrent = nn.GRUCell(self.classifier.in_features, memory)
        self.classifier = nn.Linear(memory, len(self.classes))

    def activate(self, represented: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.activate`."""
        activations = self.convolved(represented)
        *_, last = activations.values()
        features = self.dropout(last.permute(0, 3, 1, 2).flatten(2))
        # Written out, so that it can be exported.
        cell = self.recurrent
        heard = features @ cell.weight_ih.T + cell.bias_ih
        state = torch.zeros_like(heard[:, 0, : cell.hidden_size])
        for frame in range(heard.shape[1]):
            recalled = state @ cell.weight_hh.T + cell.bias_hh
            reset_in, update_in, new_in = heard[:, frame].chunk(3, dim=1)
            reset_re, update_re, new_re = recalled.chunk(3, dim=1)
            reset, update = (reset_in + reset_re).sigmoid(), (update_in + update_re).sigmoid()
            new = (new_in + reset * new_re).tanh()
            state = new + update * (state - new)
        activations["output"] = self.classifier(state).unsqueeze(2)
        return activations
