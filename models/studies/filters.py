"""The first filters of a network before and after training, and bases of its second layer.

After the pictures of first-layer filters before and after training in Choi et al., 2015, and of
second-layer bases as weighted combinations of first-layer ones in Tanner's lectures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ...engine.arrays import Float
from ...engine.errors import ModelError
from ...engine.packs.pack import Pack
from ...engine.plots.style import new_figure
from ..networks.listener import Listener
from ..networks.restore import restore
from ..networks.samplecnn import SampleCNN
from ..networks.spectral_cnn import SpectralCNN
from ..networks.wavelet_network import WaveletNetwork
from ..training.recipes import RECIPES

_MOST = 48


@dataclass(frozen=True)
class Filters:
    """The filters of a network's first two layers; batch normalisations are part of them.

    Attributes:
        learned: float32 [units, height, width], of the first layer; height is frequency, upwards,
            or 1 on a waveform; width is time.
        initial: the same before training, from the recipe's seed; None where no recipe is known.
        bases: float32 [units, height, width]: the filter of each unit of the second layer on the
            input if there were no pooling and no ReLU between: the sum of the first layer's
            filters, weighted and shifted by the second's.
    """

    learned: Float
    initial: Float | None
    bases: Float

    def changes(self) -> Float | None:
        """Return 1 - cosine of each learned filter and its beginning, [units]; 0 is unchanged."""
        if self.initial is None:
            return None
        one, other = (each.reshape(len(each), -1) for each in (self.learned, self.initial))
        sizes = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
        return np.asarray(1 - (one * other).sum(axis=1) / np.maximum(sizes, 1e-12), np.float32)


def filters_of(pack: Pack) -> Filters:
    """Return the filters of a pack of one of our convolutional architectures.

    Raises:
        ModelError: the network cannot be rebuilt, or has another first layer.
    """
    network = restore(pack)
    initial = None
    recipe = RECIPES.get(pack.name)
    architecture = pack.manifest.architecture
    if recipe is not None and architecture and recipe.architecture == architecture.name:
        torch.manual_seed(recipe.seed)
        initial = first_filters(recipe.untrained(pack.classes).eval())
    learned = first_filters(network)
    if initial is not None and initial.shape != learned.shape:
        initial = None  # the pack was made after another recipe of this name
    return Filters(learned, initial, second_bases(network))


@torch.no_grad()
def first_filters(network: Listener) -> Float:
    """Return a network's first filters, [units, height, width]."""
    if isinstance(network, WaveletNetwork):
        # Real parts; every octave's are as long as its lowest needs.
        waves = []
        octave: Any
        for octave in network.bank.octaves:
            kernels = octave.weight * octave.scale
            count = kernels.shape[0] // 2
            waves += list(kernels[:count].permute(0, 2, 1).flatten(1))
        longest = max(len(wave) for wave in waves)
        same = [functional.pad(wave, [(longest - len(wave)) // 2] * 2) for wave in waves]
        return np.asarray(torch.stack(same)[:, None], np.float32)
    return np.asarray(_effective(_block(network, 0))[:, 0], np.float32)


@torch.no_grad()
def second_bases(network: Listener) -> Float:
    """Return the second layer's bases, [units, height, width].

    On a spectrogram or waveform they are filters of the input. Behind wavelets they are the weights
    themselves: each row a wavelet, each column a frame.
    """
    second = _effective(_block(network, 0 if isinstance(network, WaveletNetwork) else 1))
    if isinstance(network, WaveletNetwork):
        return np.asarray(second[:, :, 0], np.float32)
    first = _effective(_block(network, 0))
    step = _step(network)
    # Spread the weights over the places they look at, and lay a filter at each.
    bases = functional.conv_transpose2d(second, first, stride=step)
    return np.asarray(bases[:, 0], np.float32)


def draw_filters(path: Path, title: str, filters: Filters, waveform: bool) -> None:
    """Draw the filters and bases.

    Args:
        path: of the picture; its suffix is its format.
        title: stands above it.
        filters: to draw; of many the first 48.
        waveform: draw them as curves over time, not as pictures.

    Raises:
        InnerearError: the picture cannot be written.
    """
    parts = [("First layer, learned", filters.learned)]
    if filters.initial is not None:
        parts.insert(0, ("First layer, before training", filters.initial))
    parts.append(("Second layer, as weighted sums of the first", filters.bases))
    columns = 12
    rows = [-(-min(len(array), _MOST) // columns) for _, array in parts]
    with new_figure(path, title, 9.5, 0.85 * sum(rows) + 0.45 * len(parts) + 0.4, 100) as figure:
        for (text, array), part in zip(
            parts,
            np.ravel(
                np.asarray(figure.subfigures(len(parts), 1, height_ratios=[n + 0.5 for n in rows]))
            ),
            strict=True,
        ):
            shown = f" (the first {_MOST} of {len(array)})" if len(array) > _MOST else ""
            part.suptitle(text + shown, x=0.01, ha="left", fontsize=10, fontweight="bold")
            grid = part.subplots(-(-min(len(array), _MOST) // columns), columns, squeeze=False)
            for number, axes in enumerate(grid.ravel()):
                axes.set_axis_off()
                if number < min(len(array), _MOST):
                    _draw_one(axes, array[number], waveform and array.shape[1] == 1)
                    axes.set_title(str(number), fontsize=6.5, pad=1.5, fontweight="normal")


def _draw_one(axes: Any, one: Float, as_curve: bool) -> None:
    peak = float(np.abs(one).max()) or 1.0
    if as_curve:
        # A long wavelet's zeros at both ends would make it a needle.
        (inside,) = np.nonzero(np.abs(one[0]) > 0.01 * peak)
        curve = one[0, inside[0] : inside[-1] + 1] if len(inside) else one[0]
        style = "-" if len(curve) > 12 else ".-"
        axes.axhline(0, color="#c9c9d4", linewidth=0.5)
        axes.plot(curve, style, color="#4b3f72", linewidth=0.8, markersize=3)
        axes.set_ylim(-1.1 * peak, 1.1 * peak)
        return
    axes.imshow(one, origin="lower", cmap="PuOr_r", vmin=-peak, vmax=peak, aspect="auto")


def _block(network: Listener, number: int) -> nn.Sequential:
    blocks = getattr(network, "blocks", None)
    if not isinstance(network, SampleCNN | SpectralCNN | WaveletNetwork) or not isinstance(
        blocks, nn.ModuleDict
    ):
        raise ModelError(
            f"{type(network).__name__} does not begin with blocks of convolution that can be drawn."
        )
    chosen: Sequence[Any] = list(blocks.values())
    block: nn.Sequential = chosen[number]
    return block


def _effective(block: nn.Sequential) -> torch.Tensor:
    """Return a block's kernel with its normalisation, [out, in, height, width]."""
    convolution: Any = block[0]
    norm: Any = block[1]
    weight: torch.Tensor = convolution.weight
    weight = weight.unsqueeze(2) if weight.ndim == 3 else weight
    scale: torch.Tensor = norm.weight / (norm.running_var + norm.eps).sqrt()
    return weight * scale.reshape(-1, 1, 1, 1)


def _step(network: Listener) -> tuple[int, int]:
    """Return the samples of the input between two of the second layer's, in height and width."""
    first: Any = _block(network, 0)[0]
    return (1, first.stride[0]) if isinstance(network, SampleCNN) else (2, 2)
