"""The whole streaming filter dream of one channel as TorchScript, its gradient included.

It does what a `Processor` does with the alignment `live`, the parameterisation `filter`, the drive
`gradient`, the combination `add` and no feedback, for blocks of whole hops.
"""

import torch
from torch import Tensor, nn

from ...engine.dreaming.ascent import AscentShape
from ...engine.dreaming.streaming_dream import update_hop
from ...engine.dsp.smoothing import CLOSE_ENOUGH, pace
from ...engine.dsp.stft import FRAMES_PER_WINDOW
from ...engine.packs.pack import Pack
from ...engine.targets.target import HYSTERESIS
from .filter_ascent import ScriptFilterAscent
from .graph import traced_graphs
from .limiter import ScriptLimiter
from .listening import ScriptUpdates
from .spectral_filter import ScriptSpectralFilter

AUTO = -1
"""The target that is the unit which is most active already."""


class ScriptDream(nn.Module):
    """Hears a stream, and dreams into it.

    Attributes:
        hop: blocks are multiples of it, in samples.
        latency: of what `dream` returns, in samples.
        units: of the layer that is heard and excited.
    """

    activation: Tensor
    positions: Tensor
    heard_window: Tensor
    heard_activation: Tensor
    chosen: int
    updates: int
    mix_from: float
    mix_to: float
    has_begun: bool

    def __init__(self, pack: Pack, layer: str, sample_rate: int, n_fft: int) -> None:
        """Make a module of a pack.

        Args:
            pack: the network.
            layer: in which a unit is excited.
            sample_rate: of the stream, in hertz.
            n_fft: of the filter, in samples.

        Raises:
            ModelError: the pack has an operator that cannot be translated.
        """
        super().__init__()
        self.hop = n_fft // FRAMES_PER_WINDOW
        self.latency = n_fft - self.hop
        self.units = pack.layers[layer].units
        self.gradient, self.hear_graph = traced_graphs(pack, layer)
        between = update_hop(pack.sample_rate)
        shape = AscentShape(pack.window, between, 1, pack.sample_rate, sample_rate, n_fft, True)
        self.updates_of_dream = ScriptUpdates(sample_rate, pack.sample_rate, between)
        self.ascent = ScriptFilterAscent(pack.window, between, pack.sample_rate, shape.frequency)
        self.filter = ScriptSpectralFilter(n_fft, sample_rate, shape.frequency, pack.sample_rate)
        self.limiter = ScriptLimiter(sample_rate, self.hop)
        self.updates_of_hearing = ScriptUpdates(sample_rate, pack.sample_rate, between)
        self.register_buffer("heard_window", torch.zeros(pack.window))
        self.register_buffer("heard_activation", torch.zeros(self.units))
        self.register_buffer("activation", torch.zeros(self.units))
        self.register_buffer("positions", torch.arange(1, self.hop + 1) / self.hop)
        self.auto, self.hysteresis = AUTO, HYSTERESIS
        self.pace, self.close_enough = pace(sample_rate, self.hop), CLOSE_ENOUGH
        self.chosen, self.updates = AUTO, 0
        self.mix_from = self.mix_to = 1.0
        self.has_begun = False

    def dream(self, sound: Tensor, target: int, step: float, range_db: float, mix: float) -> Tensor:
        """Return a block with its dream, late by `latency`.

        Args:
            sound: (samples,), a multiple of `hop`, full scale at 1. NaN and infinity count as
                silence.
            target: a unit of the layer, or -1 for the most active one.
            step: how much of the dream, 0 to 2.
            range_db: how far the filter may lift or cut, 0 to 24 dB.
            mix: 0 is the sound alone, 1 the dreamed sound.

        Returns:
            (samples,), within full scale.
        """
        if sound.numel() % self.hop != 0:
            raise ValueError("the buffer size must be a multiple of the ratio")
        if not self.has_begun:
            self.mix_from = self.mix_to = mix
            self.has_begun = True
        out = torch.empty_like(sound)
        for start in range(0, sound.numel(), self.hop):
            piece = torch.nan_to_num(sound[start : start + self.hop], 0.0, 0.0, 0.0)
            for new in self.updates_of_dream(piece):
                self.update(new, target, step, range_db)
            dry, change = self.filter(piece, self.ascent.spectrum(), step, self.updates > 0)
            gain = self.mix_from + (self.mix_to - self.mix_from) * self.positions
            mixed = dry + gain * change
            out[start : start + self.hop] = self.limiter(mixed, max(float(gain.max()), 0.0))
            self.mix_from = self.mix_to
            self.mix_to += self.pace * (mix - self.mix_to)
            if abs(mix - self.mix_to) < self.close_enough:
                self.mix_to = mix
        return out

    def hear(self, sound: Tensor) -> Tensor:
        """Return the layer's mean activations for each hop of a block.

        Args:
            sound: (samples,), a multiple of `hop`.

        Returns:
            (units, samples / hop); of the layer `output` scores of 0 to 1.
        """
        if sound.numel() % self.hop != 0:
            raise ValueError("the buffer size must be a multiple of the ratio")
        found: list[Tensor] = []
        for start in range(0, sound.numel(), self.hop):
            piece = torch.nan_to_num(sound[start : start + self.hop], 0.0, 0.0, 0.0)
            for new in self.updates_of_hearing(piece):
                self.heard_window = torch.cat((self.heard_window[new.numel() :], new))
                self.heard_activation = self.hear_graph(self.heard_window, torch.zeros(self.units))
            found.append(self.heard_activation)
        return torch.stack(found, 1)

    def update(self, new: Tensor, target: int, step: float, range_db: float) -> None:
        """Take one step of the ascent, after a hop of new sound at the network's rate."""
        self.ascent.push(new)
        heard = self.ascent.heard(step)
        direction = torch.zeros(self.units)
        if target == self.auto and self.updates == 0:
            self.activation = self.hear_graph(heard, direction)
        direction[self.unit(target)] = 1.0
        gradient, self.activation = self.gradient(heard, direction)
        self.ascent.ascend(gradient, range_db)
        self.updates += 1

    def unit(self, target: int) -> int:
        """Return the unit that a target means; `auto` changes only to one that is far stronger."""
        if target != self.auto:
            self.chosen = self.auto
            return min(target, self.units - 1)
        best = int(self.activation.argmax())
        if self.chosen == self.auto:
            self.chosen = best
        least = self.hysteresis * float(self.activation[self.chosen])
        if float(self.activation[best]) > least:
            self.chosen = best
        return self.chosen

    def reset(self) -> None:
        """Clear all sound, dreams and activations."""
        self.updates_of_dream.reset()
        self.updates_of_hearing.reset()
        self.ascent.reset()
        self.filter.reset()
        self.limiter.reset()
        self.heard_window = torch.zeros_like(self.heard_window)
        self.heard_activation = torch.zeros_like(self.heard_activation)
        self.activation = torch.zeros_like(self.activation)
        self.chosen, self.updates = self.auto, 0
        self.has_begun = False
