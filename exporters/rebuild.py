"""Builds the torch network of a model pack again, from its architecture and its weights."""

import torch

from ..engine.errors import ModelError, nearest
from ..engine.manifest import WEIGHTS_FILE
from ..engine.modelpack import Pack
from ..models.listener import Listener
from ..models.recipes import ARCHITECTURES


def rebuild_listener(pack: Pack) -> Listener:
    """Return the network behind a pack's graphs, in eval mode, its weights frozen.

    Raises:
        ModelError: where the manifest names no architecture, an unknown one, or one that the
            weights do not fit.
    """
    from safetensors.torch import load

    architecture = pack.manifest.architecture
    if architecture is None:
        raise ModelError(f"The pack {pack.name!r} does not say which architecture it has.")
    if architecture.name not in ARCHITECTURES:
        suggestion = nearest(architecture.name, ARCHITECTURES)
        raise ModelError(f"There is no architecture {architecture.name!r}. {suggestion}")
    build = ARCHITECTURES[architecture.name]
    state = load(pack.read(WEIGHTS_FILE))
    try:
        with torch.random.fork_rng():  # the weights drawn here are not kept
            listener = build(
                classes=pack.classes, sample_rate=pack.sample_rate, **architecture.settings
            )
        listener.load_state_dict(state)
    except (TypeError, RuntimeError) as error:
        why = str(error).strip().splitlines()[0]
        raise ModelError(
            f"The weights of {pack.name!r} do not fit its architecture: {why}"
        ) from None
    return listener.eval().requires_grad_(False)
