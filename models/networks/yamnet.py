"""YAMNet: Google's classifier of 521 kinds of sound, a MobileNet on log-mel patches."""

from collections.abc import Sequence
from importlib.resources import files

from torch import Tensor, nn
from torch.nn import functional

from .front_ends import YAMNET_HOP, YAMNET_RATE, YAMNET_WINDOW, LogMel
from .geometry import LayerGeometry
from .listener import Listener

WINDOW = 15_600
"""Samples of one patch: 96 frames of 25 ms, one every 10 ms."""
PATCH_FRAMES = 96
CLASSES = 521
PATCH_HOP = 7_680
"""Samples between two patches, as published."""
KERNEL = 3
LAYERS = (
    # units, stride of layer1, layer2, ...
    (32, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


def class_names() -> tuple[str, ...]:
    """Return the names of YAMNet's 521 classes, in the order of its scores."""
    text = (files(__package__) / "yamnet_classes.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def yamnet_geometry() -> list[LayerGeometry]:
    """Return the geometry of YAMNet's layers, in network order.

    It is computed, not measured: the deep layers see more than a window, so a measurement would
    cut them off.
    """
    field, hop = YAMNET_WINDOW, YAMNET_HOP
    layers = []
    for number, (units, stride) in enumerate(LAYERS, 1):
        field += (KERNEL - 1) * hop
        hop *= stride
        frames = PATCH_FRAMES * YAMNET_HOP // hop
        layers.append(LayerGeometry(f"layer{number}", units, frames, hop, min(field, WINDOW)))
    return [*layers, LayerGeometry("output", CLASSES, 1, WINDOW, WINDOW)]


class YAMNet(Listener):
    """Layers `layer1`, ..., `layer14`, and `output`: the classes' scores.

    `layer1` is a convolution; each of the others convolves every unit by itself (depthwise), then
    mixes the units (pointwise), with a ReLU after both. The mean of `layer14` over its map is
    YAMNet's embedding. Batch normalisations are expected to be part of the convolutions' weights.

    After Plakal and Ellis, github.com/tensorflow/models, research/audioset/yamnet; MobileNet is
    Howard et al., 2017, arXiv 1704.04861.
    """

    def __init__(
        self,
        classes: Sequence[str] | None = None,
        sample_rate: int = YAMNET_RATE,
        hop: int = PATCH_HOP,
    ) -> None:
        """Build an untrained network.

        Args:
            classes: names of the units of `output`; by default YAMNet's own.
            sample_rate: in hertz; YAMNet is trained for 16,000.
            hop: samples between two windows of a stream.
        """
        super().__init__()
        self.sample_rate = sample_rate
        self.window = WINDOW
        self.hop = hop
        self.front_end = "log-mel, 64 bands from 125 to 7500 Hz, 25 ms every 10 ms"
        self.classes = class_names() if classes is None else tuple(classes)
        self.log_mel = LogMel()
        blocks: dict[str, nn.Module] = {}
        inner = 0
        for number, (outer, stride) in enumerate(LAYERS, 1):
            blocks[f"layer{number}"] = (
                Separable(inner, outer, stride) if inner else SamePadded(1, outer, stride)
            )
            inner = outer
        self.blocks = nn.ModuleDict(blocks)
        self.classifier = nn.Linear(inner, len(self.classes))

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.forward`."""
        return self.trunk(self.log_mel(waveform))

    def trunk(self, patch: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations for log-mel patches, [batch, 64, 96]."""
        activations: dict[str, Tensor] = {}
        signal = patch.unsqueeze(1)
        for name, block in self.blocks.items():
            signal = block(signal)
            activations[name] = signal
        activations["output"] = self.classifier(signal.mean(dim=(2, 3))).unsqueeze(2)
        return activations


class SamePadded(nn.Module):
    """A 3 x 3 convolution and a ReLU, padded as TensorFlow pads "same".

    With a stride of 2 and an even size all of the padding is at the end.
    """

    def __init__(self, inner: int, outer: int, stride: int, groups: int = 1) -> None:
        """Build it for maps of `inner` units; the arguments are those of nn.Conv2d."""
        super().__init__()
        self.ends_only = stride == 2
        self.conv = nn.Conv2d(
            inner, outer, KERNEL, stride, padding=0 if self.ends_only else 1, groups=groups
        )

    def forward(self, signal: Tensor) -> Tensor:
        """Return [batch, outer, height / stride, width / stride]; sizes are even."""
        if self.ends_only:
            signal = functional.pad(signal, (0, 1, 0, 1))
        convolved: Tensor = self.conv(signal)
        return convolved.relu()


class Separable(nn.Module):
    """A depthwise convolution, then a pointwise one."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        """Build it; the stride is that of the depthwise convolution."""
        super().__init__()
        self.depthwise = SamePadded(inner, inner, stride, groups=inner)
        self.pointwise = nn.Conv2d(inner, outer, 1)

    def forward(self, signal: Tensor) -> Tensor:
        """Return [batch, outer, height / stride, width / stride]."""
        mixed: Tensor = self.pointwise(self.depthwise(signal))
        return mixed.relu()
