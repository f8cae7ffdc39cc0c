"""Plays any torch module without an export: in the place of a pack, it runs in torch itself."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from ..engine.arrays import Float
from ..engine.drives import Rule
from ..engine.errors import ModelError
from ..engine.packs.auralise_runner import Auraliser, selections
from ..engine.packs.manifest import LayerInfo
from ..engine.packs.network import Activations, GradientSource, PackLike
from ..engine.packs.onnx_device import Device
from ..engine.packs.onnx_runners import as_direction, as_waveform, check_layers, rule_number
from ..models.networks.geometry import layer_geometry
from ..models.networks.listener import Listener
from .capture.reference import torch_deconvolve, torch_hear
from .capture.threads import torch_threads
from .capture.wrap_module import Scores, WrappedModule
from .torch_gradient_source import TorchGradientSource


class TorchPack:
    """A torch module in the place of a model pack, without files.

    Every function that takes a pack takes it. It has no templates, so the drives `track` and
    `grains` refuse it.

    Attributes:
        name: as it is given.
        title: the module's class.
        sample_rate: the rate the network listens at, in hertz.
        window: samples that the network takes at once.
        hop: samples between two windows when the network listens to a stream.
        layers: layer name -> its units, hop and receptive field, in network order.
        classes: names of the units of `output`.
        device: what the network computes on: "cpu".
        has_templates: False.
        listener: the wrapped module.
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
        listener = WrappedModule(module, sample_rate, window, layers, classes, scores)
        with torch_threads(1):
            measured = layer_geometry(listener)
        infos = (
            LayerInfo(
                name=layer.name,
                units=layer.units,
                hop=max(1, layer.hop),
                receptive_field=max(1, layer.receptive_field),
            )
            for layer in measured
        )
        self.name, self.title = name, type(module).__qualname__
        self.sample_rate, self.window, self.hop = sample_rate, window, listener.hop
        self.layers: Mapping[str, LayerInfo] = MappingProxyType({each.name: each for each in infos})
        self.classes = listener.classes
        self.device: Device = "cpu"
        self.has_templates = False
        self.listener = listener
        self._gradients = TorchGradientSource(listener, self.layers)

    def __repr__(self) -> str:
        """Show the name and the module's class."""
        return f"TorchPack({self.name!r}, {self.title})"

    @cached_property
    def fingerprint(self) -> str:
        """A checksum of the module's class and weights, when it is first asked for."""
        digest = hashlib.sha256(self.title.encode())
        for name, tensor in self.listener.state_dict().items():
            digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
            numbers = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(numbers.view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def hear(self, waveform: ArrayLike) -> dict[str, Float]:
        """Return every layer's activations; see `Pack.hear`."""
        array = torch.tensor(as_waveform(waveform, self.window))
        return {name: map_.numpy() for name, map_ in torch_hear(self.listener, array).items()}

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return the objective and its gradient; see `Pack.value_and_grad`."""
        return self._gradients.value_and_grad(waveform, directions, rule)

    def dream(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return what `value_and_grad` returns; see `Pack.dream`."""
        return self.value_and_grad(waveform, directions, rule)

    def value_grad_and_activations(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, Activations]:
        """Return them with activations; see `Pack.value_grad_and_activations`."""
        return self._gradients.value_grad_and_activations(waveform, directions, rule)

    def single_threaded(self) -> "TorchPack":
        """Return the pack itself: torch's threads belong to the whole process."""
        return self

    def gradient_source(self, budget_seconds: float | None = None) -> TorchGradientSource:
        """Return a source of gradients for a stream."""
        return TorchGradientSource(self.listener, self.layers)

    def dreamer(self) -> TorchGradientSource:
        """Return `gradient_source()`; a `Processor` asks for that itself."""
        return self.gradient_source()

    def auraliser(self, threads: int | None = None) -> Auraliser:
        """Return the deconvolution network, in torch itself; see `Pack.auraliser`."""
        return _TorchAuraliser(self.listener, self.window, self.layers)

    def templates(self) -> dict[str, Float]:
        """Refuse: templates are kept in a pack's folder.

        Raises:
            ModelError: always.
        """
        raise ModelError(
            f"The network {self.name!r} has no templates: it is a torch module and no pack."
            " innerear.exporters.export writes a pack that has them."
        )


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


if TYPE_CHECKING:  # proof for the type checker
    _pack_like: type[PackLike] = TorchPack
    _gradient_source: type[GradientSource] = TorchGradientSource
