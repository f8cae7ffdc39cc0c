"""Rebuilds the torch network of a model pack from its manifest and weights."""

from ...engine.errors import ModelError, nearest
from ...engine.packs.manifest import WEIGHTS_FILE
from ...engine.packs.pack import Pack
from .listener import Listener
from .registry import ARCHITECTURES


def restore(pack: Pack) -> Listener:
    """Return the network of a pack, in evaluation mode, its weights frozen.

    The weights are read as tensors and nothing else; the architecture must be one of ours.

    Args:
        pack: with an architecture in its manifest and `weights.safetensors`.

    Raises:
        ModelError: the pack names no architecture that we know, or its weights do not fit it.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    architecture = pack.manifest.architecture
    if architecture is None:
        raise ModelError(f"The pack {pack.name!r} does not say which torch network it comes from.")
    if architecture.name not in ARCHITECTURES:
        hint = nearest(architecture.name, ARCHITECTURES)
        raise ModelError(f"The pack {pack.name!r} has the network {architecture.name!r}. {hint}")
    build = ARCHITECTURES[architecture.name]
    try:
        network = build(classes=pack.classes, sample_rate=pack.sample_rate, **architecture.settings)
        network.load_state_dict(load(pack.read(WEIGHTS_FILE)))
    except (TypeError, ValueError, RuntimeError, SafetensorError) as problem:
        line = str(problem).splitlines()[0]
        raise ModelError(f"The weights of {pack.name!r} do not fit its network: {line}") from None
    return network.eval().requires_grad_(False)
