"""Runs a pack's auralise graph: what chosen feature maps bring back to the network's input."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..errors import ModelError
from .manifest import LayerInfo
from .onnx_runners import as_direction, as_waveform, check_layers, rule_number

KEEP_PREFIX = "keep."
OUTPUT = "brought_back"
LENGTH_KEY, HOP_KEY = "spectrum.length", "spectrum.hop"
"""Keys of the graph's metadata, where its result lies on a short-time Fourier transform."""


class Auraliser:
    """The deconvolution network of a network: `auralise.onnx`, opened.

    Attributes:
        spectrum: length and hop, in samples, of the transform on whose magnitudes the result
            lies; None where it is a waveform.
    """

    def __init__(self, session: Any, window: int, layers: Mapping[str, LayerInfo]) -> None:
        """Wrap an ONNX Runtime session.

        Raises:
            ModelError: the graph does not auralise these layers.
        """
        self.window = window
        self.layers = layers
        self._session = session
        wanted = {"waveform", "rule", *(KEEP_PREFIX + name for name in layers)}
        shapes = {each.name: each.shape for each in session.get_inputs()}
        if set(shapes) != wanted:
            raise ModelError("auralise.onnx does not fit the manifest's layers.")
        # Graphs of old packs have one batch for both, and want a waveform for each selection.
        batches = {shape[0] for shape in shapes.values() if shape}
        self._shares = len(batches) > 1
        metadata = session.get_modelmeta().custom_metadata_map
        self.spectrum: tuple[int, int] | None = None
        if LENGTH_KEY in metadata:
            try:
                self.spectrum = int(metadata[LENGTH_KEY]), int(metadata[HOP_KEY])
            except (KeyError, ValueError):
                raise ModelError("The metadata of auralise.onnx give no valid spectrum.") from None
            length, hop = self.spectrum
            if not 0 < hop <= length <= window or length % 2 or length % hop:
                raise ModelError(
                    f"The metadata of auralise.onnx give a spectrum of {length}/{hop}."
                )

    def run(
        self, waveform: ArrayLike, kept: Mapping[str, ArrayLike], rule: str = "deconv"
    ) -> Float:
        """Run the network forwards, and from the kept feature maps back to its input.

        Each layer's feature maps themselves, weighed, are what goes backwards (Zeiler & Fergus,
        2014; Choi et al., 2015), not a constant as in a gradient. `output` brings back its scores
        after the last non-linearity, so that a class that is not heard brings back nothing.

        Args:
            waveform: [batch, window] (or [window]), full scale at 1, at the pack's rate. One
                waveform for many selections goes forwards once.
            kept: layer -> weight of each feature map, [units] or [batch, units]; those of layers
                left out count as zero.
            rule: how a ReLU with input f passes g backwards, see `Pack.value_and_grad`.
                Max-poolings pass it to where the largest sample was, by every rule.

        Returns:
            float32 [batch, bins, frames] where `spectrum` says which, else [batch, window]; of the
            network's input as it is once its window was brought to one level.

        Raises:
            ModelError: for a layer or a shape that the model does not have.
            ParameterError: for an unknown rule.
        """
        array = as_waveform(waveform, self.window)
        check_layers(kept, self.layers)
        batch = selections(array, kept)
        if not self._shares:
            array = np.ascontiguousarray(np.broadcast_to(array, (batch, self.window)))
        feeds: dict[str, Any] = {"waveform": array, "rule": np.array(rule_number(rule), np.int64)}
        for name, layer in self.layers.items():
            weights = kept.get(name, np.zeros(layer.units, np.float32))
            feeds[KEEP_PREFIX + name] = as_direction(weights, layer, batch)
        (result,) = self._session.run([OUTPUT], feeds)
        return np.asarray(result, np.float32)


def selections(waveform: Float, kept: Mapping[str, ArrayLike]) -> int:
    """Return how many selections of feature maps there are, for one waveform or one for each.

    Args:
        waveform: [batch, window].
        kept: layer -> [units] or [batch, units].
    """
    if len(waveform) > 1:
        return len(waveform)
    return max((np.shape(each)[0] for each in kept.values() if np.ndim(each) == 2), default=1)
