"""A network whose first layer is a bank of wavelets and a threshold, fixed or learned."""

from collections.abc import Sequence

from torch import Tensor, nn

from .level import UnitLevel
from .listener import Listener
from .wavelets import WaveletBank

HOP = 64
GAIN = 100.0


class WaveletNetwork(Listener):
    """Layers `wavelets`, `conv2`, `conv3`, `conv4`, `output`.

    `wavelets` are sparse codes: magnitudes of Morlet wavelets after a threshold. The classifier
    follows: blocks of [Conv1d over time, BatchNorm, MaxPool, ReLU] on their logarithm.
    """

    def __init__(
        self,
        classes: Sequence[str],
        sample_rate: int = 16_000,
        learned: bool = False,
        threshold: str = "soft",
        tau: float = 0.01,
        octaves: int = 7,
        per_octave: int = 8,
        widths: Sequence[int] = (64, 96, 128),
        pools: Sequence[int] = (4, 4, 2),
        frames: int = 256,
        hop: int = 1024,
        dropout: float = 0.15,
    ) -> None:
        """Build an untrained network.

        Args:
            classes: names of the units of `output`.
            sample_rate: in hertz.
            learned: whether training changes the wavelets.
            threshold: soft or hard.
            tau: of the threshold; a tone of amplitude 1 has about 0.5.
            octaves: of wavelets, from 55 Hz upwards.
            per_octave: wavelets in each.
            widths: units of each convolution.
            pools: frames that each block's pooling makes one of.
            frames: of the wavelets in a window.
            hop: samples between two windows of a stream.
            dropout: part of the features dropped before the classifier, in training.
        """
        super().__init__()
        self.sample_rate = sample_rate
        self.hop = hop
        kind = "learned filters that began as" if learned else "a fixed bank of"
        self.front_end = (
            f"{kind} {octaves * per_octave} Morlet wavelets, {threshold} threshold; "
            "each window brought to one level"
        )
        self.classes = tuple(classes)
        self.window = frames * HOP
        self.level = UnitLevel()
        self.bank = WaveletBank(
            sample_rate, HOP, 55.0, octaves, per_octave, tau, threshold, learned
        )
        self.blocks = nn.ModuleDict()
        before = octaves * per_octave
        for number, (width, pool) in enumerate(zip(widths, pools, strict=True), 2):
            self.blocks[f"conv{number}"] = nn.Sequential(
                nn.Conv1d(before, width, 3, padding=1, bias=False),
                nn.BatchNorm1d(width),
                nn.MaxPool1d(pool),
                nn.ReLU(),
            )
            before = width
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(before, len(self.classes))

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.forward`."""
        return self.activate(self.represent(waveform))

    def represent(self, waveform: Tensor) -> Tensor:
        """Return the waveform, brought to one level."""
        level: Tensor = self.level(waveform)
        return level

    def activate(self, represented: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations for a waveform at one level."""
        codes: Tensor = self.bank(represented)
        activations = {"wavelets": codes}
        signal = (1.0 + GAIN * codes).log()
        for name, block in self.blocks.items():
            signal = block(signal)
            activations[name] = signal
        features = self.dropout(signal.mean(dim=2))
        activations["output"] = self.classifier(features).unsqueeze(2)
        return activations
