"""Builds YAMNet from the weights that Google publishes: a TensorFlow Lite or a Keras file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...engine.arrays import Float
from ...engine.errors import ModelError
from ...models.networks.yamnet import LAYERS, YAMNet
from .keras import HDF5_IDENTIFIER, read_keras_weights
from .tflite import TfliteLayer, read_tflite_layers

Part = tuple[Float, Float]
"""Weight and bias of a convolution [out, in, frequency, time], or of the classifier [out, in]."""

NORM_EPSILON = 1e-4
"""Of YAMNet's batch normalisations, which shift, but have no scale of their own."""
_OTHER = "it holds another network than YAMNet"
_LARGEST_FILE = 200_000_000
_CONV, _DEPTHWISE, _DENSE = "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"


def import_yamnet(path: str | Path) -> YAMNet:
    """Return YAMNet with the weights of a file, in evaluation mode.

    Args:
        path: of `yamnet.tflite` or `yamnet.h5`; the content decides which it is.

    Raises:
        ModelError: where the file is missing, damaged, or of another network.
    """
    path = Path(path)
    network = YAMNet()
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError("it is far too large to hold YAMNet's weights")
        with path.open("rb") as file:
            is_keras = file.read(len(HDF5_IDENTIFIER)) == HDF5_IDENTIFIER
        if is_keras:
            parts = _keras_parts(read_keras_weights(path))
        else:
            parts = _tflite_parts(read_tflite_layers(path.read_bytes()))
        network.load_state_dict(_state(network, parts))
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}; YAMNet needs yamnet.tflite or yamnet.h5.") from error
    return network.eval()


def _part_kinds() -> dict[str, str]:
    """Return the parts of the network with weights, in network order, and their kinds."""
    kinds = {"blocks.layer1.conv": _CONV}
    for number in range(2, len(LAYERS) + 1):
        kinds[f"blocks.layer{number}.depthwise.conv"] = _DEPTHWISE
        kinds[f"blocks.layer{number}.pointwise"] = _CONV
    return kinds | {"classifier": _DENSE}


def _tflite_parts(layers: list[TfliteLayer]) -> dict[str, Part]:
    """Return the parts of the trunk, without the products of the front end, which come first."""
    first = next((place for place, layer in enumerate(layers) if layer.kind == _CONV), 0)
    trunk, kinds = layers[first:], _part_kinds()
    if [layer.kind for layer in trunk] != list(kinds.values()):
        raise ModelError(_OTHER)
    axes = {_CONV: (0, 3, 2, 1), _DEPTHWISE: (3, 0, 2, 1), _DENSE: (0, 1)}
    parts = {}
    for name, layer in zip(kinds, trunk, strict=True):
        if layer.bias is None or layer.weight.ndim != len(axes[layer.kind]):
            raise ModelError(_OTHER)
        parts[name] = layer.weight.transpose(axes[layer.kind]), layer.bias
    return parts


def _keras_parts(arrays: Mapping[str, Float]) -> dict[str, Part]:
    """Return the parts, with normalisations folded into the convolutions before them."""
    axes = {_CONV: (3, 2, 1, 0), _DEPTHWISE: (2, 3, 1, 0), _DENSE: (1, 0)}
    parts = {}
    for name, kind in _part_kinds().items():
        if kind == _DENSE:
            # Its layer is called "logits" or "dense", by the version of YAMNet's source.
            (layer,) = {
                path.split("/")[-2]
                for path, array in arrays.items()
                if path.endswith("/kernel") and array.ndim == 2
            } or {"logits"}
            weight, bias = _find(arrays, f"{layer}/kernel"), _find(arrays, f"{layer}/bias")
        else:
            layer = _keras_layer(name)
            kernel = "depthwise_kernel" if kind == _DEPTHWISE else "kernel"
            weight = _find(arrays, f"{layer}/{kernel}")
            beta, mean, variance = (
                _find(arrays, f"{layer}/bn/{each}")
                for each in ("beta", "moving_mean", "moving_variance")
            )
            scale = 1.0 / np.sqrt(variance + np.float32(NORM_EPSILON))
            bias = beta - mean * scale
            if weight.ndim != 4 or len(scale) != weight.shape[2 if kind == _DEPTHWISE else 3]:
                raise ModelError(_OTHER)
            weight = weight * (scale[:, None] if kind == _DEPTHWISE else scale)
        if weight.ndim != len(axes[kind]):
            raise ModelError(_OTHER)
        parts[name] = weight.transpose(axes[kind]), bias
    return parts


def _keras_layer(part: str) -> str:
    """Return Keras' name of a convolution, e.g. "layer2/depthwise_conv"."""
    _, layer, *rest = part.split(".")
    return f"{layer}/conv" if rest == ["conv"] else f"{layer}/{rest[0]}_conv"


def _find(arrays: Mapping[str, Float], name: str) -> Float:
    """Return the array of that name; Keras puts the layer's own name, or more, before it."""
    found = [array for path, array in arrays.items() if f"/{path}".endswith(f"/{name}")]
    if len(found) != 1:
        raise ModelError(f"{_OTHER}: {name} is missing")
    return found[0]


def _state(network: YAMNet, parts: Mapping[str, Part]) -> dict[str, Tensor]:
    """Return the parts as the state of the network.

    Raises:
        ModelError: where a shape is another, or a number is none.
    """
    expected = network.state_dict()
    state = {}
    for name, part in parts.items():
        for what, array in zip(("weight", "bias"), part, strict=True):
            key = f"{name}.{what}"
            if tuple(array.shape) != tuple(expected[key].shape):
                raise ModelError(_OTHER)
            if not np.isfinite(array).all():
                raise ModelError("it is damaged: a weight is not a number")
            state[key] = torch.from_numpy(np.array(array, np.float32, order="C"))
    return state
