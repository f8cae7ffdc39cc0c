"""Plays any torch module without an export: a pack whose network runs in torch itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from ..engine.arrays import Float
from ..engine.packs.auralise_runner import Auraliser, selections
from ..engine.packs.manifest import OUTPUT_LAYER, SCHEMA_VERSION, LayerInfo, Manifest
from ..engine.packs.onnx_runners import Rule, as_direction, as_waveform, check_layers, rule_number
from ..engine.packs.pack import Pack
from ..models.networks.geometry import layer_geometry
from ..models.networks.listener import Listener
from .capture.reference import torch_deconvolve, torch_dream, torch_hear
from .capture.threads import torch_threads
from .capture.wrap_module import Scores, WrappedModule
from .torch_dreamer import TorchDreamer


class TorchPack(Pack):
    """A torch module in the place of a model pack; it lies in no folder.

    It has no templates, so the drive `track` cannot be used. The rules `deconv` and `guided` act
    on modules `nn.ReLU` where a stream is played.
    """

    def __init__(
        self,
        module: nn.Module,
        sample_rate: int,
        window: int,
        layers: Sequence[str] | None = None,
        *,
        name: str = "torch",
        classes: Sequence[str] | None = None,
        scores: Scores = "sigmoid",
    ) -> None:
        """Wrap a module; the arguments are those of `export`.

        Raises:
            ModelError: a module of another kind.
            ParameterError: a setting that cannot be.
        """
        self.listener = WrappedModule(module, sample_rate, window, layers, classes, scores)
        with torch_threads(1):
            measured = layer_geometry(self.listener)
        told = tuple(
            LayerInfo(
                name=layer.name,
                units=layer.units,
                hop=max(1, layer.hop),
                receptive_field=max(1, layer.receptive_field),
            )
            for layer in measured
        )
        self.folder = Path()
        # Without the check: it would miss the graphs.
        self.manifest = Manifest.model_construct(
            schema_version=SCHEMA_VERSION,
            name=name,
            title=type(module).__qualname__,
            sample_rate=sample_rate,
            window=window,
            hop=self.listener.hop,
            front_end=self.listener.front_end,
            layers=told,
            classes=self.listener.classes,
            files={},
            licence="",
            training_data="",
        )
        self._layers = MappingProxyType({layer.name: layer for layer in told})

    def dreamer(self) -> TorchDreamer:
        """Return where `Processor(pack, dreamer=...)` gets its gradients."""
        return TorchDreamer(self.listener, self.layers)

    def hear(self, waveform: ArrayLike) -> dict[str, Float]:
        """Return every layer's activations; see `Pack.hear`."""
        array = torch.from_numpy(as_waveform(waveform, self.window))
        return {name: map_.numpy() for name, map_ in torch_hear(self.listener, array).items()}

    def auraliser(self, threads: int | None = None) -> Auraliser:
        """Return what auralises, in torch itself; see `Pack.auraliser`."""
        return _TorchAuraliser(self.listener, self.window, self.layers)

    def dream(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return the objective and its gradient; see `Pack.dream`."""
        array = as_waveform(waveform, self.window)
        check_layers(directions, self.layers)
        rule_number(rule)
        asked = {OUTPUT_LAYER: np.zeros(len(self.classes), np.float32), **directions}
        in_torch = {
            name: torch.tensor(as_direction(direction, self.layers[name], len(array)))
            for name, direction in asked.items()
        }
        objective, gradient = torch_dream(self.listener, torch.from_numpy(array), in_torch, rule)
        return objective.numpy(), gradient.numpy()


class _TorchAuraliser(Auraliser):
    """The deconvolution network of a torch module, by torch's autograd."""

    def __init__(self, listener: Listener, window: int, layers: Mapping[str, LayerInfo]) -> None:
        self.window, self.layers, self.spectrum = window, layers, listener.spectrum
        self._listener = listener

    def run(
        self, waveform: ArrayLike, kept: Mapping[str, ArrayLike], rule: str = "deconv"
    ) -> Float:
        array = as_waveform(waveform, self.window)
        check_layers(kept, self.layers)
        rule_number(rule)
        batch = selections(array, kept)
        in_torch = {
            name: torch.tensor(as_direction(weights, self.layers[name], batch))
            for name, weights in kept.items()
        }
        each = torch.from_numpy(array).expand(batch, -1)
        result = torch_deconvolve(self._listener, each, in_torch, rule)
        return np.asarray(result.detach().numpy(), np.float32)
