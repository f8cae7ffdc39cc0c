"""Builds a torch module from the name of its class and a file of weights."""

import importlib
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...engine.errors import ModelError

_WITHIN = ("state_dict", "model_state_dict", "model", "network", "weights")
"""Where checkpoints of trainings keep the weights."""


def load_module(
    checkpoint: str | Path, where: str, settings: Mapping[str, Any] | None = None
) -> nn.Module:
    """Return a module with the weights of a checkpoint.

    The code of the module named is run. The checkpoint is read as tensors and nothing else.

    Args:
        checkpoint: a state written by `torch.save`, or a file `.safetensors`.
        where: "package.module:Class", found as `import` does, and in the working folder.
        settings: keyword arguments that the class is called with.

    Raises:
        ModelError: there is no such class, it cannot be built so, or the weights do not fit it.
    """
    weights = read_weights(Path(checkpoint))
    build = _find_class(where)
    try:
        module = build(**(settings or {}))
    except Exception as problem:  # whatever the class's own code raises
        raise ModelError(f"{where} cannot be built: {_line(problem)}.") from problem
    if not isinstance(module, nn.Module):
        raise ModelError(f"{where} gives a {type(module).__name__}, not a torch module.")
    try:
        module.load_state_dict(_as_named(weights, module))
    except RuntimeError as problem:
        what = " ".join(str(problem).split(":", 1)[-1].split())
        raise ModelError(f"The weights of {checkpoint} do not fit {where}: {what}") from problem
    return module


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, without running code from it.

    Raises:
        ModelError: there is no such file, it is damaged, or it holds something else.
    """
    from safetensors.torch import load_file

    if not path.is_file():
        raise ModelError(f"There is no file {path}.")
    try:
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        raise ModelError(
            f"{path} is damaged, or holds more than weights, which is not loaded: it could run"
            " code. Save the state alone: torch.save(module.state_dict(), FILE)."
        ) from problem
    except OSError as problem:
        raise ModelError(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except Exception as problem:  # whatever reading a damaged file ends in
        raise ModelError(f"{path} is no checkpoint, or damaged: {_line(problem)}.") from problem
    for name in _WITHIN:
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            found = found[name]
            break
    if not isinstance(found, dict) or not all(isinstance(each, Tensor) for each in found.values()):
        raise ModelError(
            f"{path} holds no weights by name. Save the state: torch.save(module.state_dict(),"
            " FILE)."
        )
    return dict(found)


def _find_class(where: str) -> Any:
    name, _, class_name = where.partition(":")
    if not name or not class_name:
        raise ModelError(f"{where!r} names no class: write package.module:Class.")
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(name)
        for part in class_name.split("."):
            found = getattr(found, part)
    except Exception as problem:  # whatever the module's own code raises
        raise ModelError(f"{where} cannot be imported: {_line(problem)}.") from problem
    finally:
        if added:
            sys.path.remove(here)
    return found


def _as_named(weights: dict[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Return the weights without a prefix that training code puts before all names."""
    wanted = set(module.state_dict())
    prefixes = {name.partition(".")[0] for name in weights}
    if len(prefixes) == 1 and not wanted & set(weights):
        prefix = prefixes.pop() + "."
        bare = {name.removeprefix(prefix): tensor for name, tensor in weights.items()}
        if wanted & set(bare):
            return bare
    return weights


def _line(problem: Exception) -> str:
    text = (str(problem).strip() or type(problem).__name__).splitlines()[0]
    return text.rstrip(".")
